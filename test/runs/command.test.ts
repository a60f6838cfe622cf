import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasEnded } from '../../src/host/kill.js';
import type { ProcessId } from '../../src/model/loop.js';
import { until } from '../act/stage.js';
import { newUser, type User } from './user.js';

let user: User;
beforeEach(() => {
  user = newUser();
});
afterEach(() => user.leave());

describe('how it ended', () => {
  test('a command that exits with 0 succeeded, with its output, pid and exit code', async () => {
    const seen: ProcessId[] = [];
    const target = { type: 'command', command: 'echo out; echo err >&2', shell: true } as const;
    const ran = await user.run(target, { onChild: (child) => seen.push(child) });
    expect(ran).toMatchObject({ status: 'succeeded', exitCode: 0, stdout: 'out\n', stderr: 'err\n' });
    expect(ran).not.toHaveProperty('error');
    expect(seen).toEqual([expect.objectContaining({ pid: ran.pid, start: expect.stringMatching(/^\d+$/) })]);
  });

  test.each([
    ['exit 7', { status: 'failed', exitCode: 7, error: 'process exited with code 7' }],
    ['exit 75', { status: 'failed', exitCode: 75, error: 'process exited with code 75' }],
    ['kill -9 $$', { status: 'failed', error: 'terminated by SIGKILL' }],
    ['kill -TERM $$', { status: 'failed', error: 'terminated by SIGTERM' }],
  ])('%s', async (text, told) => {
    expect(await user.shell(text)).toMatchObject(told);
  });

  test('an exit code that was named neutral is told as skipped, another one is not', async () => {
    expect(await user.shell('exit 75', { skipExit: 75 })).toMatchObject({ status: 'skipped', exitCode: 75 });
    expect(await user.shell('exit 74', { skipExit: 75 })).toMatchObject({ status: 'failed' });
  });

  test('without a shell the words are given as they are, and stdin is closed', async () => {
    user.program('words', 'printf "[%s]" "$@"; cat');
    const ran = await user.run({ type: 'command', command: 'words', args: ['a b', '$HOME', '*', ''] });
    expect(ran.stdout).toBe('[a b][$HOME][*][]');
  });
});

describe('what is kept of its output', () => {
  test('the last 256 KiB, behind a line that says exactly how much was dropped, and the first 8 KiB apart', async () => {
    const ran = await user.shell('head -c 300000 /dev/zero | tr "\\0" x; printf END; printf "%5000s" e >&2');
    expect(ran.stdout.split('\n')[0]).toBe(`[truncated ${300_003 - 262_144} bytes]`);
    expect(ran.stdout).toHaveLength(`[truncated ${300_003 - 262_144} bytes]\n`.length + 262_144);
    expect(ran.stdout.endsWith('xxxEND')).toBe(true);
    expect(ran.head).toBe('x'.repeat(8_192));
    expect(ran.stderr).toHaveLength(5_000);
  });

  test('a character at the cut is left out whole and counted, and bytes that are no text are replaced [loops 114]', async () => {
    user.program('cut', `printf x; head -c 400000 /dev/zero | sed 's/\\x00/\\xe2\\x82\\xac/g'; printf 'y\\377z'`);
    const ran = await user.run({ type: 'command', command: 'cut' });
    const [line, rest] = [ran.stdout.split('\n')[0]!, ran.stdout.slice(ran.stdout.indexOf('\n') + 1)];
    const kept = 3 * (rest.length - 3) + 3;
    expect(rest).toBe(`${'€'.repeat(rest.length - 3)}y\uFFFDz`);
    expect(line).toBe(`[truncated ${1 + 1_200_000 + 3 - kept} bytes]`);
    expect(262_144 - kept).toBeGreaterThan(0);
  });

  test('a gigabyte without a newline on one stream and short lines on the other do not hold each other up [loops 113]', async () => {
    const both = 'head -c 1073741824 /dev/zero & i=0; yes "a short line" | head -n 100000 >&2; wait';
    const ran = await user.shell(both);
    expect(ran).toMatchObject({ status: 'succeeded' });
    expect(ran.stdout.split('\n')[0]).toBe(`[truncated ${2 ** 30 - 262_144} bytes]`);
    expect(ran.stderr.split('\n')[0]).toBe(`[truncated ${13 * 100_000 - 262_144} bytes]`);
  });
});

