/**
 * The one ask at the budget's limit. It is raised once per local day and limit, recognised by its reference, so that nothing
 * needs to be remembered; its answer takes effect in the ledger first and is consumed after, so a death between repeats nothing.
 */
import type { Answer, Ask } from '../model/ask.js';
import { type Instant, localDay } from '../model/instant.js';
import type { Knobs } from '../model/knobs.js';
import type { DaySpend, SpendRow } from '../model/spend.js';
import {
  type BudgetAnswer,
  type BudgetVerdict,
  budget,
  budgetAskDraft,
  budgetReference,
  daySpend,
  raiseForGood,
  raiseForToday,
  readBudgetAnswer,
} from '../policy/budget.js';
import { consumeAnswer, raiseAsk } from '../store/asks.js';
import type { Disk } from '../store/disk.js';
import { raiseSpend, readSpend } from '../store/spend.js';
import { asksOfLimit } from './limit-asks.js';

/** Raises the ask unless today's limit has its ask already; returns the new one. */
export async function ensureBudgetAsk(
  disk: Disk,
  verdict: BudgetVerdict,
  spend: DaySpend,
  now: Instant,
): Promise<Ask | undefined> {
  if (verdict.state === 'ok') return undefined;
  const day = localDay(now);
  const isUnderstood = (text: string): boolean => readBudgetAnswer(text) !== undefined;
  const { count, unread } = await asksOfLimit(disk, budgetReference(day), isUnderstood);
  // Every raise opens a new limit, and that one may have its own ask.
  if (count > spend.raises) return undefined;
  return raiseAsk(disk, budgetAskDraft(verdict, spend, { day, unread }), now);
}

export type BudgetEffect =
  /** The ledger has the raise. */
  | { state: 'raised' }
  /** The caller writes this value into the config, then calls `budgetAnswerDone`. */
  | { state: 'save-config'; config: 'budget.day_usd' | 'budget.day_tokens'; value: number }
  | { state: 'waits' }
  /** None of the three was said: nothing changes, and the human is asked again. */
  | { state: 'not-understood' };

/** Makes an answer to a budget ask true. Safe to repeat until `budgetAnswerDone`: the ledger's first row for the ask decides. */
export function applyBudgetAnswer(
  disk: Disk,
  { ask, answer }: { ask: Ask; answer: Answer },
  knobs: Pick<Knobs, 'dayUsd' | 'dayTokens' | 'runEstimateUsd'>,
  now: Instant,
): BudgetEffect {
  const said = answer.outcome === 'answered' ? readBudgetAnswer(answer.answer) : ({ state: 'wait' } as const);
  if (!said) return { state: 'not-understood' };
  if (said.state === 'wait') return { state: 'waits' };
  const day = /^spend-(\d{4}-\d\d-\d\d)\.ndjson$/.exec(ask.reference ?? '')?.[1] ?? localDay(now);
  const { rows } = readSpend(disk, day);
  const known = rows.find((row) => row.kind === 'raise' && row.run === ask.id);
  const raise = known ?? raiseOf(said, daySpend(rows), knobs);
  if (!known) raiseSpend(disk, { day, ask: ask.id, ...raise }, now);
  return raise.config !== undefined && raise.value !== undefined
    ? { state: 'save-config', config: raise.config, value: raise.value }
    : { state: 'raised' };
}

function raiseOf(
  said: Exclude<BudgetAnswer, { state: 'wait' }>,
  spend: DaySpend,
  knobs: Pick<Knobs, 'dayUsd' | 'dayTokens' | 'runEstimateUsd'>,
): Pick<SpendRow, 'usd' | 'tokens' | 'config' | 'value'> {
  const verdict = budget(spend, knobs);
  const of = verdict.state === 'limit' ? verdict.of : knobs.dayUsd > 0 ? 'usd' : 'tokens';
  if (said.state === 'today') return raiseForToday(spend, knobs, { of, to: said.amount });
  // A raise of nothing marks this limit as answered, so that the new one gets an ask of its own.
  return { usd: 0, tokens: 0, ...raiseForGood(said, of, knobs) };
}

/** Marks the answer as acted on; after a death before this, `applyBudgetAnswer` runs again and changes nothing more. */
export const budgetAnswerDone = (disk: Disk, ask: Ask, now: Instant): boolean =>
  consumeAnswer(disk, ask.id, 'budget', now);
