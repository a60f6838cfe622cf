import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyScopeAnswer, ensureScopeAsk, isForBudget } from '../../src/decide/scope-ask.js';
import type { Ask } from '../../src/model/ask.js';
import { localDay } from '../../src/model/instant.js';
import { goalAsk, goalSpend, scopeOf, workerAsk } from '../../src/policy/scope-budget.js';
import { archivePair, readAnswer, recordAnswer } from '../../src/store/asks.js';
import { readSpend } from '../../src/store/spend.js';
import { type Rig, rig } from './rig.js';

const NOW = new Date(2026, 10, 21, 12).getTime();
const DAY = localDay(NOW);

let at: Rig;
beforeEach(() => {
  at = rig();
});
afterEach(() => at.remove());

async function answer(ask: Ask, text: string) {
  recordAnswer(at.disk, { id: ask.id, outcome: 'answered', answer: text, by: 'me', channel: 'cli' }, NOW);
  const read = await readAnswer(at.disk, ask.id);
  if (read.state !== 'present') throw new Error('no answer');
  return read.value;
}

const DRAFTS = {
  goal: goalAsk({ goal: 'tea', day: DAY, usd: 2, limitUsd: 2, baseUsd: 2 }),
  worker: workerAsk({ id: 'tea', generation: 'ab12', usd: 2, limitUsd: 2, metered: true }),
};

test.each(Object.entries(DRAFTS))(
  'the limit of a %s is asked about once, and again for as long as the answer says nothing that it knows',
  async (_, draft) => {
    let ask = (await ensureScopeAsk(at.disk, draft, NOW))!;
    for (const text of ['yes, please', 'raise to 2', 'raise to $1']) {
      expect(await ensureScopeAsk(at.disk, draft, NOW)).toBeUndefined();
      const said = await answer(ask, text);
      expect(isForBudget(ask, said)).toBe(true);
      const given = { scope: scopeOf(ask.reference)!, ask, answer: said };
      if (scopeOf(ask.reference)?.of === 'goal')
        expect(applyScopeAnswer(at.disk, given, { now: NOW, keep: 3 })).toBe('not-understood');
      const again = (await ensureScopeAsk(at.disk, draft, NOW))!;
      expect(again.prompt).toBe(
        `Your answer "${text}" to ${ask.id} is none of those below, or names no more than the limit as it is: nothing was changed.\n\n${draft.prompt}`,
      );
      archivePair(at.disk, ask.id);
      ask = again;
    }
    await answer(ask, 'raise to 5');
    expect(await ensureScopeAsk(at.disk, draft, NOW)).toBeUndefined();
    archivePair(at.disk, ask.id);
    expect(await ensureScopeAsk(at.disk, draft, NOW)).toBeUndefined();
  },
);

test.each([
  ['raise for today', 2],
  ['raise for today 5', 3],
  ['raise to $2.50', 0.5],
])('%j lifts the limit of a goal of $2 by $%d for its day, however often it is applied', async (text, by) => {
  const ask = (await ensureScopeAsk(at.disk, DRAFTS.goal, NOW))!;
  const given = { scope: scopeOf(ask.reference)!, ask, answer: await answer(ask, text) };
  for (let n = 0; n < 2; n++) expect(applyScopeAnswer(at.disk, given, { now: NOW, keep: 3 })).toBe('raised');
  expect(goalSpend(readSpend(at.disk, DAY).rows, 'tea').raisedUsd).toBeCloseTo(by, 9);
});

test('an ask that somebody else raised in its name is the decider’s, unless its answer is one of those that the budget knows', async () => {
  const ask = { reference: 'reports/plan.md' };
  expect(isForBudget(ask, { outcome: 'answered', answer: 'the second one' })).toBe(false);
  expect(isForBudget(ask, { outcome: 'answered', answer: 'raise for today' })).toBe(true);
});
