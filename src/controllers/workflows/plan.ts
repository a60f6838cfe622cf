/** Facts of one unfinished run → what to do with it, and what it waits for. Pure. */
import type { Instant } from '../../model/instant.js';
import { later, type Outcome, settled, stalled, waiting } from '../../model/outcome.js';
import type { FlowFacts } from './observe.js';

export type FlowStep = 'none' | 'forget' | 'settle' | 'continue' | 'stop-stray';

export interface FlowPlan {
  step: FlowStep;
  outcome: Outcome;
}

/** A run's record comes milliseconds after its marker; one that is missing after this never comes (loops spec 6.3). */
const FORGET_AFTER_MS = 60_000;
/** The mark comes before the record, and the record before whoever drives it; no event tells of either. */
const BEGINS_MS = 1_000;
/** While it is driven: an answer that came in the driver's last moment is seen this much later. */
const DRIVEN_ASK_MS = 2_000;
const DRIVEN_MS = 10_000;
/** Processes that a dead driver left end by themselves; nobody announces it. */
const STRAY_MS = 2_000;

export function planFlow(facts: FlowFacts, now: Instant): FlowPlan {
  switch (facts.state) {
    case 'none':
      return { step: 'none', outcome: settled() };
    case 'no-run': {
      // A time ahead of now is from before the clock was set back: it says nothing.
      const due = facts.markedAt > now ? now + FORGET_AFTER_MS : facts.markedAt + FORGET_AFTER_MS;
      const soon = isNear(facts.markedAt, now) ? now + BEGINS_MS : due;
      return due > now
        ? { step: 'none', outcome: later(Math.min(due, soon), 'its record is not there yet') }
        : { step: 'forget', outcome: settled('it never began') };
    }
    case 'unreadable':
      return { step: 'none', outcome: stalled(`its record can be read: ${facts.reason}`) };
    case 'over':
      return { step: 'settle', outcome: settled('it is over') };
    case 'open':
      return planOpen(facts, now);
    default:
      return facts satisfies never;
  }
}

function planOpen(facts: Extract<FlowFacts, { state: 'open' }>, now: Instant): FlowPlan {
  const { begunAt, driver, by, asks, until, stray, hasWork } = facts;
  const none = (outcome: Outcome): FlowPlan => ({ step: 'none', outcome });
  if (driver === 'alive' || driver === 'unknown')
    return none(waiting('the process that drives it', now + (asks.length > 0 ? DRIVEN_ASK_MS : DRIVEN_MS)));
  if (driver === 'none' && isNear(begunAt, now)) return none(later(now + BEGINS_MS, 'nobody drives it yet'));
  const isLeft = driver === 'dead' || driver === 'none';
  // Its attempt decides: the run is given up with the attempt's lease. One in which a human is asked is parked, and ours.
  if (by === 'attempt' && isLeft && asks.length === 0) return none(waiting('the attempt of its loop', now + DRIVEN_MS));
  if (stray)
    return stray.over <= now
      ? { step: 'stop-stray', outcome: later(now, `step ${stray.step} has had its time`) }
      : none(later(Math.min(stray.over, now + STRAY_MS), `process ${stray.pid} of step ${stray.step} lives on`));
  if (hasWork && (by === 'pulse' || asks.length > 0))
    return { step: 'continue', outcome: waiting('its steps', now + DRIVEN_MS) };
  if (hasWork) return none(stalled('somebody runs "tend workflows recover RUN --resume": its process is gone'));
  const isDue = until !== undefined && until <= now;
  if (isDue || asks.some((ask) => ask !== 'open'))
    return { step: 'continue', outcome: waiting('its steps', now + DRIVEN_ASK_MS) };
  return none(waiting('the human', until));
}

/** A clock that was set says nothing of what is far away. */
const isNear = (at: Instant, now: Instant): boolean => Math.abs(at - now) < FORGET_AFTER_MS;
