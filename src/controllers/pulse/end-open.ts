/**
 * What must end before a beat may decide: moves that somebody died in, and approvals that the human has answered or the world
 * has overtaken. Each step is safe to repeat.
 */
import { recover, type Settled, settleApproval } from '../../act/act.js';
import { oneLine } from '../../lib/clip.js';
import { isLive } from '../../model/fleet.js';
import { LIMITS } from '../../model/limits.js';
import type { Memory } from '../../model/memory.js';
import { recordAnswer } from '../../store/asks.js';
import { logEvent } from '../../store/events.js';
import { intentRuns } from '../../store/intents.js';
import { readLeases, reapLeases } from '../../store/leases.js';
import { writeMemory } from '../../store/memory.js';
import { followUp, withShell } from './acting.js';
import { actDeps, type Beat } from './beat.js';
import { fleetOf } from './observe.js';
import type { ApprovalStep } from './plan.js';

/** Completes moves that somebody died in; their shell output goes to the next decision. */
export async function adopt(beat: Beat, memory: Memory): Promise<Memory> {
  const completed = intentRuns(beat.disk).length === 0 ? memory : await complete(beat, memory);
  return followUp(beat.disk, completed, beat.at);
}

async function complete(beat: Beat, memory: Memory): Promise<Memory> {
  let next = memory;
  for (const { run, result, cmd, origin } of await recover(actDeps(beat), beat.at)) {
    const said = result.state === 'done' ? result.summary : 'reason' in result ? result.reason : result.state;
    beat.log(result.state === 'done' ? 'ok' : 'warn', 'move.recovered', `finished after an interruption · ${said}`, {
      run,
      origin,
    });
    // What a human ran by hand is theirs to read.
    if (origin !== 'human' && 'output' in result && result.output)
      next = withShell(next, { cmd, run, output: result.output }, beat.at);
  }
  return next;
}

/**
 * Frees the leases of workers that are proven dead. One held by a name that never was a worker is a human's: it stays until it
 * is given back or contended. Where life cannot be told, nothing is freed.
 */
export async function freeDeadLeases(beat: Beat): Promise<void> {
  if (readLeases(beat.disk).leases.length === 0) return;
  const fleet = await fleetOf(beat.disk, beat.settings.knobs, beat.at);
  if (fleet.problems.length > 0) return;
  const views = new Map(fleet.views.map((view) => [view.id, view]));
  const freed = await reapLeases(beat.disk, async ({ session, generation }) => {
    const view = views.get(session);
    if (!view) return generation === undefined;
    return isLive(view) && (generation === undefined || generation === view.generation);
  });
  for (const { name, session } of freed) {
    beat.log('warn', 'lease.reaped', `lease ${name} freed · its holder ${session} is dead`);
    logEvent(beat.disk, beat.at, 'lease.reaped', { lease: name, session });
  }
}

/**
 * Acts on approvals that ended; `acted` when there was one, and then the world is to be looked at anew. What the next decision is told
 * of each is in the memory, and durable, before its answer is consumed.
 */
export async function endApprovals(
  beat: Beat,
  steps: readonly ApprovalStep[],
  world: string,
  memory: Memory,
): Promise<{ memory: Memory; acted: boolean }> {
  let next = memory;
  for (const step of steps) {
    if (step.do === 'expire') {
      const text = 'the world it was proposed in moved on';
      if (
        recordAnswer(
          beat.disk,
          { id: step.ask.id, outcome: 'expired', answer: text, by: 'tend', channel: 'pulse' },
          beat.at,
        )
      ) {
        beat.log('warn', 'approval.expired', `approval ${step.ask.id} expired · ${text}`);
      }
      continue;
    }
    const ended = (result: Settled) => {
      next = withSettled(next, step, effectOf(result));
      const cmd = step.ask.proposal?.move.action === 'run_shell' ? step.ask.proposal.move.cmd : '';
      if ('output' in result && result.output)
        next = withShell(next, { cmd, run: step.ask.id, output: result.output }, beat.at);
      writeMemory(beat.disk, next);
    };
    const result = await settleApproval(actDeps(beat), step.ask, { answer: step.answer, world, ended }, beat.at);
    if (result.state === 'left-running') return { memory: next, acted: true };
    beat.log(
      result.state === 'done' ? 'ok' : 'warn',
      'approval.settled',
      `approval ${step.ask.id} · ${effectOf(result)}`,
      { ask: step.ask.id },
    );
  }
  return { memory: next, acted: steps.length > 0 };
}

function effectOf(result: Settled): string {
  switch (result.state) {
    case 'done':
      return `yes, ran: ${result.summary}${result.output ? ` (exit ${result.output.exit_code})` : ''}`;
    case 'denied':
      return `no${result.reason ? `: ${result.reason}` : ''}`;
    case 'expired':
      return 'expired, nothing ran: the world moved on; propose it again if it is still wanted';
    case 'asked':
      return `asked as ${result.ask}`;
    case 'left-running':
      return 'yes, still running';
    default:
      return `yes, but it ${result.state}: ${result.reason}`;
  }
}

/** As many as a prompt has room for; older ones are in the journal. */
const SETTLED_MAX = 20;

function withSettled(memory: Memory, step: Extract<ApprovalStep, { do: 'settle' }>, effect: string): Memory {
  const { ask, answer } = step;
  const question = oneLine(
    ask.proposal?.move.action === 'run_shell' ? ask.proposal.move.cmd : ask.prompt,
    LIMITS.promptShellCommandChars,
  );
  const said = oneLine(answer.answer, LIMITS.promptAskChars);
  const entry = {
    id: ask.id,
    question,
    outcome: answer.outcome,
    answer: said,
    by: answer.by,
    effect: oneLine(effect, LIMITS.promptFailureChars),
  };
  return {
    ...memory,
    settled: [...(memory.settled ?? []).filter((one) => one.id !== ask.id), entry].slice(-SETTLED_MAX),
  };
}
