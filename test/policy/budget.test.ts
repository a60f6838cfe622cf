import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveKnobs } from '../../src/model/knobs.js';
import type { SpendRow } from '../../src/model/spend.js';
import {
  BUDGET_OPTIONS,
  budget,
  budgetAskDraft,
  daySpend,
  raiseForGood,
  raiseForToday,
  readBudgetAnswer,
} from '../../src/policy/budget.js';

const row = (kind: SpendRow['kind'], run: string, usd: number, over: Partial<SpendRow> = {}): SpendRow => ({
  format: 1,
  kind,
  run,
  ts: 1,
  usd,
  tokens: 0,
  metered: kind !== 'reserve',
  ...over,
});
const knobs = { ...resolveKnobs({}, {}).knobs, dayUsd: 1, runEstimateUsd: 0.05 };
const spent = (usd: number, over: Partial<ReturnType<typeof daySpend>> = {}) => ({
  ...daySpend([row('settle', 'r', usd)]),
  ...over,
});

test.each<[string, SpendRow[], object]>([
  ['nothing', [], { usd: 0, runs: 0 }],
  ['a reservation counts until it is settled', [row('reserve', 'a', 0.05)], { usd: 0.05, runs: 1, unmetered: 1 }],
  [
    'a settlement replaces it',
    [row('reserve', 'a', 0.05), row('settle', 'a', 0.4, { tokens: 9 })],
    { usd: 0.4, runs: 1, unmetered: 0, tokens: 9 },
  ],
  [
    'also when the rows come the other way round',
    [row('settle', 'a', 0.4), row('reserve', 'a', 0.05)],
    { usd: 0.4, runs: 1 },
  ],
  [
    'a settlement that is written twice counts once',
    [row('settle', 'a', 0.4), row('settle', 'a', 0.4)],
    { usd: 0.4, runs: 1 },
  ],
  [
    'a run that died goes on counting beside others',
    [row('reserve', 'a', 1), row('settle', 'b', 2)],
    { usd: 3, runs: 2, unmetered: 1 },
  ],
  [
    'a raise counts once per ask',
    [row('raise', 'budget-1', 5), row('raise', 'budget-1', 7), row('raise', 'budget-2', 0)],
    { usd: 0, raisedUsd: 5, raises: 2 },
  ],
  ['a negative amount lowers nothing', [row('settle', 'a', -5), row('settle', 'b', 1)], { usd: 1 }],
])('the day’s sum: %s', (_, rows, expected) => {
  expect(daySpend(rows)).toMatchObject(expected);
});

test.each([
  ['below the limit', spent(0.9), {}, 'ok'],
  ['the last run that fits exactly', spent(0.95), {}, 'ok'],
  ['one that does not fit any more', spent(0.96), {}, '$0.96 of $1.00 are spent today'],
  ['a raised limit', spent(1.5, { raisedUsd: 1 }), {}, 'ok'],
  ['no limit at 0', spent(500), { dayUsd: 0 }, 'ok'],
  ['tokens at their limit', spent(0, { tokens: 100 }), { dayTokens: 100 }, '100 of 100 tokens are spent today'],
  ['tokens below it', spent(0, { tokens: 99 }), { dayTokens: 100 }, 'ok'],
  ['tokens raised', spent(0, { tokens: 100, raisedTokens: 100 }), { dayTokens: 100 }, 'ok'],
])('may another run start: %s', (_, spend, over, expected) => {
  const verdict = budget(spend, { ...knobs, ...over });
  expect(verdict.state === 'ok' ? 'ok' : verdict.reason).toBe(expected);
});

test('two hundred runs of the estimate fit into two hundred times the estimate, in spite of rounding', () => {
  const rows = Array.from({ length: 199 }, (_, n) => row('settle', `r${n}`, 0.05));
  expect(budget(daySpend(rows), { ...knobs, dayUsd: 10 }).state).toBe('ok');
  expect(budget(daySpend([...rows, row('reserve', 'last', 0.05)]), { ...knobs, dayUsd: 10 }).state).toBe('limit');
});

