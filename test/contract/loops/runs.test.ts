/** `tend loops runs`: one run for each planned time, with what it printed only for those who ask. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loopIds } from '../../../src/store/loops.js';
import { type LoopsCli, makeLoopsCli } from './loops-cli.js';

let tend: LoopsCli;
beforeEach(() => {
  tend = makeLoopsCli();
});
afterEach(() => tend.remove());

interface Run {
  id: string;
  loopName: string;
  attempt: number;
  status: string;
  stdout?: string;
  stderr?: string;
  attempts?: Run[];
}

const PAST = '2026-01-02T03:04:05.000Z';
const SLOT = '20260102T030405000Z';
const loops = (...argv: string[]) => tend.cli('loops', ...argv);
const runs = (...argv: string[]) => tend.json<Run[]>('loops', 'runs', ...argv);
const create = async (name: string, cmd: string, ...flags: string[]): Promise<string> =>
  (await tend.json<{ id: string }>('loops', 'create', 'command', name, '--cmd', cmd, '--at', PAST, ...flags)).id;

test('a run is a line, or JSON in the documented shape', async () => {
  const id = await create('backup', 'echo out; echo err >&2; exit 3');
  await loops('tick');
  expect((await loops('runs')).out).toBe(`${id}-${SLOT}  failed      attempt=1  slot=${PAST}  backup\n`);
  const [run] = await runs();
  const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(run).toEqual({
    id: `${id}-${SLOT}`,
    loopId: id,
    loopName: 'backup',
    scheduledFor: PAST,
    attempt: 1,
    status: 'failed',
    source: 'schedule',
    startedAt: iso,
    finishedAt: iso,
    claimedBy: expect.stringMatching(/^manual-tick:\d+$/),
    pid: expect.any(Number),
    exitCode: 3,
    durationMs: expect.any(Number),
    stdout: '[redacted 4 chars]',
    stderr: '[redacted 4 chars]',
    error: expect.stringContaining('3'),
    createdAt: iso,
    updatedAt: iso,
  });
});

test('what it printed is shown to those who ask, in blocks, and to nobody else', async () => {
  writeFileSync(join(tend.dir, 'word'), 'the password\n');
  await create('talk', 'cat $HOME/word; echo forged line >&2');
  const tick = await loops('tick', '--json');
  const [shown, json] = [await loops('runs', 'talk', '--show-output'), await runs('talk', '--show-output')];
  expect(shown.out.split('\n').slice(1)).toEqual(['  stdout:', '    the password', '  stderr:', '    forged line', '']);
  expect(json).toMatchObject([{ stdout: 'the password\n', stderr: 'forged line\n' }]);
  for (const said of [tick, await loops('runs'), await loops('runs', '-j'), await loops('show', 'talk')])
    expect(said.out).not.toContain('password');
});

test('a long output is cut to its end, and the cut is told', async () => {
  await create('long', `head -c 40000 /dev/zero | tr '\\0' x; printf '\\nlast line\\n'`);
  await loops('tick');
  const { out } = await loops('runs', '--show-output');
  expect(out).toContain(`    [truncated ${40_011 - 32 * 1024} chars]\n`);
  expect(out).toMatch(/\n {4}last line\n/);
  expect(out.length).toBeLessThan(34 * 1024);
});

test('a run that was tried twice is one run, and what the first attempt printed stays readable [loops 42, 47]', async () => {
  const cmd = 'echo "try $TEND_ATTEMPT"; test "$TEND_ATTEMPT" = 2';
  const id = await create('twice', cmd, '--attempts', '2', '--retry-delay', '1');
  await loops('tick');
  expect(await runs('twice')).toMatchObject([{ attempt: 1, status: 'failed' }]);
  expect(tend.loop(id).loopState).toMatchObject({ status: 'active', retryScheduledFor: PAST });
  await vi.waitFor(async () => expect((await loops('tick')).out).toContain('completed=1'), { timeout: 40_000 });
  const [run, ...others] = await runs('twice', '--show-output');
  expect(others).toEqual([]);
  expect(run).toMatchObject({ id: `${id}-${SLOT}`, attempt: 2, status: 'succeeded', stdout: 'try 2\n' });
  expect(run?.attempts).toMatchObject([
    { attempt: 1, status: 'failed', stdout: 'try 1\n' },
    { attempt: 2, status: 'succeeded', stdout: 'try 2\n' },
  ]);
  expect(tend.loop(id).loopState.status).toBe('stopped');
  expect(await runs('--status', 'failed'), 'the run did not fail, an attempt of it did').toEqual([]);
});

test('runs are the newest first, narrowed by loop, status and limit', async () => {
  const good = await create('good', 'true');
  await loops('tick');
  const bad = await create('bad', 'false');
  await loops('tick');
  await loops('run-now', 'good');
  const all = await runs();
  expect(all.map(({ loopName }) => loopName)).toEqual(['good', 'bad', 'good']);
  expect((await runs('--limit', '2')).map(({ id }) => id)).toEqual(all.slice(0, 2).map(({ id }) => id));
  expect((await runs(good)).map(({ id }) => id)).toEqual([all[0]!.id, all[2]!.id]);
  expect((await runs('--status', 'failed')).map(({ id }) => id)).toEqual([`${bad}-${SLOT}`]);
  expect(await runs('bad', '--status', 'succeeded')).toEqual([]);
  expect(await loops('runs', '--limit', '0')).toMatchObject({ exit: 1, out: '' });
  expect(await loops('runs', '--status', 'odd')).toMatchObject({ exit: 1, out: '' });
});

test('a loop that is removed while it runs: the result is recorded, and the loop does not come back [loops 24]', async () => {
  const fifo = join(tend.dir, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const id = await create('going', `read x <${fifo}; echo done`);
  const ticking = loops('tick');
  await vi.waitFor(async () => expect(await runs()).toMatchObject([{ status: 'running' }]), { timeout: 40_000 });
  expect((await loops('remove', 'going')).out).toBe('removed\n');
  writeFileSync(fifo, 'go\n');
  await ticking;
  expect(await runs()).toMatchObject([{ id: `${id}-${SLOT}`, loopName: 'going', status: 'succeeded' }]);
  await loops('tick');
  expect((await loops('list')).out).toBe('');
  expect(loopIds(tend.disk)).toEqual([]);
});
