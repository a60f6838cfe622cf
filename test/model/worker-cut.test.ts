import { expect, test } from 'vitest';
import type { WorkerSpec, WorkerStatus } from '../../src/model/worker.js';
import { cutBy, cutOf } from '../../src/model/worker-cut.js';

const spec = (more: object = {}) => ({ id: 'w', generation: 'aa', desired: 'running', ...more }) as WorkerSpec;
const status = (more: object = {}) =>
  ({
    generation: 'aa',
    state: 'running',
    exit_code: null,
    child_pid: 7,
    runner: 'codex',
    session: 's',
    ...more,
  }) as WorkerStatus;
const RESUME = { session: 's', runner: 'codex', first: '99', count: 2, usd: 0, answered: [] };
const DIED = 'its supervisor died (crash or reboot)';

test.each<[name: string, spec: object, status: object, why: string | undefined]>([
  ['its supervisor is dead and nobody has recorded that', {}, {}, 'its supervisor died'],
  ['so it was recorded', {}, { state: 'failed', message: DIED }, DIED],
  ['it was told to stop and its supervisor died', { desired: 'stopped' }, { state: 'killed', message: 'x' }, undefined],
  [
    'it was killed by whoever wanted it to end',
    { desired: 'stopped' },
    { state: 'killed', signal: 'SIGTERM' },
    undefined,
  ],
  ['a signal that tend did not send', {}, { state: 'killed', signal: 'SIGKILL' }, 'it was ended by SIGKILL'],
  [
    'the machine went down politely',
    {},
    { state: 'killed', message: 'its supervisor got SIGTERM' },
    'its supervisor got SIGTERM',
  ],
  ['its agent was killed under its shell', {}, { state: 'exited', exit_code: 137 }, 'its agent was ended by signal 9'],
  ['its end', {}, { state: 'exited', exit_code: 0 }, undefined],
  ['an error of its own', {}, { state: 'exited', exit_code: 1 }, undefined],
  ['the last exit code, which names no signal', {}, { state: 'exited', exit_code: 255 }, undefined],
  ['it never began', {}, { state: 'failed', child_pid: null, message: 'no command' }, undefined],
  [
    'it never began to go on',
    { resume: RESUME },
    { state: 'failed', child_pid: null, message: 'no command' },
    'no command',
  ],
])('what cut a session: %s', (_name, of, seen, why) => {
  expect(cutBy({ spec: spec(of), status: status(seen) })).toBe(why);
});

test.each<[name: string, spec: object, status: object, cut: object | undefined]>([
  ['once', {}, {}, { resumed: 0, left: 3 }],
  ['again', { resume: RESUME }, { session: undefined, runner: undefined }, { resumed: 2, left: 1 }],
  ['more often than is allowed', { resume: { ...RESUME, count: 4 } }, {}, { resumed: 4, left: 0 }],
  ['with a session that nobody knows', {}, { session: undefined }, undefined],
  ['with a CLI that goes on with none', {}, { no_resume: 'why' }, undefined],
])('what can be resumed: cut %s', (_name, of, seen, cut) => {
  const found = cutOf({ spec: spec(of), status: status(seen) });
  if (cut) expect(found).toMatchObject(cut);
  else expect(found).toBeUndefined();
});
