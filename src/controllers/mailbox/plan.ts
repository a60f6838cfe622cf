/** Facts of one ask → what to do, and what it waits for. Pure. Nothing here deletes: records move to the archive or to quarantine. */
import type { Instant } from '../../model/instant.js';
import { later, type Outcome, settled, stalled, waiting } from '../../model/outcome.js';
import { answerKey, askKey } from '../../store/asks.js';
import type { MailFacts, Seen } from './observe.js';

export type Step =
  | { do: 'quarantine'; key: string; reason: string }
  /** Nobody acts on the end of this ask: mark it, so that it may be archived. */
  | { do: 'consume' }
  | { do: 'archive' };

export interface Plan {
  steps: Step[];
  outcome: Outcome;
}

/** An editor may be in the middle of saving: a record that cannot be parsed is believed to be broken after this long. */
export const CORRUPT_AFTER_MS = 5_000;
/** `tend answer` takes an answer back itself when its ask has gone; before this an orphan is its business. */
export const ORPHAN_AFTER_MS = 10_000;
/** Second look after a quarantine: at once would be a busy loop where the quarantine itself is full. */
const AGAIN_MS = 1_000;
/** An asker that was told of a close ends within milliseconds; one that is stopped is looked at again this often. */
export const WAITER_RECHECK_MS = 60_000;

export function planAsk(facts: MailFacts, now: Instant): Plan {
  return broken(facts, now) ?? (facts.ask.state === 'present' ? planPresent(facts, now) : planOrphan(facts, now));
}

/** What cannot be read: quarantine for what is no record, patience for what only a human or a newer tend can read. */
function broken(facts: MailFacts, now: Instant): Plan | undefined {
  const records: [string, Seen<unknown>][] = [
    [askKey(facts.id), facts.ask],
    [answerKey(facts.id), facts.answer],
  ];
  for (const [key, record] of records) {
    if (record.state === 'unreadable' || record.state === 'newer')
      return { steps: [], outcome: stalled(`"${key}" can be read: ${record.reason}`) };
    if (record.state !== 'corrupt') continue;
    const due = dueAt(record.changedAt, CORRUPT_AFTER_MS, now);
    if (due > now)
      return { steps: [], outcome: later(due, `"${key}" cannot be parsed; it may be in the middle of a save`) };
    // Looked at again soon: without the broken half the other one has a plan of its own.
    return {
      steps: [{ do: 'quarantine', key, reason: record.reason }],
      outcome: later(now + AGAIN_MS, `"${key}" was put into quarantine: ${record.reason}`),
    };
  }
  return undefined;
}

/**
 * A time of change that lies further in the future than the wait itself is from before the clock was set back: it says nothing,
 * and waiting for it, or anew at each look, would be waiting for as long as the clock was set back.
 */
const dueAt = (changedAt: number, afterMs: number, now: Instant): Instant =>
  changedAt - now > afterMs ? now : changedAt + afterMs;

function planPresent({ ask, answer, consumed, waiter }: MailFacts, now: Instant): Plan {
  // Acted on: whatever the answer file says by now, it is over.
  if (consumed) return { steps: [{ do: 'archive' }], outcome: settled('archived') };
  if (answer.state !== 'present') return { steps: [], outcome: waiting('the human') };
  if (answer.value.outcome === 'answered') {
    const worker = ask.state === 'present' ? ask.value.worker : '';
    return { steps: [], outcome: waiting(`"${worker}" or the decider to take the answer`) };
  }
  if (waiter === 'alive' || waiter === 'unknown')
    return { steps: [], outcome: waiting('the asker to see that its ask ended', now + WAITER_RECHECK_MS) };
  return { steps: [{ do: 'consume' }, { do: 'archive' }], outcome: settled(`${answer.value.outcome}, nobody waited`) };
}

function planOrphan({ answer, askArchived, consumed }: MailFacts, now: Instant): Plan {
  if (answer.state !== 'present') return { steps: [], outcome: settled() };
  const due = askArchived || consumed ? now : dueAt(answer.changedAt, ORPHAN_AFTER_MS, now);
  return due > now
    ? { steps: [], outcome: later(due, 'an answer without an ask') }
    : { steps: [{ do: 'archive' }], outcome: settled('archived') };
}
