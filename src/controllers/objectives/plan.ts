/**
 * Facts of one objective → what to do about its owner. Pure. An objective whose owner died is told as blocked, and the next attempt of
 * its run opens it again. One of a run by hand has no such attempt: when it had to wait for a human, the pulse goes on with it.
 */
import type { Instant } from '../../model/instant.js';
import { later, type Outcome, settled, stalled, waiting } from '../../model/outcome.js';
import type { ObjectiveFacts } from './observe.js';

export type Step =
  | { do: 'nothing' }
  /** Its owner died at work: nodes that it left active return to pending, and it is blocked by that. */
  | { do: 'give-up'; reason: string }
  /** Its owner died after the end was on record: ledger and hold are mended. */
  | { do: 'tell' }
  /** Its node's run has ended, or it has none: it goes on in the pulse. */
  | { do: 'go-on' }
  | { do: 'unmark' };

export interface Plan {
  step: Step;
  outcome: Outcome;
}

/** A mark without a record is an objective that begins, for so long. */
const BEGIN_MS = 60_000;
/** The death of a process is no event of a file. */
const LIFE_MS = 5_000;
/** Another machine, or another pid namespace: its end shows in the files alone. */
const UNKNOWN_MS = 60_000;

export const DIED = 'the run that worked on it died; the next attempt goes on';

export function planObjective({ id, markedAt, objective, owner, ours }: ObjectiveFacts, now: Instant): Plan {
  const nothing = (outcome: Outcome): Plan => ({ step: { do: 'nothing' }, outcome });
  if (objective.state === 'absent') return markedAt === undefined ? nothing(settled()) : unbegun(markedAt, now);
  if (objective.state !== 'present')
    return nothing(stalled(`the record of objective "${id}" can be read: ${objective.reason}`));
  const isFree = owner === 'none' || owner === 'dead';
  if (isFree && ours === 'now') return { step: { do: 'go-on' }, outcome: waiting('its own nodes', now + LIFE_MS) };
  if (isFree && ours === 'waits') return nothing(waiting('the workflow run of its node', now + LIFE_MS));
  if (owner === 'none')
    return { step: { do: markedAt === undefined ? 'nothing' : 'unmark' }, outcome: settled(objective.value.status) };
  if (owner === 'alive') return nothing(waiting('the run that works on it', now + LIFE_MS));
  if (owner === 'unknown') return nothing(waiting('a run on another machine', now + UNKNOWN_MS));
  if (objective.value.status !== 'active') return { step: { do: 'tell' }, outcome: settled(objective.value.status) };
  return { step: { do: 'give-up', reason: DIED }, outcome: later(now, 'its end is to be told') };
}

/**
 * A time that lies ahead says nothing but "not yet": the clock was set back, or the file system's clock is finer than ours, which
 * has whole milliseconds. A mark that is taken away too early would leave an objective that nobody looks after.
 */
function unbegun(markedAt: number, now: Instant): Plan {
  const due = Math.min(markedAt, now) + BEGIN_MS;
  // Its record comes soon, and is not looked for by its mark alone.
  if (due > now) return { step: { do: 'nothing' }, outcome: later(Math.min(due, now + LIFE_MS), 'it is beginning') };
  return { step: { do: 'unmark' }, outcome: settled() };
}
