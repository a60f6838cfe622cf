/**
 * One tick over all loops, as `tend loops tick` does it: each loop's due attempts one after another, and it waits for them. Works
 * without a pulse and beside one: what is claimed decides, not who looks. A loop that cannot be read stops no other.
 */
import { messageOf } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import { type AttemptRef, liveAttempts } from '../store/live.js';
import { loopIds, readLoop } from '../store/loops.js';
import { performAttempt } from './attempt.js';
import type { AttemptDeps } from './attempt-deps.js';
import { limitByHand, limitWords } from './await-money.js';
import { claimAttempt } from './claim-attempt.js';
import { diskRoom, ensureReserve } from './disk-room.js';
import { liveGlance } from './live-glance.js';
import { lookAtLoop } from './look-at-loop.js';

export interface TickReport {
  claimed: AttemptRef[];
  completed: AttemptRef[];
  skipped: AttemptRef[];
  recovered: AttemptRef[];
  /** Ids of loops. */
  expired: string[];
  /** What kept a loop from being looked at. */
  problems: { loop: string; reason: string }[];
}

/** `signal`: abort what runs, start nothing more. */
export async function tickAll(of: AttemptDeps, signal: AbortSignal): Promise<TickReport> {
  const deps = { ...of, live: liveGlance(of) };
  const now = deps.now();
  const report: TickReport = { claimed: [], completed: [], skipped: [], recovered: [], expired: [], problems: [] };
  const room = diskRoom(deps.disk);
  if (room === 'nearly-full')
    deps.log('error', 'loop.disk', 'less than 4 MiB are free where the data dir is: no loop is started');
  else ensureReserve(deps.disk);
  let rest = inOrder(deps);
  for (let id = rest.shift(); id !== undefined; id = rest.shift()) {
    if (signal.aborted) break;
    try {
      const isLost = await tickLoop(deps, { id, now, mayStart: room === 'ok' }, report, signal);
      if (isLost) rest = elsewhere(rest, deps.self.pid);
    } catch (error) {
      report.problems.push({ loop: id, reason: messageOf(error) });
      deps.log('error', 'loop.look', `loop "${id}": ${messageOf(error)}`);
    }
  }
  return report;
}

/**
 * The rest of a list from another place on, for whoever met another process at the same loop: both would meet at each of the next
 * ones, too, and each time one of them has written its mark for nothing (measured: 8 processes took nine times as long).
 */
export function elsewhere(rest: readonly string[], pid: number): string[] {
  // Multiples of the golden ratio lie evenly in a circle, so processes of neighbouring pids are far from each other.
  const from = Math.floor(((pid * 0.618_033_988_75) % 1) * rest.length);
  return [...rest.slice(from), ...rest.slice(0, from)];
}

/** By cursor, then id. One that cannot be read, or was removed, comes first: its unfinished attempts are tended all the same. */
function inOrder({ disk }: AttemptDeps): string[] {
  const cursor = (id: string): string => {
    const entry = readLoop(disk, id);
    return entry?.state === 'ok' ? (entry.loopState.nextRunAt ?? '~') : '';
  };
  const ids = new Set([...liveAttempts(disk).map(({ loop }) => loop), ...loopIds(disk)]);
  return [...ids]
    .map((id) => ({ id, at: cursor(id) }))
    .sort((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1))
    .map(({ id }) => id);
}

/** True when somebody else had claimed it a moment before. */
async function tickLoop(
  deps: AttemptDeps,
  { id, now, mayStart }: { id: string; now: Instant; mayStart: boolean },
  report: TickReport,
  signal: AbortSignal,
): Promise<boolean> {
  // Every round claims a slot that nobody has claimed, up to `now`: it ends by itself.
  while (!signal.aborted) {
    const look = await lookAtLoop(deps, id, now);
    report.recovered.push(...look.recovered);
    report.completed.push(...look.settled);
    report.skipped.push(...look.skipped);
    if (look.expired) report.expired.push(id);
    if (!look.start || !mayStart) return false;
    const { start } = look;
    const limit = await limitByHand(deps, start.spec, start.resume !== undefined);
    if (limit) {
      deps.log('warn', 'loop.money', `loop "${start.spec.name}" is not started: ${limitWords(limit)}`);
      return false;
    }
    const claimed = claimAttempt(deps, start);
    // Somebody else has it: its cursor is theirs to move.
    if (!claimed) return true;
    report.claimed.push(claimed.ref);
    const end = await performAttempt(deps, claimed, signal);
    if (end.state === 'finished') report.completed.push(claimed.ref);
    else return false;
  }
  return false;
}
