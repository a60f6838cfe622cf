/** `tend workflows …` as a user's script sees it: stdout, stderr, exit codes, files. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findMarked } from '../../src/host/kill.js';
import { lookAtRun } from '../../src/runs/workflow/look.js';
import { makeProfile, type Profile } from './tend-process.js';

let house: Profile;
let work: string;
beforeEach(() => {
  house = makeProfile();
  work = join(house.root, '..', 'work');
  mkdirSync(join(work, 'bin'), { recursive: true });
});
afterEach(() => house.remove());

const file = (body: object, name = 'w.json'): string => {
  const path = join(work, name);
  writeFileSync(path, JSON.stringify(body));
  return path;
};
const shell = (id: string, command: string, more: object = {}) => ({
  id,
  target: { type: 'command', shell: true, command, cwd: work },
  ...more,
});
const program = (name: string, body = 'exit 0') =>
  writeFileSync(join(work, 'bin', name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
const withPath = () => ({ env: { PATH: `${join(work, 'bin')}:${process.env['PATH']}` } });
const notes = () =>
  existsSync(join(work, 'notes')) ? readFileSync(join(work, 'notes'), 'utf8').trim().split('\n') : [];
const note = (id: string, more = 'true') => shell(id, `echo ${id} >> notes; ${more}`);
async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    const got = await look();
    if (got) return got;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error('it did not happen');
}

test('a file with problems: exit 1, all of them on stderr, nothing on stdout, nothing stored [loops 122, 123]', async () => {
  const bad = file({ steps: [{ id: 'a b', target: { type: 'command', command: 'x y' }, dependsOn: ['c'] }] });
  for (const verb of ['validate', 'create']) {
    const { code, stdout, stderr } = await house.tend(['workflows', verb, bad, '--json']);
    expect([code, stdout]).toEqual([1, '']);
    for (const token of ['workflow.name', 'workflow.steps[0].id', 'executable without spaces', 'missing step'])
      expect(stderr.split('\n').filter((line) => line.startsWith('  ') && line.includes(token))).toHaveLength(1);
    expect(JSON.parse(stderr.split('\n').find((line) => line.startsWith('{'))!)).toMatchObject({
      error: { code: 'INVALID' },
    });
  }
  expect(await house.tend(['workflows', 'validate', file({ name: 'w', steps: [note('a')] })])).toMatchObject({
    code: 0,
    stdout: 'valid workflow w steps=1\n',
  });
  expect(existsSync(join(house.root, 'workflows'))).toBe(false);
  expect(await house.tend(['workflows', 'validate', join(work, 'none.json')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no such file'),
  });
});

test('create, list, show, archive: one active of a name, prompts and variables are not shown [loops 137]', async () => {
  const path = file({
    name: 'w',
    steps: [{ id: 'a', target: { type: 'agent', provider: 'claude', prompt: 'secret plan', env: { KEY: 'v4lue' } } }],
  });
  const made = await house.tend(['workflows', 'create', path]);
  const id = /^created workflow ([0-9a-f]{12}) \(w\) steps=1\n$/.exec(made.stdout)?.[1] ?? '';
  expect(id).not.toBe('');
  expect(await house.tend(['workflow', 'create', path])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(id),
  });
  expect((await house.tend(['workflows', 'list'])).stdout).toBe(`${id}  active    steps=1  w\n`);
  const shown = (await house.tend(['loops', 'workflows', 'show', 'w'])).stdout;
  expect(JSON.parse(shown)).toMatchObject({ id, status: 'active', maxParallel: 1, version: 1 });
  expect(shown).toContain('[redacted 11 chars]');
  expect(shown).not.toMatch(/secret plan|v4lue/);
  expect((await house.tend(['workflows', 'archive', 'w'])).stdout).toBe(`${id} archived\n`);
  expect((await house.tend(['workflows', 'list'])).stdout).toBe('');
  expect(await house.json(['workflows', 'list', '--status', 'archived', '--json'])).toMatchObject([
    { id, status: 'archived' },
  ]);
  expect(await house.tend(['workflows', 'run', 'w'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('archived'),
  });
  expect(await house.tend(['loops', 'create', 'workflow', 'l', '--workflow', 'w', '--every', '1h'])).toMatchObject({
    code: 1,
  });
  expect((await house.tend(['workflows', 'create', path])).code).toBe(0);
  expect(await house.tend(['workflows', 'show', 'nowhere', '--json'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('"NOT_FOUND"'),
  });
});

test('twenty processes create a workflow of one name at once: exactly one is active [loops 99]', async () => {
  const files = Array.from({ length: 20 }, (_, i) => file({ name: 'w', steps: [note(`s${i}`)] }, `w${i}.json`));
  const ended = await Promise.all(files.map((path) => house.tend(['workflows', 'create', path])));
  expect(ended.filter(({ code }) => code === 0)).toHaveLength(1);
  const active = await house.json<{ id: string }[]>(['workflows', 'list', '--json']);
  expect(active).toHaveLength(1);
  expect(ended.find(({ code }) => code === 0)?.stdout).toContain(active[0]?.id);
});

test('run, runs, inspect, events: lines, JSON, exit codes, and output only when it is asked for', async () => {
  await house.tend([
    'workflows',
    'create',
    file({ name: 'w', steps: [shell('a', 'echo hello'), shell('b', 'echo oops >&2; exit 7'), note('c')] }),
  ]);
  const ran = await house.tend(['workflows', 'run', 'w']);
  const id = ran.stdout.split(' ')[0]!;
  expect(ran.code).toBe(1);
  expect(ran.stdout.split('\n')).toEqual([
    `${id} failed`,
    '  00  succeeded   a',
    '  01  failed      b  process exited with code 7',
    '  02  skipped     c  step b failed: process exited with code 7',
    '',
  ]);
  expect((await house.tend(['workflows', 'runs', 'w'])).stdout).toMatch(
    new RegExp(`^${id}  failed      w  started=\\S+Z\n$`),
  );
  const seen = await house.json<{
    workflowRun: object;
    steps: Record<string, unknown>[];
    events: Record<string, unknown>[];
  }>(['workflows', 'inspect', id, '--json']);
  expect(seen.workflowRun).toMatchObject({
    id,
    workflowName: 'w',
    status: 'failed',
    error: expect.stringMatching(/^\[redacted/),
  });
  expect(seen.steps).toMatchObject([
    { id: `${id}-00`, sequence: 0, stdout: '[redacted 6 chars]', exitCode: 0 },
    { id: `${id}-01`, status: 'failed', stderr: '[redacted 5 chars]', exitCode: 7 },
    { id: `${id}-02`, status: 'skipped' },
  ]);
  expect(seen.events.map(({ sequence, id: event }) => [sequence, event])).toEqual(
    seen.events.map((_event, i) => [i + 1, `${id}-${i + 1}`]),
  );
  expect(JSON.stringify(seen)).not.toMatch(/hello|oops/);
  const shown = await house.json<typeof seen>(['workflows', 'inspect', id, '--json', '--show-output']);
  expect(shown.steps).toMatchObject([
    { stdout: 'hello\n' },
    { stderr: 'oops\n', error: 'process exited with code 7' },
    {},
  ]);
  expect((await house.tend(['workflows', 'events', id, '--limit', '1'])).stdout).toMatch(
    /^007 {2}failed {10}- {2}\S+Z\n$/,
  );
  expect((await house.tend(['workflows', 'cancel', id])).stdout).toBe(`${id} failed\n`);
  expect(await house.tend(['workflows', 'recover', id])).toMatchObject({ code: 0, stdout: `${id} recovered=0\n` });
  expect((await house.tend(['workflows'])).code).toBe(1);
});

const firstRun = (): string | undefined => {
  const days = existsSync(join(house.root, 'runs'))
    ? readdirSync(join(house.root, 'runs')).filter((name) => !name.includes('.'))
    : [];
  const runs = days.flatMap((day) => readdirSync(join(house.root, 'runs', day)).map((id) => [day, id] as const));
  return runs.find(([day, id]) => existsSync(join(house.root, 'runs', day, id, 'run.json')))?.[1];
};

/** A run by hand whose process was killed while step `id` runs. */
async function killedIn(step: string): Promise<{ run: string; token: string }> {
  const running = house.start(['workflows', 'run', 'w']);
  const [run, token] = await until((): [string, string] | undefined => {
    const found = firstRun();
    const view = found && lookAtRun(house.disk, found, 'look at').steps.find(({ id }) => id === step);
    return found && view && view.pid !== undefined && view.token !== undefined ? [found, view.token] : undefined;
  });
  running.child.kill('SIGKILL');
  await running.ended;
  return { run, token };
}

