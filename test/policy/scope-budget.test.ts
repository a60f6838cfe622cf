import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SpendRow } from '../../src/model/spend.js';
import {
  goalAsk,
  goalLimit,
  goalSpend,
  isSpent,
  readWorkerAnswer,
  scopeOf,
  withGoalLimit,
  workerAsk,
} from '../../src/policy/scope-budget.js';

const row = (kind: SpendRow['kind'], run: string, usd: number, over: Partial<SpendRow> = {}): SpendRow => ({
  format: 1,
  kind,
  run,
  ts: 1,
  usd,
  tokens: 0,
  metered: true,
  ...over,
});

test.each<[string, object]>([
  ['no front matter', { state: 'none' }],
  ['---\nrules: []\n---\nx', { state: 'none' }],
  ['---\nbudget_usd: 2.5\n---\nx', { state: 'limit', usd: 2.5 }],
  ['---\n# a note\nbudget_usd: 3\nrules:\n  - when: "true"\n---\nx', { state: 'limit', usd: 3 }],
  ['---\nbudget_usd: 0\n---\nx', { state: 'limit', usd: 0 }],
  ['---\nbudget_usd: "2"\n---\nx', { state: 'bad' }],
  ['---\nbudget_usd: -1\n---\nx', { state: 'bad' }],
  ['---\nbudget_usd:\n---\nx', { state: 'bad' }],
  ['---\nbudget_usd: [\n---\nx', { state: 'bad' }],
  ['a text about budget_usd: 5', { state: 'none' }],
])('the limit in a goal %j', async (text, expected) => {
  expect(await goalLimit(text)).toMatchObject(expected);
});

test('a goal has spent what its decisions, their further calls and its workers have, and a raise counts once', () => {
  const rows = [
    row('settle', 'beat-1', 0.2),
    row('settle', 'beat-1#2', 0.1),
    row('settle', 'beat-2', 5),
    row('belongs', 'beat-1', 0, { goal: 'api' }),
    row('reserve', 'worker-a', 1, { goal: 'api', worker: 'api' }),
    row('reserve', 'worker-a', 2, { goal: 'api', worker: 'api' }),
    row('raise', 'budget-1', 4, { goal: 'api' }),
    row('raise', 'budget-1', 4, { goal: 'api' }),
    row('raise', 'budget-2', 9, { goal: 'web' }),
    row('raise', 'budget-3', 9),
  ];
  const { usd, raisedUsd } = goalSpend(rows, 'api');
  expect(usd).toBeCloseTo(2.3);
  expect(raisedUsd).toBe(4);
});

test.each<[number, number, number, boolean]>([
  [0.99, 1, 0, false],
  [1, 1, 0, true],
  [0.1 + 0.2, 0.3, 0, true],
  [0, 0, 0, true],
  [0.8, 1, 0.2, false],
  [0.81, 1, 0.2, true],
])('%d spent of %d with %d more: %s', (usd, limit, next, spent) => {
  expect(isSpent(usd, limit, next)).toBe(spent);
});

test('an ask names its limit in words that are read back', () => {
  const goal = { goal: 'it.is odd', day: '2026-11-21', usd: 1, limitUsd: 1.5, baseUsd: 0.75 };
  expect(scopeOf(goalAsk(goal).reference)).toEqual({
    of: 'goal',
    goal: 'it.is odd',
    day: '2026-11-21',
    limitUsd: 1.5,
    baseUsd: 0.75,
  });
  const worker = { id: 'api', generation: 'ab12', usd: 1, limitUsd: 1e-7, metered: false };
  expect(scopeOf(workerAsk(worker).reference)).toEqual({ of: 'worker', id: 'api', generation: 'ab12', limitUsd: 1e-7 });
  expect(workerAsk(worker).prompt).toContain('reports no cost: this is the estimate');
  expect(workerAsk({ ...worker, metered: true }).prompt).not.toContain('estimate');
  for (const other of [undefined, 'spend-2026-11-21.ndjson', 'goals/a.md']) expect(scopeOf(other)).toBeUndefined();
});

test.each<[string, object | undefined]>([
  ['raise', { state: 'raise' }],
  ['Raise it to $5.50 please', { state: 'raise', toUsd: 5.5 }],
  ['raise 3', { state: 'raise', toUsd: 3 }],
  ['raise to 0', { state: 'raise' }],
  ['stop it', { state: 'stop' }],
  ['do not raise', undefined],
  ['wait', undefined],
  ['', undefined],
])('the answer %j', (text, expected) => {
  expect(readWorkerAnswer(text)).toEqual(expected);
});

test('another limit changes one line of the front matter and nothing else', () => {
  const text = '---\r\n# mine\r\nbudget_usd: 1   # a day\r\nrules: []\r\n---\r\nbudget_usd: 1 in the text\r\n';
  expect(withGoalLimit(text, 2)).toBe(text.replace('budget_usd: 1   # a day', 'budget_usd: 2'));
  expect(withGoalLimit('no front matter\nbudget_usd: 1\n', 2)).toBeUndefined();
  fc.assert(fc.property(fc.string(), (any) => void withGoalLimit(any, 1)));
});
