import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nonce } from '../../src/lib/hash.js';
import type { AskLife } from '../../src/model/fleet.js';
import type { WorkerStatus } from '../../src/model/worker.js';
import type { Disk } from '../../src/store/disk.js';
import { readFleet, readWorkerView } from '../../src/store/fleet.js';
import { localDisk } from '../../src/store/local-disk.js';
import { startWorker, workerContract } from '../../src/store/worker-start.js';
import {
  cancelStart,
  claimGeneration,
  mendStatus,
  promptKey,
  readWorker,
  removeWorker,
  requireRunning,
  unwantWorker,
  workerIds,
  writeStatus,
} from '../../src/store/workers.js';

let dir: string;
let disk: Disk;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-workers-'));
  disk = localDisk(dir);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const NOW = 1_700_000_000_000;
const start = (id: string, life: Awaited<ReturnType<AskLife>> = 'dead', max = 8) =>
  startWorker(
    disk,
    { id, prompt: `brief of ${id}` },
    {
      now: NOW,
      askLife: async () => life,
      template: 'run {{prompt_file}}',
      maxWorkers: max,
      stuckS: 900,
      contract: 'You are {{id}}, {{id}}.',
      generation: nonce(8),
    },
  );
const statusOf = (id: string, change: Partial<WorkerStatus> = {}): WorkerStatus => ({
  format: 1,
  id,
  generation: readWorker(disk, id)!.spec!.generation,
  state: 'running',
  exit_code: null,
  socket: '/nowhere',
  nonce: 'n',
  supervisor_pid: 1,
  child_pid: 2,
  columns: 80,
  rows: 24,
  started_ts: NOW / 1000 - 100,
  ...change,
});
const view = (id: string, life: Awaited<ReturnType<AskLife>>, asks?: { worker: string; ts: number }[]) =>
  readWorkerView(disk, id, { now: NOW, stuckS: 900, askLife: async () => life, ...(asks ? { asks } : {}) });

test('a start leaves the whole prompt and the spec; a racing start of the same id is refused and leaves nothing', async () => {
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => start('api')));
  expect(results.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
  const { generation } = readWorker(disk, 'api')!.spec!;
  const names = disk.list('workers/api');
  expect(names).toMatchObject({ names: [`prompt-${generation}.md`, 'spec.json'] });
  expect(disk.read(promptKey('api', generation))).toMatchObject({ text: 'You are api, api.\nbrief of api\n' });
});

test('a worker that is wanted holds its id and its place before it has begun', async () => {
  await start('api');
  expect(await view('api', 'dead')).toMatchObject({ state: 'pending', alive: false, health: 'busy' });
  await expect(start('api')).rejects.toThrow('is about to start');
  await expect(start('web', 'dead', 1)).rejects.toThrow('1 at most');
});

test('health: dead over waiting-ask over stuck over busy', async () => {
  await start('api');
  writeStatus(disk, statusOf('api'));
  expect((await view('api', 'alive'))?.health).toBe('busy');
  disk.replace('workers/api/transcript.log', 'x');
  disk.touch('workers/api/transcript.log', NOW - 899_000);
  expect(await view('api', 'alive')).toMatchObject({ health: 'busy', idle_s: 899, uptime_s: 100 });
  disk.touch('workers/api/transcript.log', NOW - 900_000);
  expect((await view('api', 'silent'))?.health).toBe('stuck');
  const asks = [{ worker: 'api', ts: NOW / 1000 - 60 }];
  expect(await view('api', 'alive', asks)).toMatchObject({ health: 'waiting-ask', ask_age_s: 60 });
  expect(await view('api', 'dead', asks)).toMatchObject({ health: 'dead', state: 'failed', ask_age_s: 60 });
});

test('a life that cannot be told is a problem, never an absence', async () => {
  await start('api');
  writeStatus(disk, statusOf('api'));
  await expect(view('api', 'unknown')).rejects.toThrow('Cannot tell whether worker "api" lives');
  await expect(start('web', 'unknown')).rejects.toThrow('it is not known whether worker "api" lives');
  const fleet = await readFleet(disk, { now: NOW, stuckS: 900, askLife: async () => 'unknown' });
  expect(fleet.problems).toMatchObject([{ id: 'api' }]);
});

