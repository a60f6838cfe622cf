import type { Instant } from '../model/instant.js';

/** Wall clock, for records and budgets. Pure code gets the value, never this function. */
export const now = (): Instant => Date.now();

/** Milliseconds that only go forward, for deadlines within one process. */
export const monotonicMs = (): number => performance.now();

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves after `ms` milliseconds, or at once when `signal` aborts; never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
