import { expect, test } from 'vitest';
import { planObjective } from '../../../src/controllers/objectives/plan.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');

test.each([
  ['made in this very millisecond, by the finer clock of the file system', 0.7, 'nothing'],
  ['made an hour ahead, before the clock was set back', 3_600_000, 'nothing'],
  ['made a moment ago', -1_000, 'nothing'],
  ['made a minute ago', -60_000, 'unmark'],
])('a mark without a record that was %s', (_when, ahead, step) => {
  const facts = { id: '0'.repeat(26), markedAt: NOW + ahead, objective: { state: 'absent' }, owner: 'none' } as const;
  const planned = planObjective(facts, NOW);
  expect(planned.step.do).toBe(step);
  // It is looked at again within the time that a beginning may take, whatever its own time says.
  if (planned.outcome.state === 'later') expect(planned.outcome.at - NOW).toBeLessThanOrEqual(60_000);
});