test('a workers directory that cannot be listed is an error, not an empty fleet', async (context) => {
  if (process.getuid?.() === 0) return context.skip('root may read everything: permission is not tested');
  await start('api');
  chmodSync(join(dir, 'workers'), 0o000);
  try {
    expect(() => workerIds(disk)).toThrow('Cannot list the workers');
  } finally {
    chmodSync(join(dir, 'workers'), 0o700);
  }
});

test('status, claim and verdict of an earlier worker of the same id say nothing about the present one', async () => {
  await start('api');
  const first = readWorker(disk, 'api')!.spec!.generation;
  claimGeneration(disk, 'api', { generation: first, socket: '/s', nonce: 'n', supervisor_pid: 1, ts: 0 });
  writeStatus(disk, statusOf('api', { state: 'exited', exit_code: 3, ended_ts: 5 }));
  disk.replace(
    'workers/api/verdict.json',
    JSON.stringify({ format: 1, generation: first, ok: false, exit_code: 1, output: '', ts: 0 }),
  );
  expect(await view('api', 'dead')).toMatchObject({ state: 'exited', exit_code: 3, verify: 'fail' });
  await start('api');
  expect(await view('api', 'dead')).toMatchObject({ state: 'pending', exit_code: null, verify: null });
});

test('a generation is claimed once, and one that was cancelled can never be claimed', async () => {
  await start('api');
  const record = readWorker(disk, 'api')!;
  expect(cancelStart(disk, record, 'stopped', NOW)).toBe(true);
  const claim = { generation: record.spec!.generation, socket: '/s', nonce: 'n', supervisor_pid: 1, ts: 0 };
  expect(claimGeneration(disk, 'api', claim)).toBe(false);
  expect(() => requireRunning(disk, 'api')).toThrow('is not running');
});

test('a supervisor that wrote its own end is not overruled by who thought it dead', async () => {
  await start('api');
  writeStatus(disk, statusOf('api'));
  const seen = readWorker(disk, 'api')!;
  writeStatus(disk, statusOf('api', { state: 'exited', exit_code: 0, ended_ts: 1 }));
  expect(mendStatus(disk, seen, 'lost', NOW)).toBe(false);
  expect(readWorker(disk, 'api')!.status).toMatchObject({ state: 'exited', exit_code: 0 });
});

test('unwanting twice writes once, and removing spares a start that came meanwhile', async () => {
  await start('api');
  expect(unwantWorker(disk, readWorker(disk, 'api')!, 'enough')).toBe(true);
  expect(unwantWorker(disk, readWorker(disk, 'api')!, 'enough')).toBe(false);
  cancelStart(disk, readWorker(disk, 'api')!, 'stopped', NOW);
  const old = readWorker(disk, 'api')!;
  await start('api');
  expect(removeWorker(disk, old)).toBe(false);
  expect(readWorker(disk, 'api')?.spec?.desired).toBe('running');
  cancelStart(disk, readWorker(disk, 'api')!, 'stopped', NOW);
  expect(removeWorker(disk, readWorker(disk, 'api')!)).toBe(true);
  expect(disk.stat('workers/api').state).toBe('absent');
});

test('the shipped contract has its two placeholders, and names only verbs that exist', async () => {
  const contract = workerContract(join(import.meta.dirname, '../../seeds'));
  expect(new Set(contract.match(/\{\{[^}]*\}\}/g))).toEqual(new Set(['{{id}}', '{{place}}']));
  const { VERBS } = await import('../../src/contract/registry.js');
  const verbs = [...contract.matchAll(/`tend ([a-z]+)/g)].map((match) => match[1]!);
  expect(verbs.length).toBeGreaterThan(4);
  for (const verb of verbs) expect(Object.keys(VERBS)).toContain(verb);
});
