import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyBudgetAnswer, budgetAnswerDone, ensureBudgetAsk } from '../../src/decide/budget-ask.js';
import { localDay } from '../../src/model/instant.js';
import { resolveKnobs } from '../../src/model/knobs.js';
import { budget, daySpend } from '../../src/policy/budget.js';
import { archivePair, readAnswer, readMailbox, recordAnswer } from '../../src/store/asks.js';
import { readSpend, reserveSpend } from '../../src/store/spend.js';
import { type Rig, rig } from './rig.js';

const NOW = new Date(2026, 10, 21, 12).getTime();
const DAY_MS = 86_400_000;
const knobs = { ...resolveKnobs({}, {}).knobs, dayUsd: 1, runEstimateUsd: 0.5 };

let at: Rig;
beforeEach(() => {
  at = rig();
});
afterEach(() => at.remove());

let runs = 0;
function spendAll(now: number) {
  for (let n = 0; n < 8 && state(now) === 'ok'; n++) {
    reserveSpend(at.disk, { day: localDay(now), run: `r${runs++}`, runner: 'x', estimateUsd: 0.5 }, now);
  }
}
const spend = (now: number) => daySpend(readSpend(at.disk, localDay(now)).rows);
const state = (now: number, dayUsd = 1) => budget(spend(now), { ...knobs, dayUsd }).state;
const ensure = (now: number, dayUsd = 1) =>
  ensureBudgetAsk(at.disk, budget(spend(now), { ...knobs, dayUsd }), spend(now), now);

async function answer(id: string, text: string) {
  recordAnswer(at.disk, { id, outcome: 'answered', answer: text, by: 'me', channel: 'cli' }, NOW);
  const read = await readAnswer(at.disk, id);
  if (read.state !== 'present') throw new Error('no answer');
  return read.value;
}

test('below the limit nothing is asked; at the limit exactly one ask is raised, also after it was answered and archived', async () => {
  expect(await ensure(NOW)).toBeUndefined();
  spendAll(NOW);
  const ask = (await ensure(NOW))!;
  expect(ask).toMatchObject({ worker: 'budget', kind: 'escalation' });
  expect(await ensure(NOW + 1_000)).toBeUndefined();
  expect(applyBudgetAnswer(at.disk, { ask, answer: await answer(ask.id, 'wait') }, knobs, NOW)).toEqual({
    state: 'waits',
  });
  expect(budgetAnswerDone(at.disk, ask, NOW)).toBe(true);
  archivePair(at.disk, ask.id);
  expect(await ensure(NOW + 2_000)).toBeUndefined();
  expect((await readMailbox(at.disk)).pending).toEqual([]);
});

test('the next day has a budget and an ask of its own', async () => {
  spendAll(NOW);
  await ensure(NOW);
  expect(state(NOW + DAY_MS)).toBe('ok');
  spendAll(NOW + DAY_MS);
  expect(await ensure(NOW + DAY_MS)).toBeDefined();
});

test('a raise for today doubles the limit once, however often it is applied, and the doubled limit may ask again', async () => {
  spendAll(NOW);
  const ask = (await ensure(NOW))!;
  const said = await answer(ask.id, 'raise for today');
  for (let n = 0; n < 3; n++)
    expect(applyBudgetAnswer(at.disk, { ask, answer: said }, knobs, NOW)).toEqual({ state: 'raised' });
  expect(spend(NOW)).toMatchObject({ raisedUsd: 1, raises: 1 });
  expect(readSpend(at.disk, localDay(NOW)).rows.filter((row) => row.kind === 'raise')).toHaveLength(1);
  expect(state(NOW)).toBe('ok');
  spendAll(NOW);
  expect(await ensure(NOW)).toBeDefined();
});

test('a raise for good names the same value again when we died before saving it', async () => {
  spendAll(NOW);
  const ask = (await ensure(NOW))!;
  const said = await answer(ask.id, 'raise for good');
  const effect = { state: 'save-config', config: 'budget.day_usd', value: 2 };
  expect(applyBudgetAnswer(at.disk, { ask, answer: said }, knobs, NOW)).toEqual(effect);
  expect(applyBudgetAnswer(at.disk, { ask, answer: said }, { ...knobs, dayUsd: 2 }, NOW)).toEqual(effect);
  for (let n = 0; n < 2; n++)
    reserveSpend(at.disk, { day: localDay(NOW), run: `g${n}`, runner: 'x', estimateUsd: 0.5 }, NOW);
  expect(state(NOW, 2)).toBe('limit');
  expect(await ensure(NOW, 2)).toBeDefined();
});

test('an answer that says none of the three changes nothing, and is asked about until it says one', async () => {
  spendAll(NOW);
  let ask = (await ensure(NOW))!;
  for (const text of ['yes', `hm? ${'x'.repeat(500)}`]) {
    const said = await answer(ask.id, text);
    expect(applyBudgetAnswer(at.disk, { ask, answer: said }, knobs, NOW)).toEqual({ state: 'not-understood' });
    expect(spend(NOW).raises).toBe(0);
    // Before and after the answer is done with, and archived.
    const again = (await ensure(NOW))!;
    expect(again.prompt).toMatch(
      new RegExp(`^Your answer "${text.slice(0, 3)}.*" to ${ask.id} is none of those below`),
    );
    expect(again.prompt).toContain('is used up');
    expect(again.prompt.length).toBeLessThan(1_000);
    expect(budgetAnswerDone(at.disk, ask, NOW)).toBe(true);
    archivePair(at.disk, ask.id);
    expect(await ensure(NOW)).toBeUndefined();
    ask = again;
  }
  const said = await answer(ask.id, 'raise to 4');
  expect(applyBudgetAnswer(at.disk, { ask, answer: said }, knobs, NOW)).toEqual({ state: 'raised' });
  expect(spend(NOW)).toMatchObject({ raisedUsd: 3, raises: 1 });
  expect(budgetAnswerDone(at.disk, ask, NOW)).toBe(true);
  archivePair(at.disk, ask.id);
  spendAll(NOW);
  expect((await ensure(NOW))?.prompt).toMatch(/^The budget of /);
});
