/** The driver of a run dies before each of its durable steps; another one goes on with what it left. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Workflow } from '../../../src/model/workflow.js';
import type { WorkflowRun } from '../../../src/model/workflow-run.js';
import { idsIn, recordAnswer } from '../../../src/store/asks.js';
import type { Disk } from '../../../src/store/disk.js';
import { readEvents } from '../../../src/store/workflow-runs.js';
import { openRig, type Rig, step } from './rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const WRITES = [
  'publish',
  'replace',
  'append',
  'remove',
  'removeIfEqual',
  'replaceIfEqual',
  'move',
  'makeDir',
] as const;

/** A disk of a process that is dead from its `n`th write on: not that one nor any later one is done. */
function dyingDisk(disk: Disk, n: number): { disk: Disk; died(): string | undefined } {
  let count = 0;
  let at: string | undefined;
  const dying = { ...disk };
  for (const name of WRITES)
    (dying as Record<string, unknown>)[name] = (...args: unknown[]) => {
      count += 1;
      if (count >= n) {
        at ??= `${name} ${String(args[0])}`;
        throw new Error(`killed before ${at}`);
      }
      return (disk[name] as (...all: unknown[]) => unknown)(...args);
    };
  return { disk: dying, died: () => at };
}

const IDENTITY = { loopId: 'a1b2c3d4e5f6', loopName: 'l', scheduledFor: '2026-11-21T08:00:00.000Z' };
const STEPS = [
  step('a'),
  { id: 'approve', target: { type: 'ask', prompt: 'Go on?', proceedOn: ['yes'] } },
  step('b', 'exit 1', { continueOnFailure: true }),
  step('c', 'true', { dependsOn: ['b'] }),
];

const countOf = (id: string): number => rig.notes().filter((note) => note === id).length;

/** Drives until the process dies or has no more to do; what it did by then must stand. */
async function live(
  workflow: Workflow,
  attempt: number,
  n: number,
): Promise<{ run?: WorkflowRun; died: string | undefined }> {
  const dying = dyingDisk(rig.disk, n);
  try {
    const run = rig.begin(workflow, { ...IDENTITY, attempt }, undefined, dying.disk);
    await rig.drive(run, { kind: 'pulse', on: dying.disk });
    return { run, died: dying.died() };
  } catch (error) {
    expect(String(error)).toContain('killed before');
    return { died: dying.died() };
  }
}

test('whatever the driver was about to write, nothing that has a result runs again, and the run comes to its end', async () => {
  const workflow = await rig.workflow(STEPS);
  const places = new Set<string>();
  for (let n = 1; n < 80; n++) {
    const before = Object.fromEntries(['a', 'b', 'c'].map((id) => [id, countOf(id)]));
    const first = await live(workflow, n, n);
    if (first.died !== undefined) places.add(first.died.replace(/[0-9a-f-]{12,}/g, '*'));
    const run = rig.begin(workflow, { ...IDENTITY, attempt: n });
    let again: string | undefined;
    // Dead again, at the same count, on the other side of the answer.
    for (let life = 0; ; life++) {
      expect(life).toBeLessThan(6);
      const done = rig
        .look(run.id)
        .steps.filter(({ status }) => status === 'succeeded')
        .map(({ id }) => [id, countOf(id)] as const);
      const dying = dyingDisk(rig.disk, life === 1 ? n : Number.POSITIVE_INFINITY);
      const driven = await rig.drive(run, { kind: 'pulse', on: dying.disk }).catch(() => undefined);
      again ??= dying.died();
      if (dying.died() !== undefined) places.add(dying.died()!.replace(/[0-9a-f-]{12,}/g, '*'));
      for (const [id, count] of done) expect(countOf(id), `${id} after ${dying.died()}`).toBe(count);
      if (driven?.state === 'waiting')
        recordAnswer(
          rig.disk,
          { id: driven.asks[0]!, outcome: 'answered', answer: 'yes', by: 'ann', channel: 'cli' },
          Date.now(),
        );
      if (driven?.state === 'ended') {
        expect(driven.end.status).toBe('succeeded');
        break;
      }
    }
    expect(rig.statuses(run.id)).toEqual(['succeeded', 'succeeded', 'failed', 'succeeded']);
    for (const id of ['a', 'b', 'c'])
      expect(countOf(id) - before[id]!, `${id}, killed before write ${n}`).toBeLessThanOrEqual(2);
    const told = readEvents(rig.disk, run.id).map(({ eventType, stepId, start }) => `${eventType} ${stepId} ${start}`);
    expect(new Set(told).size, told.join('\n')).toBe(told.length);
    expect(told.filter((event) => /^(step_succeeded|step_failed|succeeded)/.test(event))).toHaveLength(5);
    expect(rig.disk.list('live')).toMatchObject({ names: [] });
    expect(idsIn(rig.disk, 'asks').length + idsIn(rig.disk, 'asks/archive').length).toBe(n);
    if (first.died === undefined && again === undefined) break;
  }
  // The deaths lay where they were meant to.
  for (const place of [
    's1.start',
    's1.result',
    's1.ask',
    'events.ndjson',
    'own-01.json',
    'run.json',
    'live/',
    'keys/',
    'result.json',
    'consumed/',
  ])
    expect([...places].join('\n')).toContain(place);
}, 120_000);
