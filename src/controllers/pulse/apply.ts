/**
 * The second half of a beat: decide, act on one move, remember. The memory is written last, so dying anywhere makes the next beat
 * look again; what it must not repeat is kept from repeating by the door.
 */
import { type ActResult, act } from '../../act/act.js';
import { breakerStamp, eased, endBreakerAsk, withBreakerAsk } from '../../decide/breaker.js';
import { type DecideResult, decide } from '../../decide/decide.js';
import { sameCause } from '../../decide/failure.js';
import { gatherInbox } from '../../decide/inbox.js';
import type { Inbox } from '../../decide/prompt/prompt-input.js';
import { afterFailure, afterSuccess } from '../../decide/remember.js';
import { waiterLife } from '../../host/ask-waiter.js';
import { TendError } from '../../model/error.js';
import { isLive, isUnknown } from '../../model/fleet.js';
import { unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import type { Memory } from '../../model/memory.js';
import type { ShellOutput } from '../../model/run.js';
import { consumeAnswer } from '../../store/asks.js';
import { logEvent } from '../../store/events.js';
import { journalTail } from '../../store/journal.js';
import { writeMemory } from '../../store/memory.js';
import type { RunRef } from '../../store/runs.js';
import { spendBelongs } from '../../store/spend.js';
import { actingOf } from './acting.js';
import { actDeps, type Beat, decideDeps, now } from './beat.js';
import type { Observed } from './observe.js';
import { withOwnEffects } from './own-effects.js';
import { aboutOf, account, type Seen, seenIn, tellFailure, tellMove } from './telling.js';

/** The mailbox for this decision: what files say, and what became of approvals since the last one. */
export async function inboxOf(
  { disk, env, profile }: Pick<Beat, 'disk' | 'env' | 'profile'>,
  observed: Pick<Observed, 'fleet' | 'fleetProblems'>,
  memory: Pick<Memory, 'settled'>,
): Promise<Inbox> {
  const alive = new Map(observed.fleet.map((view) => [view.id, view]));
  const inbox = await gatherInbox(disk, async (worker, generation, waiter) => {
    // Calling it stranded would have its work done twice and take its answer away; the next look may know more.
    if (isUnknown(worker, observed.fleetProblems)) return true;
    const view = alive.get(worker);
    if (view && isLive(view) && (generation === undefined || view.generation === generation)) return true;
    // A script of the human asks under a name of its own: while its process blocks on the ask, the answer is its alone.
    return waiter !== undefined && (await waiterLife(env, profile.dataDir, waiter)) !== 'dead';
  });
  const settled = (memory.settled ?? []).map((one) => ({
    ...one,
    worker: 'gate',
    kind: 'approval' as const,
    life: 'standing' as const,
  }));
  const known = new Set(settled.map((one) => one.id));
  // An approval that is answered but not settled is not for the decider to act on.
  const rest = inbox.answers.filter((one) => one.kind !== 'approval' && !known.has(one.id));
  return { ...inbox, answers: [...settled, ...rest] };
}

/** Decides and acts. Returns the result, for the date of the next beat, and the memory as it was written. */
export async function decideAndAct(
  beat: Beat,
  observed: Observed,
  memory: Memory,
): Promise<{ result: DecideResult; memory: Memory }> {
  const inbox = await inboxOf(beat, observed, memory);
  const journal = journalTail(beat.disk, LIMITS.journalTail).map((line) => line.replace(/^- /, ''));
  const save = (next: Memory) => writeMemory(beat.disk, { ...next, flaps: observed.flaps });
  const deps = await decideDeps(beat, save);
  const stamp = breakerStamp(beat.settings.loaded.config, observed.world.policyHash);
  const result = await decide(deps, {
    world: observed.world,
    memory: await eased(beat.disk, memory, stamp),
    now: beat.at,
    forced: beat.forced,
    input: { inbox, journal },
  });
  const seen = seenIn(memory, observed.world);
  const after =
    result.state === 'idle'
      ? result.memory
      : result.state === 'failed'
        ? failed({ beat, observed, stamp, seen }, result)
        : await carryOut({ beat, observed, save, seen }, result);
  const next = await withBreakerAsk(beat.disk, after, now());
  save(next);
  endBreakerAsk(beat.disk, memory, next, now());
  return { result, memory: next };
}

function failed(
  { beat, observed, stamp, seen }: { beat: Beat; observed: Observed; stamp: string; seen: Seen },
  result: Extract<DecideResult, { state: 'failed' }>,
): Memory {
  const run = result.run?.ref.id;
  // Told to stop in the middle of it: that says nothing about the runner.
  if (result.code === 'aborted') return result.memory;
  tellFailure(beat, { code: result.code, error: result.error, ...aboutOf(result, seen) });
  account(beat, result, false, `${result.code}: ${result.error}`);
  const same = sameCause(result);
  const cause = {
    stamp,
    breakerFails: beat.settings.knobs.breakerFails,
    ...(same === undefined ? {} : { same }),
    ...(result.retryAt === undefined ? {} : { retryAt: result.retryAt }),
  };
  const failure = { code: result.code, error: result.error, now: now(), policyHash: observed.world.policyHash, cause };
  return afterFailure(result.memory, run === undefined ? failure : { ...failure, run });
}

type MoveResult = Extract<DecideResult, { state: 'move' }>;

interface Carrying {
  beat: Beat;
  observed: Observed;
  save(memory: Memory): void;
  seen: Seen;
}

async function carryOut({ beat, observed, save, seen }: Carrying, result: MoveResult): Promise<Memory> {
  const { decided, run, by } = result;
  const acting = actingOf(result, observed.world, now());
  const { knobs } = beat.settings;
  const proposal = {
    move: decided.move,
    ...(decided.journal === undefined ? {} : { journal: decided.journal }),
    origin: { by: 'pulse' as const, ...(result.goal === undefined ? {} : { rule: result.goal }) },
    world: observed.world.approvalHash,
    run: acting.run,
  };
  // The door keeps a run from acting twice; that this beat is that run must be known to the life after ours as well.
  if (by !== 'embedded') save({ ...result.memory, acting });
  // A decider without a rule that matches has nothing to say: no record, so that a quiet world stays quiet.
  const effect: ActResult =
    by === 'embedded' ? { state: 'done', summary: 'noop' } : await act(actDeps(beat), proposal, now());
  if (effect.state === 'left-running') return { ...result.memory, acting };
  tellMove(beat, { result, effect, run: acting.run, seen });
  const shell =
    'output' in effect && effect.output && decided.move.action === 'run_shell'
      ? shellOf(decided.move.cmd, run?.ref.id, effect.output)
      : undefined;
  if (effect.state === 'refused' || effect.state === 'failed') {
    const failure = { code: effect.code, error: effect.reason, now: now(), policyHash: observed.world.policyHash };
    const after = afterFailure(result.memory, run === undefined ? failure : { ...failure, run: run.ref.id });
    // A rule says the same in the same world for ever: it has had its turn in this one.
    const ruled = result.fired
      ? { ...after, rules: { ...after.rules, [result.fired.ruleKey]: result.fired.firedIn } }
      : after;
    return shell ? { ...ruled, lastShell: shell } : ruled;
  }
  for (const id of result.seenAnswers) consumeAnswer(beat.disk, id, run?.ref.id ?? by, now());
  const goal = ('goal' in effect ? effect.goal : undefined) ?? result.goal;
  if (run && goal !== undefined) belongs(beat, run.ref, goal);
  const { settled: _told, ...memory } = result.memory;
  const kept = isHeard(result) ? memory : result.memory;
  return afterSuccess(
    { ...result, memory: kept },
    {
      world: withOwnEffects(observed.world, {
        ...(effect.state === 'asked' ? { asked: effect.ask } : {}),
        consumed: result.seenAnswers,
      }),
      now: now(),
      knobs,
      ...(goal === undefined ? {} : { goal }),
      ...(shell ? { shell } : {}),
    },
  );
}

/** The move has taken effect: an account that lacks the goal is no reason to call it failed. */
function belongs({ disk }: Beat, { day, id: run }: RunRef, goal: string): void {
  try {
    spendBelongs(disk, { day, run, goal }, now());
  } catch (error) {
    if (error instanceof TendError && error.code === 'fenced') throw error;
    logEvent(disk, now(), 'spend.goal_lost', { run, goal, error: String(error) });
  }
}

/** Whether a model has read what became of approvals; a rule has not, unless there is no model to read it. */
const isHeard = (result: MoveResult): boolean => result.by === 'model' || result.by === 'embedded';

const shellOf = (cmd: string, run: string | undefined, output: ShellOutput) => ({
  cmd,
  run: run ?? '',
  exit_code: output.exit_code,
  output: output.output,
  ts: unixSeconds(now()),
});
