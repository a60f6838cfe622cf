/** What only real processes show of the loops verbs: stdin, many at once, and the pulse by its other name. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loopIds, readLoop } from '../../../src/store/loops.js';
import { makeProfile, type Profile } from '../tend-process.js';

let tend: Profile;
beforeEach(() => {
  tend = makeProfile();
});
afterEach(async () => {
  await tend.tend(['loops', 'daemon', 'stop']);
  tend.remove();
});

const DYNAMIC = ['--cmd', 'true', '--dynamic', '-j'];

test('a prompt comes from stdin whole, and an empty one is refused', async () => {
  const create = ['loops', 'create', 'agent', 'x', '--provider', 'claude', '--prompt', '-', '--dynamic'];
  const text = '# Task\n\n- "quotes" $HOME `ticks`\n- ünïcode';
  expect(await tend.tend(create, { input: `${text}\n` })).toMatchObject({ code: 0, stderr: '' });
  const [id] = loopIds(tend.disk);
  expect(readLoop(tend.disk, id!)).toMatchObject({ spec: { target: { prompt: text } } });
  const empty = await tend.tend(create, { input: ' \n' });
  expect(empty).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('the prompt is blank') });
  expect(loopIds(tend.disk)).toEqual([id]);
});

test('many who pause, resume and stop one loop at once: each has its effect or is told CONFLICT, and the chain has no gap [loops 98]', async () => {
  const { id } = await tend.json<{ id: string }>(['loops', 'create', 'command', 'x', ...DYNAMIC]);
  const pauses = await Promise.all(Array.from({ length: 4 }, () => tend.tend(['loops', 'pause', id])));
  expect(pauses.map(({ code }) => code).sort(), 'an active loop is paused once').toEqual([0, 1, 1, 1]);
  const verbs = Array.from({ length: 6 }, (_, n) => ['pause', 'resume', 'stop'][n % 3]!);
  const ended = await Promise.all(verbs.map((verb) => tend.tend(['loops', verb, id, '-j'])));
  const wanted: Record<string, string> = { pause: 'paused', resume: 'active', stop: 'stopped' };
  for (const [n, { code, stdout, stderr }] of ended.entries()) {
    if (code === 0) expect(JSON.parse(stdout)).toMatchObject({ id, status: wanted[verbs[n]!] });
    else
      expect([code, stdout, JSON.parse(stderr.trim().split('\n').at(-1)!)]).toMatchObject([
        1,
        '',
        { error: { code: 'CONFLICT' } },
      ]);
  }
  const paused = ended.filter(({ code }, n) => code === 0 && verbs[n] === 'pause').length;
  const listed = tend.disk.list(`schedules/${id}/state`);
  const revs = listed.state === 'present' ? listed.names.map((name) => Number(name.slice(0, 10))) : [];
  const last = revs.at(-1)!;
  expect(last, 'each pause that was told is a step of its own').toBeGreaterThanOrEqual(2 + paused);
  expect(revs).toEqual(Array.from({ length: Math.min(5, last) }, (_, n) => last - Math.min(5, last) + 1 + n));
  const entry = readLoop(tend.disk, id);
  expect(entry).toMatchObject({ state: 'ok', loopState: { rev: last } });
  expect(Object.values(wanted)).toContain(entry?.loopState?.status);
});

test('the pulse is started, told of, and stopped as the daemon of the loops [loops 163]', async () => {
  const daemon = (...argv: string[]) => tend.tend(['loops', 'daemon', ...argv]);
  expect(await daemon('start')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('try: tend init'),
  });
  expect((await tend.tend(['init', '--runner', 'embedded', '--yes'])).code).toBe(0);
  expect((await daemon('logs', '-n', '5')).stdout).toBe('\n');
  await tend.tend(['loops', 'create', 'command', 'x', '--cmd', 'true', '--at', '2031-01-01']);
  const started = await tend.json<{ pid: number }>(['loops', 'daemon', 'start', '-j']);
  expect(started).toEqual({ started: true, alreadyRunning: false, pid: expect.any(Number) });
  expect((await daemon('start')).stdout).toBe(`already running pid=${started.pid}\n`);
  expect(await tend.json(['loops', 'daemon', 'start', '-j'])).toEqual({
    started: false,
    alreadyRunning: true,
    pid: started.pid,
  });
  expect(await tend.json(['loops', 'daemon', 'status', '-j'])).toMatchObject({
    running: true,
    stale: false,
    pid: started.pid,
    lease: { pid: started.pid },
    loops: { total: 1, active: 1, paused: 0, stopped: 0, expired: 0 },
    runs: { total: expect.any(Number), running: 0, failed: 0, succeeded: expect.any(Number), abandoned: 0 },
    logPath: expect.stringContaining(tend.root),
  });
  const second = await daemon('run');
  expect(second).toMatchObject({ code: 1, stdout: '' });
  expect(second.stderr).toContain(String(started.pid));
  const { lines } = await tend.json<{ lines: string[] }>(['loops', 'daemon', 'logs', '-n', '3', '-j']);
  expect(lines.join('\n')).toContain(`pid ${started.pid}`);
  expect(await tend.json(['loops', 'daemon', 'stop', '-j'])).toEqual({
    wasRunning: true,
    stopped: true,
    forced: false,
    pid: started.pid,
  });
  expect((await daemon('stop')).stdout).toBe('not running\n');
  expect(await tend.json(['loops', 'daemon', 'status', '-j'])).toMatchObject({ running: false, stale: false });
  const { pid } = await tend.json<{ pid: number }>(['loops', 'daemon', 'start', '-j']);
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(
    async () => {
      const left = await tend.json(['loops', 'daemon', 'status', '-j']);
      expect(left).toMatchObject({ running: false, stale: true });
      expect(left).not.toHaveProperty('pid');
    },
    { timeout: 30_000, interval: 200 },
  );
  expect((await daemon('stop')).stdout).toBe('not running\n');
});
