/**
 * What a beat is about to do, in the memory before it does it. The door lets one run act once; this tells the next life which run
 * it was and what was to follow, so that a beat that somebody died in is not decided a second time: its rule has had its turn in
 * that world, the answers that it was told of are consumed, and a command's output reaches the next decision.
 */
import type { DecideResult } from '../../decide/decide.js';
import { nonce } from '../../lib/hash.js';
import { askHeadSchema } from '../../model/ask-schema.js';
import { type Instant, localDay, unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import type { Memory } from '../../model/memory.js';
import type { OutcomeRecord, ShellOutput } from '../../model/run.js';
import type { World } from '../../model/world.js';
import { archivedAskKey, askKey, consumeAnswer, idsIn } from '../../store/asks.js';
import { readMarkdown } from '../../store/codec.js';
import type { Disk } from '../../store/disk.js';
import { intentRuns, readOutcome } from '../../store/intents.js';
import { runRef } from '../../store/runs.js';

export type Acting = NonNullable<Memory['acting']>;

/** The move of this result as the run that the door will know it by. */
export function actingOf(
  result: Extract<DecideResult, { state: 'move' }>,
  { hash, items }: Pick<World, 'hash' | 'items'>,
  now: Instant,
): Acting {
  const { decided, run, fired, seenAnswers } = result;
  const time = new Date(now).toTimeString().slice(0, 8).replaceAll(':', '');
  const named = run?.ref.id ?? `move-${localDay(now).replaceAll('-', '')}-${time}-${nonce(2)}`;
  return {
    // A shell move has a directory of its own, whatever proposed it.
    run: decided.move.action === 'run_shell' ? named.replace(/^[a-z]+-/, 'shell-') : named,
    ...(fired ? { rule: { key: fired.ruleKey, firedIn: fired.firedIn } } : {}),
    answers: seenAnswers,
    world: { hash, items, noop: decided.move.action === 'noop' },
  };
}

/**
 * The memory without what an earlier life was about to do: followed up when it has happened, forgotten when it never began.
 * Call it when no intent can be completed any more; while the run is still under way the memory stays as it is.
 */
export async function followUp(disk: Disk, memory: Memory, now: Instant): Promise<Memory> {
  const { acting, ...rest } = memory;
  if (!acting) return memory;
  if (intentRuns(disk).includes(acting.run)) return memory;
  const day = /-(\d{4})(\d\d)(\d\d)-/.exec(acting.run);
  const outcome = readOutcome(disk, runRef(day ? day.slice(1).join('-') : localDay(now), acting.run));
  const isAsked = outcome.state !== 'present' && (await wasAsked(disk, acting.run));
  if (outcome.state !== 'present' && !isAsked) return rest;
  const took = isAsked || (outcome.state === 'present' && outcome.value.state === 'done');
  if (took) for (const id of acting.answers) consumeAnswer(disk, id, acting.run, now);
  const { rule, world } = acting;
  const next: Memory = {
    ...rest,
    ...(took ? { committed: { ...world, ts: unixSeconds(now) } } : {}),
    ...(rule ? { rules: { ...rest.rules, [rule.key]: rule.firedIn } } : {}),
  };
  const shell = outcome.state === 'present' ? shellOf(outcome.value) : undefined;
  return shell ? withShell(next, shell, now) : next;
}

function shellOf({ run, output }: OutcomeRecord): Shell | undefined {
  return output && { cmd: output.cmd, run, output };
}

/** The question may have been answered, acted on and archived by the time we look. */
async function wasAsked(disk: Disk, run: string): Promise<boolean> {
  for (const [dir, keyOf] of [
    ['asks', askKey],
    ['asks/archive', archivedAskKey],
  ] as const) {
    for (const id of idsIn(disk, dir).filter((name) => name.startsWith('gate-'))) {
      const ask = await readMarkdown(disk, keyOf(id), askHeadSchema);
      if (ask.state === 'present' && ask.value.head.proposal?.run === run) return true;
    }
  }
  return false;
}

export interface Shell {
  cmd: string;
  run: string;
  output: ShellOutput;
}

/** The output of a command for the next decision, and a look soon, in which it is read. */
export function withShell(memory: Memory, { cmd, run, output }: Shell, at: Instant): Memory {
  const ts = unixSeconds(at);
  const lastShell = { cmd, run, exit_code: output.exit_code, output: output.output, ts };
  return { ...memory, lastShell, nextWake: { due_ts: ts + LIMITS.shellFollowUpS } };
}
