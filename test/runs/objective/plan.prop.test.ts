import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Objective, ObjectiveNode } from '../../../src/model/objective.js';
import { type PlannedNode, planProblems, readProposal } from '../../../src/runs/objective/plan.js';
import { nextTurn, readyNodes } from '../../../src/runs/objective/turn.js';

const node = (key: string, dependsOn: string[], priority = 0): PlannedNode => ({
  key,
  objective: 'x',
  dependsOn,
  priority,
});
const pending = (one: PlannedNode): ObjectiveNode => ({
  ...one,
  status: 'pending',
  tokensUsed: 0,
  timeUsedMs: 0,
  runs: 0,
  updatedAt: '',
});
const objective = (turn = 0): Objective => ({
  format: 1,
  id: 'x',
  config: { objective: 'x', maxTurns: 100 },
  status: 'active',
  source: {},
  name: 'x.1',
  planned: true,
  tokensUsed: 0,
  calls: 0,
  turn,
  timeUsedMs: 0,
  createdAt: '',
  updatedAt: '',
});

/** Up to 12 nodes, each of which depends on any others, itself among them. */
const anyGraph = fc
  .array(fc.tuple(fc.array(fc.nat(11), { maxLength: 4 }), fc.integer({ min: -2, max: 2 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((rows) =>
    rows.map(([wanted, priority], n) =>
      node(`n${n}`, [...new Set(wanted.map((to) => `n${to % rows.length}`))], priority),
    ),
  );

/** Runs what is ready, turn by turn, until nothing is. */
function runAll(plan: readonly PlannedNode[]): { order: string[]; left: ObjectiveNode[]; last: string } {
  let nodes = plan.map(pending);
  const order: string[] = [];
  for (;;) {
    const turn = nextTurn(objective(), nodes, false);
    if (turn.do !== 'execute') return { order, left: nodes.filter((one) => one.status !== 'complete'), last: turn.do };
    order.push(...turn.keys);
    nodes = nodes.map((one) => (turn.keys.includes(one.key) ? { ...one, status: 'complete' } : one));
  }
}

test('a plan is accepted exactly when running what is ready comes to its end; each node runs once, behind what it depends on', () => {
  fc.assert(
    fc.property(anyGraph, (plan) => {
      const { order, left, last } = runAll(plan);
      expect(planProblems(plan).length === 0).toBe(left.length === 0);
      expect(last).toBe(left.length === 0 ? 'audit' : 'idle');
      expect(new Set(order).size).toBe(order.length);
      for (const one of plan)
        if (order.includes(one.key))
          for (const before of one.dependsOn) expect(order.indexOf(before)).toBeLessThan(order.indexOf(one.key));
    }),
    { numRuns: 2_000 },
  );
});

test('the order of what is ready is by priority, then as planned', () => {
  fc.assert(
    fc.property(anyGraph, (plan) => {
      const ready = readyNodes(plan.map((one) => pending({ ...one, dependsOn: [] })));
      for (const [n, one] of ready.entries()) {
        const next = ready[n + 1];
        if (!next) continue;
        const places = [one, next].map(({ key }) => plan.findIndex((planned) => planned.key === key)) as [
          number,
          number,
        ];
        expect(one.priority > next.priority || (one.priority === next.priority && places[0] < places[1])).toBe(true);
      }
    }),
  );
});

test('whatever a model says as a plan is read or refused in words, and never thrown at us', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const read = readProposal(value);
      if (read.nodes) planProblems(read.nodes);
      else expect(read.problems.length).toBeGreaterThan(0);
    }),
  );
});
