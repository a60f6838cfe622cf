import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readEnv } from '../../src/host/env.js';
import { findMarked } from '../../src/host/kill.js';
import { superviseShell } from '../../src/host/shell-supervisor.js';
import { awaitShell, ensureShell, giveUpShell, isShellRunning, stopShell } from '../../src/host/supervised-shell.js';
import { parseJson } from '../../src/lib/json.js';
import { buildProgram, killMarks, removeProgram, until } from '../act/stage.js';

let bin = '';
let dir = '';
let mark = '';
beforeAll(async () => {
  bin = await buildProgram();
  return () => removeProgram(bin);
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-shell-'));
  mark = `shell-test-${dir.slice(-6)}`;
});
afterEach(() => {
  killMarks(mark, `supervisor-${mark}`);
  rmSync(dir, { recursive: true, force: true });
});

function command(cmd: string, timeoutMs = 0): void {
  const record = { format: 1, cmd, cwd: dir, data_dir: dir, timeout_ms: timeoutMs, mark };
  writeFileSync(join(dir, 'command.json'), JSON.stringify(record), { mode: 0o600 });
}
const launch = () => ({ bin, cwd: dir, env: { ...readEnv(), TEND_MARK: mark } as Record<string, string> });
const start = () => ensureShell(dir, launch());
const end = (pid?: number) => awaitShell(dir, { mark, pid });
const text = (name: string) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : '');
const record = (name: string) => parseJson(text(name)).value as Record<string, unknown>;

test('stdout and stderr go to one private file in their order; the exit record says how it ended', async () => {
  command('echo one; echo two >&2; echo three; exit 5');
  expect(await end(await start())).toMatchObject({ state: 'exited', exit: { exit_code: 5, timed_out: false } });
  expect(text('output.log')).toBe('one\ntwo\nthree\n');
  for (const name of ['output.log', 'exit.json', 'started.json'])
    expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600);
});

test('output right before the exit is complete, however long', async () => {
  command('head -c 3000000 /dev/zero | tr "\\0" x');
  await end(await start());
  expect(statSync(join(dir, 'output.log')).size).toBe(3_000_000);
});

test('a command has no stdin, the mark by environment, and none of it in the argv of its supervisor', async () => {
  command('cat; echo "mark $TEND_MARK"; tr "\\0" " " < /proc/$PPID/cmdline');
  await end(await start());
  expect(text('output.log')).toContain(`mark ${mark}\n`);
  expect(text('output.log')).toMatch(/ __shell --run-dir \S+ $/);
});

test('of many supervisors of one run dir, one runs the command and the others end at once', async () => {
  command('echo ran >> log; sleep 0.5');
  const ends = await Promise.all(Array.from({ length: 8 }, async () => end(await start())));
  expect(ends.map((one) => one.state)).toEqual(Array.from({ length: 8 }, () => 'exited'));
  expect(await superviseShell(['--run-dir', dir])).toBe(0);
  expect(text('log')).toBe('ran\n');
});

test('a command whose output cannot be kept does not run, and is told as one that never began', async () => {
  command('echo ran >> log');
  mkdirSync(join(dir, 'output.log'));
  expect(await end(await start())).toEqual({ state: 'not-started', reason: 'its output cannot be kept: EISDIR' });
  expect(text('log')).toBe('');
  expect(record('exit.json')).toMatchObject({ exit_code: null, never_ran: true });
});

test('what was given up before it began never runs, even when a supervisor comes late', async () => {
  command('echo ran >> log');
  expect(giveUpShell(dir, 'because')).toEqual({ state: 'not-started', reason: 'because' });
  expect(await superviseShell(['--run-dir', dir])).toBe(0);
  expect(await end()).toMatchObject({ state: 'not-started' });
  expect(text('log')).toBe('');
});

test('a supervisor that cannot begin is noticed, and nothing ran', async () => {
  writeFileSync(join(dir, 'command.json'), 'not json');
  expect(await end(await start())).toMatchObject({ state: 'not-started' });
  expect(text('supervisor.log')).not.toBe('');
});

test('a supervisor that is told to stop ends its command and still records it', async () => {
  command('echo begun; sleep 300');
  const pid = await start();
  await until('it has begun', () => text('output.log') !== '');
  expect(await isShellRunning(dir)).toBe(true);
  process.kill(pid!, 'SIGTERM');
  expect(await end(pid)).toMatchObject({
    state: 'exited',
    exit: { exit_code: null, signal: 'SIGTERM', problem: 'its supervisor was told to stop' },
  });
  expect(findMarked(mark)).toEqual([]);
  expect(await isShellRunning(dir)).toBe(false);
});

test('it can be asked to stop by its socket', async () => {
  command('echo begun; sleep 300');
  const pid = await start();
  await until('it has begun', () => text('output.log') !== '');
  expect(await stopShell(dir)).toBe(true);
  expect(await end(pid)).toMatchObject({ state: 'exited', exit: { exit_code: null } });
});

test('a waiter that is told to end leaves the command running, and can come back', async () => {
  command('echo begun; sleep 1; echo done');
  const pid = await start();
  await until('it has begun', () => text('output.log') !== '');
  expect(await awaitShell(dir, { mark, signal: AbortSignal.abort(), pid })).toEqual({ state: 'left-running' });
  expect(await end()).toMatchObject({ state: 'exited', exit: { exit_code: 0 } });
  expect(text('output.log')).toBe('begun\ndone\n');
});

test('a stopped supervisor is not taken for dead', async () => {
  command('sleep 1');
  const pid = await start();
  await until('it has begun', () => text('started.json') !== '' && findMarked(mark).length > 0);
  process.kill(pid!, 'SIGSTOP');
  const waiting = end(pid);
  const early = await Promise.race([waiting, new Promise((resolve) => setTimeout(() => resolve('waiting'), 2_500))]);
  process.kill(pid!, 'SIGCONT');
  expect(early).toBe('waiting');
  expect(await waiting).toMatchObject({ state: 'exited', exit: { exit_code: 0 } });
});

test('an exit record that is garbage is an unknown end, not a second run', async () => {
  command('echo ran >> log');
  await end(await start());
  rmSync(join(dir, 'exit.json'));
  writeFileSync(join(dir, 'exit.json'), '{"format":1');
  expect(await end(await start())).toMatchObject({ state: 'interrupted' });
  expect(text('log')).toBe('ran\n');
});

test.each([[[]], [['--run-dir']], [['--run-dir', 'relative']], [['--run-dir', '/a', '/b']], [['/a', '--run-dir']]])(
  'arguments %j are refused',
  async (argv) => {
    await expect(superviseShell(argv)).rejects.toThrow('--run-dir and an absolute path are wanted');
  },
);

test('the beacon is lit before the start is recorded and out after the end', async () => {
  mkdirSync(join(dir, 'x'));
  command('true');
  await end(await start());
  const { socket } = record('started.json');
  await until('the socket is gone', () => !existsSync(String(socket)));
});