describe('how it is ended', () => {
  test('at its deadline: what it would have done next is not done [loops 118]', async () => {
    const ran = await user.run(
      { type: 'command', command: 'sleep 1; touch late', shell: true, timeoutMs: 60_000 },
      { timeoutMs: 50 },
    );
    expect(ran).toMatchObject({ status: 'timed_out', error: 'timed out after 50ms' });
    expect(user.left()).toEqual([]);
    expect(user.text('late')).toBe('');
  });

  test('one that ignores TERM is killed with its whole group [loops 115]', async () => {
    const deaf = "trap 'echo heard' TERM; sleep 300 & while :; do wait; done";
    const ran = await user.shell(`sh -c "${deaf}" & ${deaf}`, { timeoutMs: 2_000 });
    expect(ran).toMatchObject({ status: 'timed_out', error: 'timed out after 2000ms', stdout: 'heard\nheard\n' });
    expect(user.left()).toEqual([]);
  });

  test('an abort ends all of it, in whatever session it is, and is told as cancelled', async () => {
    const ending = new AbortController();
    const target = { type: 'command', command: 'setsid sleep 300 & echo on >on; sleep 300', shell: true } as const;
    const running = user.run(target, { signal: ending.signal });
    await until('it runs', () => user.text('on') !== '' && user.left().length >= 2);
    ending.abort();
    expect(await running).toMatchObject({ status: 'failed', error: 'cancelled' });
    expect(user.left()).toEqual([]);
  });

  test('one that is aborted while it is told of is ended', async () => {
    const ending = new AbortController();
    const target = { type: 'command', command: 'sleep 300', shell: true } as const;
    const ran = await user.run(target, { signal: ending.signal, onChild: () => ending.abort() });
    expect(ran).toMatchObject({ status: 'failed', error: 'cancelled' });
    expect(user.left()).toEqual([]);
  });

  test('one that was aborted before it began is not started', async () => {
    const target = { type: 'command', command: 'touch ran', shell: true } as const;
    const ran = await user.run(target, { signal: AbortSignal.abort() });
    expect(ran).toMatchObject({ status: 'failed', error: 'cancelled' });
    expect(ran).not.toHaveProperty('pid');
    expect(user.text('ran')).toBe('');
  });

  test('a grandchild that holds stdout open does not hold the run [loops 116]', async () => {
    const ran = await user.shell('sleep 300 & echo done');
    expect(ran).toMatchObject({ status: 'succeeded', stdout: 'done\n' });
    expect(user.left()).toEqual([]);
  });

  test.each([
    ['in its group', 'sleep 300 >/dev/null 2>&1 &'],
    ['in a session of its own', 'setsid sleep 300 >/dev/null 2>&1 & sleep 0.1'],
    ['of a run that took longer', 'setsid sleep 300 >/dev/null 2>&1 & sleep 1.2'],
  ])('nothing is left behind %s', async (_, text) => {
    expect(await user.shell(text)).toMatchObject({ status: 'succeeded' });
    expect(user.left()).toEqual([]);
  });

  test('nothing is left in its group of what has dropped its environment', async () => {
    const ran = await user.shell('env -i sleep 300 >/dev/null 2>&1 & echo $!');
    expect(ran).toMatchObject({ status: 'succeeded' });
    await until('it is gone', () => hasEnded(Number(ran.stdout)));
  });

  test.each(['TEND_KEEP_GROUP', 'LOOPS_KEEP_GROUP'])('%s in its own variables keeps what it started', async (name) => {
    const ran = await user.shell('sleep 300 >/dev/null 2>&1 & echo $!', { env: { [name]: '1' } });
    expect(ran).toMatchObject({ status: 'succeeded' });
    expect(user.left()).toEqual([Number(ran.stdout)]);
  });
});

test('a child that nobody could be told of is ended', async () => {
  const target = { type: 'command', command: 'sleep 300', shell: true } as const;
  const onChild = () => {
    throw new Error('disk full');
  };
  expect(await user.run(target, { onChild })).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('disk full'),
  });
  expect(user.left()).toEqual([]);
});

