/** Which ask is pushed now. Pure: asks, what was pushed, and the time in; the pushes that are due out. */
import type { Pushed } from '../../contract/notify/desk.js';
import type { NotifySettings } from '../../contract/notify/settings.js';
import type { AskView } from '../../contract/views/asks.js';
import { endOfRange } from '../../lib/day-range.js';
import { URGENCIES, type Urgency } from '../../model/ask.js';
import type { Instant } from '../../model/instant.js';

export interface Due {
  ask: AskView;
  step: number;
  urgency: Urgency;
  ageS: number;
}

export interface PushPlan {
  /** The most urgent first, then the oldest. */
  due: Due[];
  /** Asks that would be due if it were not for the quiet hours. */
  held: number;
}

type Before = Pick<Pushed, 'step' | 'firstTs'>;
type Terms = Pick<NotifySettings, 'quiet' | 'again' | 'pushes'>;

/**
 * The first push is due at once; further ones when the wait since the first has grown to `again`, twice that, four times that.
 * After a pause only the newest of them is. Quiet hours hold everything back but urgent asks.
 */
export function planPushes(
  asks: readonly AskView[],
  pushed: ReadonlyMap<string, Before>,
  terms: Terms & { now: Instant },
): PushPlan {
  const quietUntil = terms.quiet && endOfRange(terms.quiet, terms.now);
  const plan: PushPlan = { due: [], held: 0 };
  for (const ask of asks) {
    const before = pushed.get(ask.id);
    const step = before ? nextStep(ask.urgency, before, terms) : 0;
    if (step === undefined) continue;
    const dueAt = before ? stepAt(ask.urgency, before, step, terms) : terms.now;
    if (dueAt > terms.now) continue;
    if (quietUntil !== undefined && ask.urgency !== 'high') {
      plan.held += 1;
      continue;
    }
    const ageS = Math.max(0, Math.floor(terms.now / 1000) - ask.ts);
    plan.due.push({ ask, step, urgency: raised(ask.urgency, step), ageS });
  }
  const rank = ({ urgency }: Due) => URGENCIES.indexOf(urgency);
  plan.due.sort((a, b) => rank(b) - rank(a));
  return plan;
}

/** The newest step that is due, else the next one to come; undefined when there is none any more. */
function nextStep(urgency: Urgency, before: Before, terms: Terms & { now: Instant }): number | undefined {
  const last = terms.pushes - 1;
  if (terms.again[urgency] <= 0 || before.step >= last) return undefined;
  let step = before.step + 1;
  while (step < last && stepAt(urgency, before, step + 1, terms) <= terms.now) step += 1;
  return step;
}

const stepAt = (urgency: Urgency, before: Before, step: number, { again }: Terms): Instant =>
  (before.firstTs + again[urgency] * 2 ** (step - 1)) * 1000;

/** Each further push is one level more urgent than the one before. */
const raised = (urgency: Urgency, step: number): Urgency =>
  URGENCIES[Math.min(URGENCIES.length - 1, URGENCIES.indexOf(urgency) + step)]!;