test('the process of a run is killed in its second step: it is shown as orphaned, and a resume repeats only that step [loops 134, 135]', async () => {
  const gate = join(work, 'open');
  await house.tend([
    'workflows',
    'create',
    file({ name: 'w', steps: [note('a'), note('b', `test -e ${gate} || exec sleep 600`), note('c'), note('d')] }),
  ]);
  const { run, token } = await killedIn('b');
  expect((await house.tend(['workflows', 'inspect', run])).stdout).toContain(`${run} running orphaned\n`);
  const refused = await house.tend(['workflows', 'recover', run, '--resume']);
  expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('step b is still alive') });
  writeFileSync(gate, '');
  for (const pid of findMarked(token)) process.kill(pid, 'SIGKILL');
  await until(() => findMarked(token).length === 0);
  const resumed = await house.tend(['workflows', 'recover', run, '--resume']);
  expect(resumed.code).toBe(0);
  expect(resumed.stdout).toContain(`${run} recovered=1\n${run} succeeded\n`);
  expect(notes()).toEqual(['a', 'b', 'b', 'c', 'd']);
  expect(await house.json(['workflows', 'events', run, '--json'])).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        eventType: 'recovered',
        payload: { steps: ['b'], reason: expect.stringMatching(/^\[redacted/) },
      }),
    ]),
  );
});