describe('what is told before anything is started', () => {
  test('a directory that is missing, no directory, or closed, with its path [loops 119]', async () => {
    const at = (name: string) => join(user.home, name);
    writeFileSync(at('file'), '');
    const told = async (cwd: string) => {
      const { status, error, pid } = await user.shell('touch ran', { cwd });
      return { status, error, pid };
    };
    const not = (why: string, cwd: string) => ({
      status: 'failed',
      error: `Cannot run in "${cwd}": ${why}`,
      pid: undefined,
    });
    expect(await told(at('no'))).toEqual(not('there is no such directory', at('no')));
    expect(await told(at('file'))).toEqual(not('it is not a directory', at('file')));
    expect(await told(at('file/x'))).toEqual(not('a part of that path is not a directory', at('file/x')));
    expect(await told('~/no')).toEqual(not('there is no such directory', at('no')));
    expect(user.text('ran')).toBe('');
  });

  test.skipIf(process.getuid?.() === 0)(
    'a directory that we may not enter (root may enter all), with its path [loops 119]',
    async () => {
      const cwd = join(user.home, 'closed');
      mkdirSync(cwd);
      chmodSync(cwd, 0o000);
      const ran = await user.shell('true', { cwd });
      chmodSync(cwd, 0o700);
      expect(ran.error).toBe(`Cannot run in "${cwd}": permission denied`);
    },
  );

  test('a program that is not on PATH, with the PATH that was searched', async () => {
    const ran = await user.run({ type: 'command', command: 'no-such-program' });
    expect(ran).toMatchObject({ status: 'failed', durationMs: 0 });
    expect(ran.error).toContain('"no-such-program": Executable not found in PATH');
    expect(ran.error).toContain(user.env['PATH']);
    expect(ran).not.toHaveProperty('pid');
  });
});

describe('its environment', () => {
  test('a program in ~/.local/bin is found with a bare PATH, and one in front of PATH wins [loops 148]', async () => {
    const bin = join(user.home, '.local/bin');
    mkdirSync(bin, { recursive: true });
    user.program(join(bin, 'mine'), 'echo home');
    expect((await user.run({ type: 'command', command: 'mine' })).stdout).toBe('home\n');
    user.program('mine', 'echo front');
    expect((await user.run({ type: 'command', command: 'mine' })).stdout).toBe('front\n');
  });

  test('it runs in its directory, else in the home', async () => {
    mkdirSync(join(user.home, 'work'));
    expect((await user.shell('pwd')).stdout).toBe(`${user.home}\n`);
    expect((await user.shell('pwd', { cwd: '~/work' })).stdout).toBe(`${user.home}/work\n`);
    expect((await user.shell('pwd', { cwd: '/usr' })).stdout).toBe('/usr\n');
  });

  test('whose run it is, under both names; what is not set is absent, and not that of an outer run', async () => {
    Object.assign(user.env, {
      LOOPS_WORKFLOW_ID: 'outer',
      TEND_GOAL_ID: 'outer',
      LOOPS_DATA_DIR: '/kept',
      TEND_MARK: 'outer',
    });
    const target = {
      type: 'command',
      command: 'env',
      env: { TEND_RUN_ID: 'own', TEND_MARK: 'own', MINE: '1' },
    } as const;
    const { stdout } = await user.run(target, {
      token: 'a-token-q7Rk2mXw9Zt4',
      identity: {
        loopId: 'abc',
        loopName: 'night watch',
        runId: 'abc-1',
        scheduledFor: '2026-01-01T00:00:00.000Z',
        attempt: 2,
        goalNodeKey: 'n1',
      },
    });
    const lines = stdout.split('\n').filter((line) => /^(?:TEND|LOOPS|MINE)/.test(line));
    const identity = [
      'LOOP_ID=abc',
      'LOOP_NAME=night watch',
      'RUN_ID=abc-1',
      'SCHEDULED_FOR=2026-01-01T00:00:00.000Z',
      'ATTEMPT=2',
      'GOAL_NODE_KEY=n1',
      'RUN_TOKEN=a-token-q7Rk2mXw9Zt4',
    ];
    const expected = [
      ...identity.flatMap((one) => [`TEND_${one}`, `LOOPS_${one}`]),
      'LOOPS_DATA_DIR=/kept',
      'MINE=1',
      'TEND_MARK=a-token-q7Rk2mXw9Zt4',
      'TEND_SESSION_ID=shell',
      'TEND_BIN=/usr/bin/true',
      `TEND_DATA_DIR=${user.root}`,
      `TEND_CONFIG=${user.root}/config.json`,
      `TEND_REPORTS_DIR=${user.root}/reports`,
      `TEND_LEASES_DIR=${user.root}/leases`,
    ];
    expect(lines.sort()).toEqual(expected.sort());
  });

  test('its own variables go before the inherited ones, and provider keys pass as they would for the user', async () => {
    Object.assign(user.env, { ANTHROPIC_BASE_URL: 'http://inherited', COLOR: 'red' });
    const { stdout } = await user.shell('echo $ANTHROPIC_BASE_URL $COLOR', { env: { COLOR: 'blue' } });
    expect(stdout).toBe('http://inherited blue\n');
  });
});
