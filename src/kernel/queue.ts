/**
 * Keys that want a look, each at most once at a time. A key added while it is being worked on is worked on again after.
 * Due times are wall-clock, and a wait is never longer than SLICE_MS, so a clock that jumps costs at most one slice.
 */
import type { Instant } from '../model/instant.js';

/** 30 s: two wake-ups a minute are far below what an idle pulse may cost, and bound the effect of a clock step, forward or back. */
const SLICE_MS = 30_000;

export class KeyQueue {
  readonly #due = new Map<string, Instant>();
  readonly #now: () => Instant;
  #wake: (() => void) | undefined;
  /** The clock at our last look. */
  #seen = Number.NEGATIVE_INFINITY;

  constructor(now: () => Instant) {
    this.#now = now;
  }

  /** Asks for a look at `at` (default: now). An earlier date already set stays. */
  add(key: string, at?: Instant): void {
    const now = this.#look();
    this.#put(key, at ?? now);
  }

  #put(key: string, at: Instant): void {
    const before = this.#due.get(key);
    if (before !== undefined && before <= at) return;
    this.#due.set(key, at);
    this.#wake?.();
  }

  /** Takes the longest-due key, waiting for one; undefined when `signal` aborts. */
  async take(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      const now = this.#look();
      const first = this.#first();
      if (first && first[1] <= now) {
        this.#due.delete(first[0]);
        return first[0];
      }
      await this.#sleep(Math.min(first ? first[1] - now : SLICE_MS, SLICE_MS), signal);
    }
    return undefined;
  }

  /** What was due in a minute when the clock was set back is due in a minute still, not when the old time comes again. */
  #look(): Instant {
    const now = this.#now();
    const back = this.#seen - now;
    if (back > 0) for (const [key, at] of this.#due) this.#due.set(key, at - back);
    this.#seen = now;
    return now;
  }

  #first(): [string, Instant] | undefined {
    let best: [string, Instant] | undefined;
    for (const entry of this.#due) if (!best || entry[1] < best[1]) best = entry;
    return best;
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
