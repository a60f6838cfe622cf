/** Blocks until something that matters to the client differs from what it has seen. Sleeps on file events with a poll behind them. */
import { monotonicMs } from '../host/clock.js';
import { TendError } from '../model/error.js';
import { pulseLife } from '../ops/pulse-life.js';
import { recallWorld } from '../sense/recall-world.js';
import { readMailbox } from '../store/asks.js';
import { changeStamp, SEEN_DIRS, SEEN_FILES } from '../store/change-stamp.js';
import type { Disk } from '../store/disk.js';
import { waitForChange } from '../store/watch.js';
import { type Category, type Cursor, changedBetween, type Marks, marksOf } from './cursor.js';

/** Node fires a timer of more than 2^31-1 ms at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface NewsTerms {
  disk: Disk;
  signal: AbortSignal;
  /** What the client has seen; undefined: what is there now, and a pending ask is news at once. */
  since: Cursor | undefined;
  /** Which changes end the wait. */
  wakes: readonly Category[];
  pollMs: number;
  /** Undefined = wait for ever, 0 = look once. */
  timeoutS: number | undefined;
}

export type News =
  /** Every category that differs from what was seen, also those that would not have ended the wait. */
  | { kind: 'changed'; changed: Category[]; seen: Cursor }
  | { kind: 'pulse-down'; seen: Cursor }
  | { kind: 'timeout'; seen: Cursor };

/** `seen` of the result is what the wait compared with: the baseline for `changed`. Throws on abort. */
export async function waitForNews(terms: NewsTerms): Promise<News> {
  const { disk, signal, wakes } = terms;
  const seen = terms.since ?? (await firstLook(disk));
  if ('pending' in seen) return { kind: 'changed', changed: ['asks'], seen: seen.pending };
  const deadline = terms.timeoutS === undefined ? Number.POSITIVE_INFINITY : monotonicMs() + terms.timeoutS * 1000;
  for (let stamp: string | undefined; ; ) {
    const leftMs = deadline - monotonicMs();
    // Armed before the stamp, stamp before the marks: whatever moves after one of them shows in the next round.
    const wait = waitForChange(disk, ['', ...SEEN_DIRS], {
      pollMs: Math.max(1, Math.min(terms.pollMs, leftMs, TIMER_MAX_MS)),
      signal,
      only: isSeen,
    });
    try {
      const before = stamp;
      stamp = changeStamp(disk);
      if (stamp !== before) {
        const changed = changedBetween(seen.marks, (await look(disk)).marks);
        if (changed.some((category) => wakes.includes(category))) return { kind: 'changed', changed, seen };
      }
      // After the changes: a pulse that is down does not mask them.
      const isDown = (await pulseLife(disk)).state === 'dead';
      if (isDown && !seen.down) return { kind: 'pulse-down', seen };
      if (!isDown) seen.down = false;
      if (signal.aborted) throw new TendError('aborted', 'Stopped waiting', { code: 'aborted' });
      if (leftMs <= 0) return { kind: 'timeout', seen };
      await wait.changed;
    } finally {
      wait.close();
    }
  }
}

/** What there is now, as the baseline of a client without a cursor; a pending ask is news by itself. */
async function firstLook(disk: Disk): Promise<Cursor | { pending: Cursor }> {
  const { pending, marks } = await look(disk);
  const seen = { marks, down: false };
  return pending > 0 ? { pending: seen } : seen;
}

async function look(disk: Disk): Promise<{ pending: number; marks: Marks }> {
  const world = recallWorld(disk);
  const { pending } = await readMailbox(disk);
  return { pending: pending.length, marks: marksOf(disk, world, pending) };
}

const FILES: readonly string[] = SEEN_FILES;
const DIRS: readonly string[] = SEEN_DIRS;
const isSeen = (key: string): boolean => key === '' || FILES.includes(key) || DIRS.includes(key.split('/')[0]!);
