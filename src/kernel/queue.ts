/**
 * Keys that want a look, each at most once at a time. A key added while it is being worked on is worked on again after.
 * A key is due when the wall clock says so or when the span that was meant has passed on a clock that only goes forward,
 * whichever is first: a clock that is set back delays no look, and one that leaps ahead causes one look too many.
 */
import type { Instant } from '../model/instant.js';

/** 30 s: two wake-ups a minute are far below what an idle pulse may cost, and bound the effect of a clock that leaps ahead. */
const SLICE_MS = 30_000;

/** One moment on both clocks, milliseconds. */
export interface Moment {
  wall: Instant;
  forward: number;
}

export class KeyQueue {
  readonly #due = new Map<string, Moment>();
  readonly #read: () => Moment;
  #wake: (() => void) | undefined;

  constructor(read: () => Moment) {
    this.#read = read;
  }

  /** Asks for a look at `at` (default: now), a date reckoned from `since` (default: now). An earlier date already set stays. */
  add(key: string, at?: Instant, since: Moment = this.#read()): void {
    const wall = at ?? since.wall;
    const due: Moment = { wall, forward: since.forward + (wall - since.wall) };
    const before = this.#due.get(key);
    if (before !== undefined && before.wall <= due.wall && before.forward <= due.forward) return;
    this.#due.set(
      key,
      before === undefined
        ? due
        : { wall: Math.min(before.wall, due.wall), forward: Math.min(before.forward, due.forward) },
    );
    this.#wake?.();
  }

  /** Takes the longest-due key, waiting for one; undefined when `signal` aborts. */
  async take(signal: AbortSignal): Promise<string | undefined> {
    while (!signal.aborted) {
      const first = this.#first();
      if (first && first.inMs <= 0) {
        this.#due.delete(first.key);
        return first.key;
      }
      await this.#sleep(Math.min(first?.inMs ?? SLICE_MS, SLICE_MS), signal);
    }
    return undefined;
  }

  #first(): { key: string; inMs: number } | undefined {
    const now = this.#read();
    let best: { key: string; inMs: number } | undefined;
    for (const [key, due] of this.#due) {
      const inMs = Math.min(due.wall - now.wall, due.forward - now.forward);
      if (!best || inMs < best.inMs) best = { key, inMs };
    }
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
      const timer = setTimeout(done, Math.ceil(ms));
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }
}
