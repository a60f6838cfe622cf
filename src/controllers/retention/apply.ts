/** Takes the steps of the retention in slices, so that nothing else of the pulse waits for more than one of them. */
import { monotonicMs, pause } from '../../host/clock.js';
import type { Instant } from '../../model/instant.js';
import { count, type GcCounts, gcSteps, noCounts, take } from '../../runs/gc.js';
import type { Keeps } from '../../runs/rules/retention.js';
import type { Disk } from '../../store/disk.js';

/** Loops spec 6.6. */
const SLICE_MS = 50;
/** Between two slices: less than half of a core at most. */
const REST_MS = 60;

export interface ApplyDeps {
  disk: Disk;
  /** Ends it between two steps; the rest is the next life's. */
  signal: AbortSignal;
  problem(text: string): void;
}

/** What was taken. */
export async function apply(
  { disk, signal, problem }: ApplyDeps,
  { keeps, now }: { keeps: Keeps; now: Instant },
): Promise<GcCounts> {
  const counts = noCounts();
  let sliceAt = monotonicMs();
  for (const step of gcSteps(disk, keeps, { now, problem })) {
    if (step && take(step, problem)) count(counts, step);
    if (monotonicMs() - sliceAt >= SLICE_MS) {
      await pause(REST_MS, signal);
      sliceAt = monotonicMs();
    }
    if (signal.aborted) break;
  }
  return counts;
}
