/** Steps → effects. Each is safe to repeat, and a death between two leaves facts that plan the rest. */
import type { Instant } from '../../model/instant.js';
import { archivePair, consumeAnswer } from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { logEvent } from '../../store/events.js';
import { quarantine } from '../../store/quarantine.js';
import type { Step } from './plan.js';

/** Who marked an end that nobody had to act on. */
export const MAILBOX = 'mailbox';

export function apply(disk: Disk, id: string, step: Step, now: Instant): void {
  switch (step.do) {
    case 'quarantine':
      // It writes the event itself.
      quarantine(disk, step.key, step.reason, now);
      return;
    case 'consume':
      consumeAnswer(disk, id, MAILBOX, now);
      return;
    case 'archive':
      archivePair(disk, id);
      logEvent(disk, now, 'ask.archived', { ask: id });
      return;
    default:
      step satisfies never;
  }
}
