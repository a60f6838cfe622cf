/** What a session that tend started may do with loops and workflows: look, and nothing else. Over every verb of the families. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { beginRun } from '../../../src/runs/workflow/begin.js';
import { createWorkflow, newWorkflow } from '../../../src/store/workflows.js';
import { VERBS } from '../../../src/verbs.js';
import { type LoopsCli, makeLoopsCli } from './loops-cli.js';

let tend: LoopsCli;
let isWorker: boolean;
beforeEach(() => {
  isWorker = false;
  tend = makeLoopsCli({ ancestorSession: async () => (isWorker ? 'w1' : undefined) });
});
afterEach(() => tend.remove());

const FAMILY = Object.keys(VERBS).filter((words) => /^(?:loops|workflows|machines) /.test(words));
/** Verbs that change nothing, with what makes them say something. All others are taken for changes. */
const LOOKS: Record<string, (loop: string, flow: string, run: string) => string[]> = {
  'loops list': () => [],
  'loops show': (loop) => [loop],
  'loops runs': (loop) => [loop],
  'loops next': (loop) => [loop],
  'loops daemon status': () => [],
  'loops daemon logs': () => [],
  'loops doctor': () => [],
  'loops goal show': (loop) => [loop],
  'loops goal status': (loop) => [loop],
  'machines list': () => [],
  'workflows list': () => [],
  'workflows show': (_loop, flow) => [flow],
  'workflows runs': (_loop, flow) => [flow],
  'workflows inspect': (_loop, _flow, run) => [run],
  'workflows events': (_loop, _flow, run) => [run],
  'workflows validate': () => [join(tend.dir, 'w.json')],
};
/** Words behind a verb that changes something; one that is not here is called with the id of a loop. */
const CHANGES: Record<string, (loop: string, flow: string, run: string) => string[]> = {
  'loops create command': () => ['x', '--cmd', 'true', '--every', '1h'],
  'loops create agent': () => ['x', '--provider', 'claude', '--prompt', 'p', '--every', '1h'],
  'loops create workflow': (_loop, flow) => ['x', '--workflow', flow, '--every', '1h'],
  'loops rename': (loop) => [loop, 'other'],
  'loops backfill': (loop) => [loop, '--from', '2026-01-01', '--to', '2026-01-02'],
  'loops tick': () => [],
  'loops gc': () => [],
  'loops daemon start': () => [],
  'loops daemon stop': () => [],
  'loops daemon run': () => [],
  'loops daemon install': () => [],
  'workflows create': () => [join(tend.dir, 'w.json')],
  'workflows run': (_loop, flow) => [flow],
  'workflows archive': (_loop, flow) => [flow],
  'workflows cancel': (_loop, _flow, run) => [run],
  'workflows recover': (_loop, _flow, run) => [run],
};

/** Every file below the data dir with its bytes. */
function everything(dir = tend.disk.root): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(dir, name);
      return statSync(path).isDirectory() ? name : `${name} ${readFileSync(path, 'latin1')}`;
    });
}

test('in a session that tend started every verb that changes something is refused, and looking changes nothing', async () => {
  const steps = [
    {
      id: 'one',
      target: { type: 'command' as const, command: 'true', shell: true },
      dependsOn: [],
      continueOnFailure: false,
    },
  ];
  writeFileSync(join(tend.dir, 'w.json'), JSON.stringify({ name: 'other', steps }));
  const loop = await tend.create('x', '--every', '1h');
  const flow = newWorkflow({ version: 1, name: 'flow', maxParallel: 1, steps }, Date.now());
  createWorkflow(tend.disk, flow);
  const { id: run } = beginRun(tend.disk, { workflow: flow, identity: {} });
  const before = everything();
  isWorker = true;
  for (const words of FAMILY) {
    const more = (LOOKS[words] ?? CHANGES[words] ?? ((id: string) => [id]))(loop, flow.id, run);
    const said = await tend.cli(...words.split(' '), ...more, '-j');
    if (LOOKS[words]) expect(said.err, words).not.toContain('only a human');
    else {
      expect(said, words).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('only a human may use it') });
      expect(said.err, words).toContain('in session "w1"');
    }
    expect(everything(), words).toEqual(before);
  }
  for (const words of ['loops list', 'loops show', 'workflows list', 'workflows inspect'])
    expect(await tend.cli(...words.split(' '), ...LOOKS[words]!(loop, flow.id, run)), words).toMatchObject({ exit: 0 });
  expect(Object.keys({ ...LOOKS, ...CHANGES }).filter((words) => !FAMILY.includes(words))).toEqual([]);
});