test('no order of rows and no lost settlement lets a day pass its limit by more than the last run', () => {
  const rows = fc.array(
    fc.record({
      run: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('reserve' as const, 'settle' as const),
      usd: fc.double({ min: 0, max: 5, noNaN: true }),
    }),
  );
  fc.assert(
    fc.property(rows, (list) => {
      const all = list.map((entry) => row(entry.kind, entry.run, entry.usd));
      const sum = daySpend(all).usd;
      for (const run of ['a', 'b', 'c']) {
        const settled = all.filter((entry) => entry.run === run && entry.kind === 'settle');
        if (settled.length > 0) expect(sum).toBeGreaterThanOrEqual(settled.at(-1)!.usd - 1e-9);
      }
      if (sum > knobs.dayUsd) expect(budget(daySpend(all), knobs).state).toBe('limit');
    }),
  );
});

test('the ask at the limit says what was spent, how much of it is an estimate, and what each answer does', () => {
  const draft = budgetAskDraft(
    { state: 'limit', of: 'usd', reason: '$9.96 of $10.00 are spent today' },
    spent(9.96, { runs: 4, unmetered: 2 }),
    { day: '2026-11-21' },
  );
  expect(draft).toMatchObject({
    worker: 'budget',
    kind: 'escalation',
    reference: 'spend-2026-11-21.ndjson',
    options: [...BUDGET_OPTIONS],
  });
  expect(draft.prompt).toMatch(/\$9\.96 of \$10\.00[\s\S]*2 of the 4 runs reported no cost/);
  for (const option of BUDGET_OPTIONS) expect(draft.prompt).toContain(`\`${option}\``);
});

test.each([
  ['raise for today', { state: 'today' }],
  ['  Raise for today, please', { state: 'today' }],
  ['for today', { state: 'today' }],
  ['raise for good', { state: 'good' }],
  ['raise for good 25', { state: 'good', amount: 25 }],
  ['raise it for good to $12.50', { state: 'good', amount: 12.5 }],
  ['raise for good 0', { state: 'good' }],
  ['wait until midnight', { state: 'wait' }],
  ['raise for today 25', { state: 'today', amount: 25 }],
  ['raise it for today to $2.50', { state: 'today', amount: 2.5 }],
  ['raise', { state: 'today' }],
  ['Raise it.', { state: 'today' }],
  ['raise to 50', { state: 'today', amount: 50 }],
  ['raise to $50 for today', { state: 'today', amount: 50 }],
  ['raise to 50 for good', undefined],
  ['raise your hand', undefined],
  ['no', { state: 'wait' }],
  ['no, 20', undefined],
  ['yes', undefined],
  ['do not raise for today', undefined],
  ['', undefined],
])('the answer %j means %j', (text, expected) => {
  expect(readBudgetAnswer(text)).toEqual(expected);
});

test('a raise doubles what is limited and leaves off what is off', () => {
  const [raised, of] = [spent(0, { raisedUsd: 1 }), 'usd'] as const;
  expect(raiseForToday(raised, { dayUsd: 1, dayTokens: 0 }, { of })).toEqual({ usd: 2, tokens: 0 });
  expect(raiseForToday(raised, { dayUsd: 1, dayTokens: 9 }, { of, to: 5 })).toEqual({ usd: 3, tokens: 0 });
  expect(raiseForToday(raised, { dayUsd: 1, dayTokens: 9 }, { of, to: 0.5 })).toEqual({ usd: 0, tokens: 0 });
  expect(raiseForToday(raised, { dayUsd: 1, dayTokens: 9 }, { of: 'tokens', to: 20.5 })).toEqual({
    usd: 0,
    tokens: 12,
  });
  expect(raiseForGood({ state: 'good' }, 'usd', { dayUsd: 10, dayTokens: 0 })).toEqual({
    config: 'budget.day_usd',
    value: 20,
  });
  expect(raiseForGood({ state: 'good', amount: 7 }, 'tokens', { dayUsd: 10, dayTokens: 5 })).toEqual({
    config: 'budget.day_tokens',
    value: 7,
  });
});
