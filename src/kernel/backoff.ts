/** Waits after unexpected throws: 1 s doubling to 5 min, so a broken file or a full disk costs little and recovery is soon seen. */
const BASE_MS = 1_000;
const CAP_MS = 300_000;

/** Milliseconds before attempt `fails + 1`; `fails` ≥ 1. */
export const retryDelayMs = (fails: number): number =>
  Math.min(CAP_MS, BASE_MS * 2 ** Math.min(20, Math.max(0, fails - 1)));
