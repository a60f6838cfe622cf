import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Step, StepStatus } from '../../../src/model/workflow.js';
import { findCycle, isOver, nextSteps, type StepState, stepOrder } from '../../../src/runs/workflow/order.js';

const step = (id: string, dependsOn: string[] = [], continueOnFailure = false): Step => ({
  id,
  dependsOn,
  continueOnFailure,
  target: { type: 'command', command: 'true' },
});
const ids = (steps: readonly Step[]) => steps.map(({ id }) => id).join('');
const states = (of: Record<string, StepStatus | StepState>) =>
  new Map(Object.entries(of).map(([id, state]) => [id, typeof state === 'string' ? { status: state } : state]));

test.each([
  ['file order', [step('a'), step('b'), step('c')], 'abc'],
  ['dependencies first', [step('c', ['b']), step('b', ['a']), step('a')], 'abc'],
  ['a diamond', [step('d', ['b', 'c']), step('c', ['a']), step('b', ['a']), step('a')], 'abcd'],
  ['two trees', [step('b', ['a']), step('x'), step('a')], 'abx'],
])('the order is depth first over the file: %s [loops 124]', (_what, steps, order) => {
  expect(ids(stepOrder(steps))).toBe(order);
});

test.each<[string, Record<string, StepStatus | StepState>, number, object]>([
  ['nothing yet', {}, 1, { start: ['a'] }],
  ['one place is taken', { a: 'running' }, 1, { start: [] }],
  ['a human is asked in the only place', { a: 'waiting' }, 1, { start: [] }],
  ['two places', {}, 2, { start: ['a', 'c'] }],
  ['a is done', { a: 'succeeded' }, 2, { start: ['b', 'c'] }],
  [
    'a failed',
    { a: { status: 'failed', error: 'x' } },
    2,
    {
      start: [],
      skip: [
        { id: 'b', reason: 'step a failed: x' },
        { id: 'c', reason: 'step a failed: x' },
      ],
    },
  ],
  ['a failed while c runs', { a: 'failed', b: 'skipped', c: 'running' }, 2, { skip: [], end: undefined }],
  [
    'a failed while c asks',
    { a: 'failed', b: 'skipped', c: 'waiting' },
    2,
    { withdraw: [{ id: 'c', reason: 'step a failed' }], end: undefined },
  ],
  [
    'a timed out, all over',
    { a: { status: 'timed_out', error: 't' }, b: 'skipped', c: 'succeeded' },
    2,
    { end: { status: 'timed_out', error: 'step a timed_out: t' } },
  ],
  [
    'of two failures the first counts',
    { a: { status: 'failed', finishedAt: 9 }, b: 'skipped', c: { status: 'timed_out', finishedAt: 5 } },
    2,
    { end: { status: 'timed_out' } },
  ],
  [
    'a chose to be skipped by its exit code',
    { a: 'skipped' },
    1,
    { skip: [{ id: 'b', reason: 'its dependency a was skipped' }], start: ['c'] },
  ],
  [
    'one was passed over',
    { a: 'skipped', b: { status: 'skipped', passedOver: true, error: 'r' }, c: 'succeeded' },
    1,
    { end: { status: 'failed', error: 'step b skipped: r' } },
  ],
  ['all succeeded', { a: 'succeeded', b: 'succeeded', c: 'succeeded' }, 1, { end: { status: 'succeeded' } }],
])('what comes next when %s', (_what, of, maxParallel, expected) => {
  const workflow = { steps: [step('a'), step('b', ['a']), step('c')], maxParallel };
  const next = nextSteps(workflow, states(of));
  expect({ ...next, end: next.end }).toMatchObject(expected);
});

test('a failure that may be passed over lets dependents start, and the run succeed [loops 126]', () => {
  const workflow = { steps: [step('a', [], true), step('b', ['a'])], maxParallel: 1 };
  expect(nextSteps(workflow, states({ a: 'failed' })).start).toEqual(['b']);
  expect(nextSteps(workflow, states({ a: 'failed', b: 'succeeded' })).end).toEqual({ status: 'succeeded' });
});

/** Steps that only depend on earlier ones, in any order of the file. */
const graphs = fc
  .integer({ min: 1, max: 12 })
  .chain((n) =>
    fc.tuple(
      fc.array(fc.tuple(fc.array(fc.nat(n), { maxLength: 3 }), fc.boolean()), { minLength: n, maxLength: n }),
      fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }),
    ),
  )
  .map(([deps, order]) => {
    const steps = deps.map(([of, goesOn], i) =>
      step(`s${i}`, [...new Set(of.filter((d) => d < i).map((d) => `s${d}`))], goesOn),
    );
    return order.map((i) => steps[i]!);
  });

test('whatever ends how: nothing starts twice, before its dependencies or beyond its places, and the run ends [loops 136]', () => {
  fc.assert(
    fc.property(
      graphs,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(
        fc.tuple(fc.constantFrom<StepStatus>('succeeded', 'succeeded', 'failed', 'timed_out', 'skipped'), fc.nat(7)),
      ),
      (steps, maxParallel, chances) => {
        const known = new Map<string, StepState>();
        const started: string[] = [];
        let clock = 0;
        for (let rounds = 0; ; rounds++) {
          expect(rounds).toBeLessThan(100);
          const next = nextSteps({ steps, maxParallel }, known);
          for (const { id } of next.skip) known.set(id, { status: 'skipped', passedOver: true });
          for (const id of next.start) {
            expect(started).not.toContain(id);
            started.push(id);
            for (const dep of steps.find((s) => s.id === id)!.dependsOn)
              expect(isOver(known.get(dep)!.status)).toBe(true);
            known.set(id, { status: 'running' });
          }
          const running = [...known].filter(([, { status }]) => status === 'running');
          expect(running.length).toBeLessThanOrEqual(maxParallel);
          if (next.end) {
            expect(running).toEqual([]);
            expect(steps.every(({ id }) => isOver(known.get(id)!.status))).toBe(true);
            return;
          }
          if (next.skip.length + next.start.length > 0) continue;
          const [status, which] = chances.next().value!;
          known.set(running[which % running.length]![0], { status, finishedAt: clock++ });
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a cycle is found where there is one, and nowhere else', () => {
  expect(findCycle([step('a', ['b']), step('b', ['a'])])).toEqual(['a', 'b', 'a']);
  fc.assert(
    fc.property(graphs, (steps) => {
      expect(findCycle(steps)).toBeUndefined();
    }),
  );
  fc.assert(
    fc.property(graphs, (steps) => {
      const [first, ...more] = stepOrder(steps);
      fc.pre(more.length > 0);
      const last = more.find((s) => s.dependsOn.includes(first!.id));
      fc.pre(last !== undefined);
      const bent = steps.map((s) => (s === first ? { ...s, dependsOn: [...s.dependsOn, last!.id] } : s));
      expect(findCycle(bent)?.length).toBeGreaterThan(1);
    }),
  );
});
