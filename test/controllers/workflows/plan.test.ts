import { expect, test } from 'vitest';
import type { FlowFacts } from '../../../src/controllers/workflows/observe.js';
import { planFlow } from '../../../src/controllers/workflows/plan.js';

const NOW = 1_800_000_000_000;
type Open = Extract<FlowFacts, { state: 'open' }>;
const open = (of: Partial<Open>): Open => ({
  state: 'open',
  begunAt: NOW - 3_600_000,
  driver: 'ended',
  by: 'pulse',
  asks: [],
  hasWork: false,
  ...of,
});

test.each<[string, FlowFacts, string, string]>([
  ['nothing is marked', { state: 'none' }, 'none', 'settled'],
  ['a marker alone, just now', { state: 'no-run', markedAt: NOW - 1 }, 'none', 'later'],
  ['a marker alone, old', { state: 'no-run', markedAt: NOW - 60_000 }, 'forget', 'settled'],
  ['a marker alone, from before the clock was set back', { state: 'no-run', markedAt: NOW + 1e9 }, 'none', 'later'],
  ['it is over', { state: 'over' }, 'settle', 'settled'],
  ['its record is damaged', { state: 'unreadable', reason: 'r' }, 'none', 'stalled'],
  ['somebody drives it', open({ driver: 'alive', asks: ['ended'] }), 'none', 'waiting'],
  ['nobody can say whether somebody does', open({ driver: 'unknown', hasWork: true }), 'none', 'waiting'],
  ['it waits for the human', open({ asks: ['open'] }), 'none', 'waiting'],
  ['the human answered', open({ asks: ['open', 'ended'] }), 'continue', 'waiting'],
  ['its ask is gone', open({ asks: ['unknown'] }), 'continue', 'waiting'],
  ['its ask has had its time', open({ asks: ['open'], until: NOW }), 'continue', 'waiting'],
  ['its ask has time', open({ asks: ['open'], until: NOW + 1 }), 'none', 'waiting'],
  ['the human answered a run by hand', open({ by: 'hand', asks: ['ended'] }), 'continue', 'waiting'],
  ['the human answered a run of a loop', open({ by: 'attempt', asks: ['ended'] }), 'continue', 'waiting'],
  ['a pulse died in it', open({ driver: 'dead', hasWork: true }), 'continue', 'waiting'],
  [
    'a pulse died in it, a step lives',
    open({ driver: 'dead', hasWork: true, stray: { step: 's', pid: 7, over: NOW + 1 } }),
    'none',
    'later',
  ],
  [
    'a pulse died in it, a step lives too long',
    open({ driver: 'dead', hasWork: true, stray: { step: 's', pid: 7, over: NOW } }),
    'stop-stray',
    'later',
  ],
  ['nobody drives it yet', open({ begunAt: NOW - 1, driver: 'none', by: undefined, hasWork: true }), 'none', 'later'],
  ['nobody ever came to drive it', open({ driver: 'none', by: undefined, hasWork: true }), 'none', 'stalled'],
  ['a verb died in it', open({ driver: 'dead', by: 'hand', hasWork: true }), 'none', 'stalled'],
  ['the runner of an attempt died in it', open({ driver: 'dead', by: 'attempt', hasWork: true }), 'none', 'waiting'],
  [
    'the runner of an attempt died, a human is asked',
    open({ driver: 'dead', by: 'attempt', asks: ['open'] }),
    'none',
    'waiting',
  ],
])('what the pulse does when %s', (_what, facts, step, state) => {
  const plan = planFlow(facts, NOW);
  expect([plan.step, plan.outcome.state]).toEqual([step, state]);
});

test('a run that waits for its human is looked at again when its ask gives up, and not before', () => {
  expect(planFlow(open({ asks: ['open'], until: NOW + 5_000 }), NOW).outcome).toEqual({
    state: 'waiting',
    on: 'the human',
    recheckAt: NOW + 5_000,
  });
  expect(planFlow(open({ asks: ['open'] }), NOW).outcome).toEqual({ state: 'waiting', on: 'the human' });
});

test('a run that only begins is looked at again at once, whatever its record still lacks', () => {
  const soon = { state: 'later', at: NOW + 1_000 };
  expect(planFlow({ state: 'no-run', markedAt: NOW + 0.7 }, NOW).outcome).toMatchObject(soon);
  expect(planFlow(open({ begunAt: NOW - 5, driver: 'none', by: undefined, hasWork: true }), NOW).outcome).toMatchObject(
    soon,
  );
});
