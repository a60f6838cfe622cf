import { expect, test } from 'vitest';
import type { ObjectiveConfig } from '../../../src/model/loop.js';
import { type NodeStatus, type Objective, type ObjectiveNode, objectiveProblem } from '../../../src/model/objective.js';
import { blockedBy, isStuck, nextTurn, reopenedNodes, type Turn } from '../../../src/runs/objective/turn.js';

const node = (key: string, status: NodeStatus, more: Partial<ObjectiveNode> = {}): ObjectiveNode => ({
  key,
  objective: key,
  dependsOn: [],
  priority: 0,
  status,
  tokensUsed: 0,
  timeUsedMs: 0,
  runs: 0,
  updatedAt: '',
  ...more,
});
const at = (more: Partial<Objective> = {}, config: Partial<ObjectiveConfig> = {}): Objective => ({
  format: 1,
  id: 'x',
  config: { objective: 'x', ...config },
  status: 'active',
  source: {},
  name: 'x.1',
  planned: true,
  tokensUsed: 0,
  calls: 0,
  turn: 0,
  timeUsedMs: 0,
  createdAt: '',
  updatedAt: '',
  ...more,
});

test.each<[string, Objective, ObjectiveNode[], boolean, Turn['do']]>([
  [
    'an abort goes before everything',
    at({ tokensUsed: 9, turn: 99 }, { tokenBudget: 9 }),
    [node('a', 'pending')],
    true,
    'cancel',
  ],
  [
    'a budget before turns',
    at({ tokensUsed: 9, turn: 99 }, { tokenBudget: 9 }),
    [node('a', 'pending')],
    false,
    'over-budget',
  ],
  ['a budget that is not used up', at({ tokensUsed: 8 }, { tokenBudget: 9 }), [node('a', 'pending')], false, 'execute'],
  ['ten turns when nothing is said', at({ turn: 10 }), [node('a', 'pending')], false, 'out-of-turns'],
  ['the tenth is one', at({ turn: 9 }), [node('a', 'pending')], false, 'execute'],
  ['turns before an audit', at({ turn: 3 }, { maxTurns: 3 }), [node('a', 'complete')], false, 'out-of-turns'],
  ['everything complete', at(), [node('a', 'complete'), node('b', 'complete')], false, 'audit'],
  [
    'one that waits for a node that is active',
    at(),
    [node('a', 'active'), node('b', 'pending', { dependsOn: ['a'] })],
    false,
    'idle',
  ],
  ['one whose own budget is used up', at(), [node('a', 'pending', { tokenBudget: 5, tokensUsed: 5 })], false, 'idle'],
])('%s', (_name, objective, nodes, aborted, what) => {
  expect(nextTurn(objective, nodes, aborted).do).toBe(what);
});

test('a blocker sticks at the third time in a row, and another one counts anew', () => {
  const twice = blockedBy(blockedBy(undefined, 'x'), 'x');
  expect(isStuck(twice)).toBe(false);
  expect(isStuck(blockedBy(twice, 'x'))).toBe(true);
  expect(blockedBy(twice, 'y')).toEqual({ text: 'y', count: 1 });
});

test('of nodes that a dead run left, only the active one returns to pending', () => {
  const nodes = (['pending', 'active', 'complete', 'blocked'] as const).map((status) => node(status, status));
  expect(reopenedNodes(nodes).map(({ status }) => status)).toEqual(['pending', 'pending', 'complete', 'blocked']);
});

test.each<[ObjectiveConfig, string | undefined]>([
  [{ objective: 'all is well' }, undefined],
  [{ objective: ' ' }, 'goal.objective'],
  [{ objective: 'x'.repeat(4_000) }, undefined],
  [{ objective: 'x'.repeat(4_001) }, '4000'],
  [{ objective: 'x', tokenBudget: 0 }, 'goal.tokenBudget'],
  [{ objective: 'x', maxTurns: 1.5 }, 'goal.maxTurns'],
  [{ objective: 'x', maxTokens: -1 }, 'goal.maxTokens'],
  [{ objective: 'x', model: '' }, 'goal.model'],
  [{ objective: 'x', autoExecute: 'aiDirected' }, undefined],
])('what is wrong with a goal that was given: %j', (config, why) => {
  const problem = objectiveProblem(config);
  if (why === undefined) expect(problem).toBeUndefined();
  else expect(problem).toContain(why);
});
