/**
 * A timed loop that a decider wants: from the move `write_schedule` with a command to the record. Its id follows from the name, so that
 * a repeat after a death makes no second one, and a decider never changes or drops a loop of a human. Pure but for the writing.
 */
import { oneLine } from '../lib/clip.js';
import { hash32 } from '../lib/hash.js';
import { terminalSafe } from '../lib/terminal-safe.js';
import { refused } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { LOOP_DEFAULTS, type LoopSpec, type LoopState, type Timing } from '../model/loop.js';
import { loopSpecProblem } from '../model/loop-check.js';
import type { MoveOf } from '../model/move.js';
import { FORMAT } from '../model/record.js';
import type { Disk } from '../store/disk.js';
import { createLoop, readLoop, writeSpec } from '../store/loops.js';

type WriteSchedule = MoveOf<'write_schedule'>;

export const decidedLoopId = (name: string): string => hash32(`decided loop ${name}`).slice(0, 12);

/** `by the schedule "0 8 * * *" in Europe/Berlin`, `every 3600 s`, `once at TIME`: what a human reads before a yes. */
export function whenOf({ cron, timezone, every_s: everyS, at }: WriteSchedule): string {
  const word = (text: string) => oneLine(terminalSafe(text), LIMITS.journalLineChars);
  if (cron !== undefined)
    return `by the schedule "${word(cron)}"${timezone === undefined ? '' : ` in ${word(timezone)}`}`;
  return at === undefined ? `every ${everyS} s` : `once at ${word(at)}`;
}

/** Creates the loop, or exchanges what it runs when. Its first look reckons the first time from then. */
export function writeDecidedLoop(disk: Disk, move: WriteSchedule, now: Instant): void {
  const spec = specOf(move, now);
  const problem = loopSpecProblem(spec);
  if (problem !== undefined) throw refused('bad-schedule', `Cannot write the loop "${move.name}": ${problem}`);
  const before = readLoop(disk, spec.id);
  if (before?.state === 'ok') writeSpec(disk, { ...before.spec, schedule: spec.schedule, target: spec.target });
  else if (before)
    throw refused(
      'bad-schedule',
      `Cannot write the loop "${move.name}" (${spec.id}): ${before.reason}`,
      'tend loops list',
    );
  else createLoop(disk, spec, firstState(now));
}

function specOf({ name, cmd, note, ...when }: WriteSchedule, now: Instant): LoopSpec {
  const { catchUp, catchUpLimit, overlap, maxAttempts, retryDelayMs, leaseMs, breaker } = LOOP_DEFAULTS;
  return {
    format: FORMAT,
    id: decidedLoopId(name),
    name,
    ...(note === undefined ? {} : { description: note }),
    schedule: timingOf(when),
    target: { type: 'command', command: cmd ?? '', shell: true },
    ...{ catchUp, catchUpLimit, overlap, maxAttempts, retryDelayMs, leaseMs, breaker },
    createdAt: new Date(now).toISOString(),
  };
}

function timingOf({
  cron,
  timezone,
  every_s: everyS,
  at,
}: Pick<WriteSchedule, 'cron' | 'timezone' | 'every_s' | 'at'>): Timing {
  if (cron !== undefined) return { type: 'cron', expression: cron, ...(timezone === undefined ? {} : { timezone }) };
  if (at !== undefined) return { type: 'once', at };
  return { type: 'interval', everyMs: (everyS ?? 0) * 1_000, anchor: 'fixed_rate' };
}

/** No cursor yet, and no schedule that it was reckoned from: the first look takes the spec for edited. */
const firstState = (now: Instant): LoopState => ({
  format: FORMAT,
  rev: 1,
  status: 'active',
  catchUpUsed: 0,
  failureStreak: 0,
  missed: { total: 0 },
  specHash: '',
  updatedAt: new Date(now).toISOString(),
  by: 'decider',
  cause: 'create',
});
