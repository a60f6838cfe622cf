/** `tend runs` as the built program over real files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prettyJson } from '../../src/lib/json.js';
import { localDay } from '../../src/model/instant.js';
import { loopRunId } from '../../src/model/loop.js';
import type { RunRow } from '../../src/model/run.js';
import type { WorkerStatus } from '../../src/model/worker.js';
import { markLive } from '../../src/store/live.js';
import { newRun, recordRun, runRef } from '../../src/store/runs.js';
import { publishClaim, publishResult, writeOutputs } from '../../src/store/slots.js';
import { tellRows } from '../../src/store/worker-rows.js';
import { readWorker } from '../../src/store/workers.js';
import { makeProfile, type Profile } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

const NOW = Date.now();
const LOOP = 'aaaaaaaaaaaa';
const seconds = (ms: number) => Math.floor(ms / 1_000);

function record(over: Partial<RunRow> & { id: string; ts: number }): void {
  recordRun(p.disk, runRef(localDay(over.ts * 1_000), over.id), {
    kind: 'beat',
    duration_ms: 2_500,
    ok: true,
    summary: 'noop',
    ...over,
  });
}

const claim = (slot: number, attempt = 1) => {
  const ref = { loop: LOOP, slot, attempt };
  markLive(p.disk, ref);
  publishClaim(p.disk, ref, {
    kind: 'run',
    token: 't',
    source: 'schedule',
    claimedBy: 'x',
    runner: { pid: 1, host: 'h' },
    leaseExpiresAt: new Date(slot + 60_000).toISOString(),
    createdAt: new Date(slot).toISOString(),
  });
  return ref;
};

test('runs of every kind are listed newest first, what is under way on top; filters narrow them; hostile text moves no cursor', async () => {
  const beat = newRun('beat', NOW - 90_000_000);
  record({ id: beat.id, ts: seconds(NOW - 90_000_000), usd: 0.0214, goal: 'api' });
  record({ id: 'shell-x', kind: 'shell', ts: seconds(NOW - 60_000), ok: false, summary: 'echo \u001b[2Jgone' });
  const done = NOW - 30_000;
  record({
    id: loopRunId(LOOP, done),
    kind: 'loop',
    loop: LOOP,
    loop_name: 'triage',
    attempt: 1,
    status: 'timed_out',
    ok: false,
    ts: seconds(done),
    error: 'it took too long',
  });
  const open = NOW - 5_000;
  claim(open);
  const rows = await p.json<RunRow[]>(['runs', '--json']);
  expect(rows.map(({ id, status }) => [id, status])).toEqual([
    [loopRunId(LOOP, open), 'running'],
    [loopRunId(LOOP, done), 'timed_out'],
    ['shell-x', 'failed'],
    [beat.id, 'succeeded'],
  ]);
  const { stdout, stderr, code } = await p.tend(['runs']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(
    /^.* running +loop +- +- {2}aaaaaaaaaaaa-.* under way\n.* timed_out +loop .* triage · it took too long\n/,
  );
  expect(stdout).toContain('$0.021');
  expect(stdout).not.toContain('\u001b');
  const ids = async (...args: string[]) => (await p.json<RunRow[]>(['runs', '--json', ...args])).map(({ id }) => id);
  expect(await ids('--loop', 'triage')).toEqual([loopRunId(LOOP, done)]);
  expect(await ids('--loop', LOOP, '--status', 'running')).toEqual([loopRunId(LOOP, open)]);
  expect(await ids('--kind', 'beat', '--goal', 'api')).toEqual([beat.id]);
  expect(await ids('--since', '1d', '-n', '1', '--status', 'failed')).toEqual(['shell-x']);
  expect(await ids('--text', 'TOO LONG')).toEqual([loopRunId(LOOP, done)]);
  expect(await p.tend(['runs', '--goal', 'none'])).toMatchObject({ code: 0, stdout: 'no such run\n' });
  const bad = await p.tend(['runs', '--since', 'yesterday']);
  expect(bad).toMatchObject({ code: 2, stdout: '' });
  expect(bad.stderr).toContain('"yesterday"');
});

test('one run is shown whole: every attempt, its files, and what it printed when that is asked for; prompts are named alone', async () => {
  const slot = NOW - 7_200_000;
  const id = loopRunId(LOOP, slot);
  for (const attempt of [1, 2]) {
    const ref = claim(slot, attempt);
    writeOutputs(p.disk, ref, { stdout: `said in ${attempt}\n`, stderr: attempt === 1 ? 'x'.repeat(40_000) : '' });
    publishResult(p.disk, ref, {
      token: 't',
      status: 'failed',
      finishedAt: new Date(slot).toISOString(),
      outBytes: 10,
      errBytes: 0,
    });
    record({
      id,
      kind: 'loop',
      loop: LOOP,
      loop_name: 'triage',
      attempt,
      slot: new Date(slot).toISOString(),
      status: 'failed',
      ok: false,
      ts: seconds(slot),
      exit_code: attempt,
    });
  }
  const json = await p.json<{ id: string; status: string; attempts: RunRow[]; files: { key: string }[] }>([
    'runs',
    id,
    '--json',
  ]);
  expect(json).toMatchObject({
    id,
    status: 'failed',
    attempts: [
      { attempt: 2, exit_code: 2 },
      { attempt: 1, exit_code: 1 },
    ],
  });
  expect(json.files.map(({ key }) => key.replace(/.*\//, ''))).toContain('a02.out');
  const plain = await p.tend(['runs', id]);
  expect(plain.stdout).toMatch(/loop: +triage \(aaaaaaaaaaaa\)/);
  expect(plain.stdout).not.toContain('said in');
  const shown = await p.tend(['runs', id, '--show-output']);
  expect(shown.stdout).toMatch(/a01\.err:\n {2}\[truncated 7232 bytes\]\n/);
  expect(shown.stdout).toContain('a02.out:\n  said in 2');

  const beat = newRun('beat', NOW);
  record({ id: beat.id, ts: seconds(NOW) });
  mkdirSync(join(p.root, beat.dir), { recursive: true });
  writeFileSync(join(p.root, beat.dir, 'prompt.md'), 'secret plan');
  writeFileSync(join(p.root, beat.dir, 'output.log'), 'the answer');
  const whole = await p.tend(['runs', beat.id, '--show-output']);
  expect(whole.stdout).toContain('prompt.md  11 bytes');
  expect(whole.stdout).toContain('  the answer');
  expect(whole.stdout).not.toContain('secret plan');

  const none = await p.tend(['runs', 'beat-20261121-074200-0000']);
  expect(none).toMatchObject({ code: 1, stdout: '' });
  expect(none.stderr).toContain('"beat-20261121-074200-0000"');
});

test('--follow tells what begins and what ends, also of a run that began on another day, until it is stopped', async () => {
  record({ id: 'beat-old', ts: seconds(NOW - 86_400_000) });
  const following = p.start(['runs', '--follow', '--json', '--kind', 'loop']);
  const lines: RunRow[] = [];
  let wake = () => {};
  let rest = '';
  following.child.stdout!.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    lines.push(...parts.map((line) => JSON.parse(line) as RunRow));
    wake();
  });
  const until = async (n: number) => {
    while (lines.length < n) await new Promise<void>((resolve) => (wake = resolve));
  };
  // What is there at the start is told first, so that we know it listens.
  const first = NOW - 86_400_000;
  claim(first);
  await until(1);
  record({ id: 'beat-2', ts: seconds(NOW) });
  const second = NOW - 1_000;
  claim(second);
  await until(2);
  record({ id: loopRunId(LOOP, first), kind: 'loop', loop: LOOP, attempt: 1, status: 'succeeded', ts: seconds(first) });
  await until(3);
  following.child.kill('SIGINT');
  expect((await following.ended).code).toBe(0);
  expect(lines.map(({ id, status }) => [id, status])).toEqual([
    [loopRunId(LOOP, first), 'running'],
    [loopRunId(LOOP, second), 'running'],
    [loopRunId(LOOP, first), 'succeeded'],
  ]);
});

/** A worker as its supervisor leaves it. */
function worker(id: string, generation: string, over: Partial<WorkerStatus> = {}): void {
  const began = seconds(NOW - 40_000);
  const about = { socket: '/nowhere', nonce: 'n', supervisor_pid: 1, child_pid: 2, columns: 80, rows: 24 };
  p.disk.replace(
    `workers/${id}/status.json`,
    prettyJson({ format: 1, id, generation, state: 'running', exit_code: null, started_ts: began, ...about, ...over }),
  );
}
const ENDED = { state: 'exited', exit_code: 3, ended_ts: seconds(NOW - 10_000), runner: 'codex' } as const;

