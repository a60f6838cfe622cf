/**
 * May another model run start today? Pure: rows of the spend ledger in, a verdict and the texts of the one ask out.
 * An open reservation counts like a settled run, so a run that died after it had cost money is never free.
 */

import { clip } from '../lib/clip.js';
import type { Knobs } from '../model/knobs.js';
import { LIMITS } from '../model/limits.js';
import type { DaySpend, RunSpend, SpendRow } from '../model/spend.js';

export const BUDGET_OPTIONS = ['raise for today', 'raise for good', 'wait until midnight'] as const;

/** The runs of a day's rows: of each the last settlement, else its reservation, and the goal that was named last. */
export function runSpends(rows: readonly SpendRow[]): RunSpend[] {
  const runs = new Map<string, SpendRow>();
  const goals = new Map<string, string>();
  for (const row of rows) {
    if (row.kind === 'belongs') {
      if (row.goal !== undefined) goals.set(row.run, row.goal);
    } else if (row.kind !== 'raise' && (row.kind === 'settle' || runs.get(row.run)?.kind !== 'settle'))
      runs.set(row.run, row);
  }
  return [...runs.values()].map((row) => {
    // A repair call belongs where its run belongs.
    const goal = goals.get(row.run) ?? goals.get(row.run.replace(/#\d+$/, '')) ?? row.goal;
    return {
      run: row.run,
      usd: Math.max(0, row.usd),
      tokens: Math.max(0, row.tokens),
      metered: row.metered,
      open: row.kind === 'reserve',
      job: row.job ?? /^[a-z]+(?=-)/.exec(row.run)?.[0] ?? 'run',
      ...(row.runner === undefined ? {} : { runner: row.runner }),
      ...(goal === undefined ? {} : { goal }),
      ...(row.worker === undefined ? {} : { worker: row.worker }),
      ...(row.loop === undefined ? {} : { loop: row.loop }),
      ...(row.loop_name === undefined ? {} : { loop_name: row.loop_name }),
      ...(row.workflow === undefined ? {} : { workflow: row.workflow }),
      ...(row.workflow_name === undefined ? {} : { workflow_name: row.workflow_name }),
    };
  });
}

/** Sums a day's rows; a raise counts once per ask that brought it, and only one of the day's own limit. */
export function daySpend(rows: readonly SpendRow[]): DaySpend {
  const raises = new Map<string, SpendRow>();
  for (const row of rows)
    if (row.kind === 'raise' && row.goal === undefined && row.worker === undefined && !raises.has(row.run))
      raises.set(row.run, row);
  const spent = runSpends(rows);
  const raised = [...raises.values()];
  return {
    usd: sum(spent, 'usd'),
    tokens: sum(spent, 'tokens'),
    runs: spent.length,
    unmetered: spent.filter((row) => !row.metered).length,
    raisedUsd: sum(raised, 'usd'),
    raisedTokens: sum(raised, 'tokens'),
    raises: raised.length,
  };
}

export type BudgetVerdict =
  | { state: 'ok' }
  /** `of` names the limit that the next run would pass. */
  | { state: 'limit'; of: 'usd' | 'tokens'; reason: string };

/** Sums of many small dollars miss by less than this; without it a run that fits exactly would be refused. */
const ROUNDING_USD = 1e-9;

/** The next run fits when its estimate fits: a limit is a limit, not the first number beyond it. 0 switches a limit off. */
export function budget(spend: DaySpend, knobs: Pick<Knobs, 'dayUsd' | 'dayTokens' | 'runEstimateUsd'>): BudgetVerdict {
  const usd = knobs.dayUsd + spend.raisedUsd;
  const tokens = knobs.dayTokens + spend.raisedTokens;
  if (knobs.dayUsd > 0 && spend.usd + knobs.runEstimateUsd > usd + ROUNDING_USD) {
    return { state: 'limit', of: 'usd', reason: `${money(spend.usd)} of ${money(usd)} are spent today` };
  }
  if (knobs.dayTokens > 0 && spend.tokens >= tokens) {
    return { state: 'limit', of: 'tokens', reason: `${spend.tokens} of ${tokens} tokens are spent today` };
  }
  return { state: 'ok' };
}

/** The ask at the limit, without what the mailbox adds. `reference` names the day, by which it is recognised as raised already. */
export interface BudgetAskDraft {
  worker: 'budget';
  kind: 'escalation';
  urgency: 'high';
  prompt: string;
  options: string[];
  reference: string;
}

/** `unread`: words about an answer before this ask that was not understood. */
export function budgetAskDraft(
  verdict: Extract<BudgetVerdict, { state: 'limit' }>,
  spend: DaySpend,
  { day, unread }: { day: string; unread?: string | undefined },
): BudgetAskDraft {
  const unmetered = spend.unmetered
    ? `\n${spend.unmetered} of the ${spend.runs} runs reported no cost; they are counted by the estimate of the config.`
    : '';
  return {
    worker: 'budget',
    kind: 'escalation',
    urgency: 'high',
    reference: budgetReference(day),
    options: [...BUDGET_OPTIONS],
    prompt: [
      ...(unread === undefined ? [] : [unread, '']),
      `The budget of ${day} is used up: ${verdict.reason}. No model is called until you decide or until midnight.${unmetered}`,
      '',
      '- `raise for today`: doubles the limit of today, tomorrow it is as before; `raise for today 25` sets it to 25',
      '- `raise for good`: doubles the limit in the config; `raise for good 25` sets it to 25',
      '- `wait until midnight`: nothing changes; rules, workers that run and your own commands go on',
    ].join('\n'),
  };
}

/** The ledger of a day, as an ask refers to it. */
export const budgetReference = (day: string): string => `spend-${day}.ndjson`;

export const isBudgetReference = (reference: string | undefined): boolean =>
  /^spend-\d{4}-\d\d-\d\d\.ndjson$/.test(reference ?? '');

/** `amount` is what the human wrote behind the words, in the unit of the limit; absent means "twice as much". */
export type BudgetAnswer = { state: 'today'; amount?: number } | { state: 'good'; amount?: number } | { state: 'wait' };

/** What may stand behind a raise: an amount in the unit of the limit. */
const AMOUNT = String.raw`(?:[\s:]+(?:to\s+)?\$?(\d{1,12}(?:\.\d{1,6})?))?`;
const TODAY = new RegExp(String.raw`^(?:raise\s+)?(?:it\s+)?for\s+today\b${AMOUNT}`);
const GOOD = new RegExp(String.raw`^(?:raise\s+)?(?:it\s+)?for\s+good\b${AMOUNT}`);
/** Without a word on how long it is the smaller of the two. */
const PLAIN = new RegExp(String.raw`^raise(?:\s+it)?\b${AMOUNT}(?:\s+for\s+today)?\s*[.!]?$`);

/** Reads an answer; undefined when it says none of the three, which leaves the limit as it is. */
export function readBudgetAnswer(text: string): BudgetAnswer | undefined {
  const words = clip(text.trim().toLowerCase(), LIMITS.commandChars);
  const good = GOOD.exec(words);
  if (good) return { state: 'good', ...amountOf(good[1]) };
  const today = TODAY.exec(words) ?? PLAIN.exec(words);
  if (today) return { state: 'today', ...amountOf(today[1]) };
  return /^wait\b|^no[.!]?$/.test(words) ? { state: 'wait' } : undefined;
}

const amountOf = (digits: string | undefined): { amount?: number } =>
  digits !== undefined && Number(digits) > 0 ? { amount: Number(digits) } : {};

/**
 * By how much a "raise for today" lifts today's limits: both double, what is off stays off. With `to`, what the limit that was hit (`of`)
 * shall be, that one is lifted alone, and never lowered.
 */
export function raiseForToday(
  spend: DaySpend,
  knobs: Pick<Knobs, 'dayUsd' | 'dayTokens'>,
  { of, to }: { of: 'usd' | 'tokens'; to?: number | undefined },
): { usd: number; tokens: number } {
  const [usd, tokens] = [knobs.dayUsd + spend.raisedUsd, knobs.dayTokens + spend.raisedTokens];
  if (to === undefined) return { usd: knobs.dayUsd > 0 ? usd : 0, tokens: knobs.dayTokens > 0 ? tokens : 0 };
  return of === 'usd'
    ? { usd: Math.max(0, to - usd), tokens: 0 }
    : { usd: 0, tokens: Math.max(0, Math.ceil(to) - tokens) };
}

/** What a "raise for good" writes into the config: the named amount for the limit that was hit, else twice the present one. */
export function raiseForGood(
  answer: Extract<BudgetAnswer, { state: 'good' }>,
  of: 'usd' | 'tokens',
  knobs: Pick<Knobs, 'dayUsd' | 'dayTokens'>,
): { config: 'budget.day_usd' | 'budget.day_tokens'; value: number } {
  return of === 'usd'
    ? { config: 'budget.day_usd', value: answer.amount ?? knobs.dayUsd * 2 }
    : { config: 'budget.day_tokens', value: Math.ceil(answer.amount ?? knobs.dayTokens * 2) };
}

const sum = (rows: readonly Pick<SpendRow, 'usd' | 'tokens'>[], field: 'usd' | 'tokens'): number =>
  rows.reduce((total, row) => total + Math.max(0, row[field]), 0);

/** Dollars as people read them. */
export const money = (usd: number): string => `$${usd.toFixed(2)}`;