test('a cancel of a run whose process was killed ends the processes of its step [loops 132]', async () => {
  await house.tend(['workflows', 'create', file({ name: 'w', steps: [note('a', 'sleep 600; echo late >> notes')] })]);
  const { run, token } = await killedIn('a');
  expect(findMarked(token)).not.toEqual([]);
  expect((await house.tend(['workflows', 'cancel', run])).stdout).toBe(`${run} cancelled\n`);
  expect(findMarked(token)).toEqual([]);
  expect(notes()).toEqual(['a']);
});

test('TERM to a run in the foreground: 143, the run is cancelled, nothing of it lives', async () => {
  await house.tend(['workflows', 'create', file({ name: 'w', steps: [note('a', 'sleep 600')] })]);
  const running = house.start(['workflows', 'run', 'w']);
  const token = await until(() => {
    const run = firstRun();
    return (
      run &&
      lookAtRun(house.disk, run, 'look at').steps[0]?.pid !== undefined &&
      lookAtRun(house.disk, run, 'look at').steps[0]?.token
    );
  });
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 143, stdout: '' });
  expect(findMarked(token)).toEqual([]);
  expect((await house.tend(['workflows', 'runs'])).stdout).toContain('cancelled');
});

test('a preflight names the missing program and the PATH it was looked for on; shell steps pass with a warning [loops 138]', async () => {
  const path = file({
    name: 'w',
    steps: [
      shell('ok', 'no-such-thing'),
      { id: 'gone', target: { type: 'command', command: 'no-such-program', cwd: work } },
    ],
  });
  const missing = await house.tend(['workflows', 'validate', path, '--preflight'], withPath());
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  for (const token of ['step gone', 'Executable not found in PATH', 'no-such-program', join(work, 'bin')])
    expect(missing.stderr).toContain(token);
  program('no-such-program');
  const there = await house.tend(['workflows', 'validate', path, '--preflight', '--json'], withPath());
  expect(there.stderr).toContain('step ok');
  expect(JSON.parse(there.stdout)).toMatchObject({
    valid: true,
    preflight: { steps: [{ command: 'sh' }, { command: 'no-such-program' }] },
  });
  chmodSync(join(work, 'bin', 'no-such-program'), 0o644);
  expect((await house.tend(['workflows', 'validate', path, '--preflight'], withPath())).code).toBe(1);
});

test('the shipped template passes with its programs there; ids, dependencies, no address inside [loops 175]', async () => {
  const template = new URL('../../seeds/workflows/transcript-feedback-to-loops.json', import.meta.url).pathname;
  for (const name of ['transcriber', 'loops', 'codewith']) program(name);
  expect(await house.tend(['workflows', 'validate', template, '--preflight', '--strict'], withPath())).toMatchObject({
    code: 0,
    stdout: 'valid workflow transcript-feedback-to-loops steps=6\n',
  });
  const text = readFileSync(template, 'utf8');
  expect(text).not.toMatch(/https?:|\bwww\./);
  const { goal, steps } = JSON.parse(text) as {
    goal?: object;
    steps: { id: string; dependsOn?: string[]; target: Record<string, unknown> }[];
  };
  expect(goal).toBeUndefined();
  expect(
    steps.map(({ id, dependsOn, target: { type, shell: isShell, provider, timeoutMs } }) => [
      id,
      dependsOn ?? [],
      isShell ? 'shell' : (provider ?? type),
      timeoutMs,
    ]),
  ).toEqual([
    ['check-transcriber', [], 'command', 30_000],
    ['check-loops', [], 'command', 30_000],
    ['transcribe-media', ['check-transcriber'], 'shell', 3_600_000],
    ['extract-loop-backlog', ['transcribe-media'], 'codewith', 1_800_000],
    ['author-loop-workflows', ['extract-loop-backlog'], 'codewith', 1_800_000],
    ['validate-loop-workflows', ['author-loop-workflows', 'check-loops'], 'shell', 300_000],
  ]);
});