test('workers and their verifies are runs: under way on top, filtered by kind and goal, shown with what they left', async () => {
  p.disk.replace('goals/api.md', 'Make it fast.\n');
  const [lived, lives] = ['aaaaaaaa00000001', 'aaaaaaaa00000002'];
  worker('api', lived, ENDED);
  p.disk.replace(
    'workers/api/usage.json',
    prettyJson({ format: 1, generation: lived, hours: 1, usd: 0.4, input_tokens: 9 }),
  );
  p.disk.replace(
    'workers/api/verdict.json',
    prettyJson({ format: 1, generation: lived, ok: true, exit_code: 0, output: '', ts: seconds(NOW - 9_000) }),
  );
  writeFileSync(join(p.root, 'workers/api/transcript.log'), 'what it said');
  const list = (...args: string[]) => p.json<RunRow[]>(['runs', '--json', ...args]);
  const untold = await list();
  expect(tellRows(p.disk, readWorker(p.disk, 'api')!)).toEqual(['worker', 'verify']);
  record({ id: 'beat-x', ts: seconds(NOW - 5_000), goal: 'api' });
  worker('web', lives);
  const rows = await list();
  expect(rows.map(({ id, status }) => [id, status])).toEqual([
    [`worker-${lives}`, 'running'],
    ['beat-x', 'succeeded'],
    [`verify-${lived}`, 'succeeded'],
    [`worker-${lived}`, 'failed'],
  ]);
  // Before anybody has written them they are shown as they will be.
  expect(rows.slice(2)).toEqual(untold);
  expect((await list('--goal', 'api', '--kind', 'worker')).map(({ id, usd }) => [id, usd])).toEqual([
    [`worker-${lived}`, 0.4],
  ]);
  const { stdout } = await p.tend(['runs', '--text', 'api', '--kind', 'worker']);
  expect(stdout).toMatch(/ failed +worker +30s +\$0\.400 +worker-aaaaaaaa00000001 +api · exit code 3\n$/);
  const whole = await p.tend(['runs', `worker-${lived}`]);
  expect(whole.stdout).toMatch(/worker: +api\n +goal: +api\n +runner: +codex\n/);
  expect(whole.stdout).toContain('workers/api/transcript.log  12 bytes');
  expect(whole.stdout).not.toContain('what it said');
  // Money is counted where it is paid: rows of runs add nothing to it.
  expect(await p.json<{ total: object }>(['spend', '--json'])).toMatchObject({ total: { usd: 0, runs: 0 } });
});

test('--follow tells that a worker begins and how it ended, each once, and nothing of what it prints', async () => {
  const old = 'bbbbbbbb00000000';
  worker('old', old);
  const following = p.start(['runs', '--follow', '--json']);
  const lines: RunRow[] = [];
  let wake = () => {};
  let rest = '';
  following.child.stdout!.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    lines.push(...parts.map((line) => JSON.parse(line) as RunRow));
    wake();
  });
  const until = async (n: number) => {
    while (lines.length < n) await new Promise<void>((resolve) => (wake = resolve));
  };
  await until(1);
  const generation = 'bbbbbbbb00000001';
  worker('api', generation);
  await until(2);
  writeFileSync(join(p.root, 'workers/api/transcript.log'), 'words');
  worker('api', generation, ENDED);
  tellRows(p.disk, readWorker(p.disk, 'api')!);
  await until(3);
  following.child.kill('SIGINT');
  expect((await following.ended).code).toBe(0);
  expect(lines.map(({ id, status }) => [id, status])).toEqual([
    [`worker-${old}`, 'running'],
    [`worker-${generation}`, 'running'],
    [`worker-${generation}`, 'failed'],
  ]);
});
