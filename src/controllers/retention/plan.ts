/** Pure: whether the ledger is gone through now, and when to look again. */
import type { Instant } from '../../model/instant.js';
import { later, type Outcome } from '../../model/outcome.js';
import type { RetentionFacts } from './observe.js';

/** Loops spec 6.6: the pulse goes through the ledger once an hour. */
const EVERY_MS = 3_600_000;
/** A pulse that has just begun has more urgent things to do. */
const FIRST_MS = 60_000;

export interface RetentionPlan {
  isDue: boolean;
  outcome: Outcome;
}

export function planRetention(
  { agoMs, isLater }: Pick<RetentionFacts, 'agoMs' | 'isLater'>,
  now: Instant,
): RetentionPlan {
  const restMs = (isLater ? EVERY_MS : FIRST_MS) - agoMs;
  const isDue = restMs <= 0;
  return { isDue, outcome: later(now + (isDue ? EVERY_MS : restMs), 'old runs are folded and removed once an hour') };
}
