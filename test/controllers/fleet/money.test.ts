import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lifeCost, settleWorker } from '../../../src/act/worker-spend.js';
import { moneyFacts } from '../../../src/controllers/fleet/money.js';
import { resolveKnobs } from '../../../src/model/knobs.js';
import type { WorkerStatus } from '../../../src/model/worker.js';
import { daySpend, runSpends } from '../../../src/policy/budget.js';
import type { Disk } from '../../../src/store/disk.js';
import { localDisk } from '../../../src/store/local-disk.js';
import { readSpend } from '../../../src/store/spend.js';
import { writeWorkerUsage } from '../../../src/store/worker-money.js';
import type { WorkerRecord } from '../../../src/store/workers.js';

const G = 'aaaaaaaa';
const DAY_MS = 86_400_000;
const NOON = new Date(2026, 10, 21, 12).getTime();
const knobs = { ...resolveKnobs({}, {}).knobs, workerHourUsd: 0.5 };

let root: string;
let disk: Disk;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-money-'));
  disk = localDisk(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const record = (status: Partial<WorkerStatus> = {}, spec: object = {}): WorkerRecord => ({
  id: 'w',
  spec: { format: 1, id: 'w', generation: G, desired: 'running', ts: NOON / 1_000 - 5, ...spec },
  status: {
    format: 1,
    id: 'w',
    generation: G,
    state: 'running',
    exit_code: null,
    socket: '/s',
    nonce: 'n',
    supervisor_pid: 1,
    child_pid: 2,
    columns: 80,
    rows: 24,
    started_ts: NOON / 1_000,
    ...status,
  },
});
const used = (hours: number, usd?: number) =>
  writeWorkerUsage(disk, 'w', { generation: G, hours, ...(usd === undefined ? {} : { usd, tokens: usd * 100 }) });
const settle = (one: WorkerRecord, now: number, at = knobs) => settleWorker(disk, one, lifeCost(disk, one, at), now);
const of = (day: string) =>
  runSpends(readSpend(disk, day).rows).map(({ usd, open, metered }) => ({ usd, open, metered }));
const bytes = (day: string) => readFileSync(join(root, `spend-${day}.ndjson`), 'utf8');

test('hours begun are counted by estimate; what is unchanged writes nothing; the end settles', () => {
  settle(record(), NOON);
  expect(of('2026-11-21')).toEqual([{ usd: 0.5, open: true, metered: false }]);
  used(3);
  settle(record(), NOON);
  expect(of('2026-11-21')).toEqual([{ usd: 1.5, open: true, metered: false }]);
  const before = bytes('2026-11-21');
  settle(record(), NOON + 60_000);
  expect(bytes('2026-11-21')).toBe(before);
  const ended = record({ state: 'exited', exit_code: 0, ended_ts: NOON / 1_000 + 100 });
  settle(ended, NOON + 100_000);
  expect(of('2026-11-21')).toEqual([{ usd: 1.5, open: false, metered: false }]);
  const after = bytes('2026-11-21');
  // Neither another look, nor another day, nor another price changes what has ended.
  settle(ended, NOON + 3 * DAY_MS);
  settle(ended, NOON, { ...knobs, workerHourUsd: 9 });
  expect(bytes('2026-11-21')).toBe(after);
});

test('reported dollars take the place of the estimate, and each day gets what was used in it', () => {
  used(2);
  settle(record(), NOON);
  used(2, 0.2);
  settle(record(), NOON);
  expect(of('2026-11-21')).toEqual([{ usd: 0.2, open: true, metered: true }]);
  used(30, 0.9);
  settle(record(), NOON + DAY_MS);
  expect(of('2026-11-21')).toEqual([{ usd: 0.2, open: true, metered: true }]);
  expect(of('2026-11-22')).toEqual([{ usd: 0.7, open: true, metered: true }]);
  settle(record({ state: 'killed', ended_ts: (NOON + DAY_MS) / 1_000 }), NOON + DAY_MS);
  expect(of('2026-11-22')).toEqual([{ usd: 0.7, open: false, metered: true }]);
  expect(daySpend(readSpend(disk, '2026-11-22').rows)).toMatchObject({ tokens: 70, runs: 1, unmetered: 0 });
});

test('a worker that never had a process costs nothing, and one of another generation is not charged to this one', () => {
  const failed = record({ state: 'failed', child_pid: null, ended_ts: NOON / 1_000 });
  used(0);
  settle(failed, NOON);
  expect(of('2026-11-21')).toEqual([]);
  settle({ ...failed, claim: { format: 1, generation: G, socket: '', nonce: '', supervisor_pid: 0, ts: 0 } }, NOON);
  expect(of('2026-11-21')).toEqual([]);
  writeWorkerUsage(disk, 'w', { generation: 'bbbbbbbb', hours: 50, usd: 99 });
  settle(record(), NOON);
  expect(of('2026-11-21')).toEqual([{ usd: 0.5, open: true, metered: false }]);
});

test('an account that cannot be read lets nothing begin, and a worker past its own budget is held all the same', async () => {
  disk.makeDir('spend-2026-11-21.ndjson');
  const { status: _none, ...unclaimed } = record();
  const barred = await moneyFacts(disk, { record: unclaimed, life: undefined }, knobs, NOON);
  expect(barred).toEqual({ barred: expect.stringContaining('spend-2026-11-21.ndjson') });
  used(1, 5);
  expect(await moneyFacts(disk, { record: record({}, { budget_usd: 1 }), life: 'alive' }, knobs, NOON)).toEqual({
    over: 'its budget is used up: $5.00 of $1.00',
    held: false,
  });
});

test('the budget of a worker that was resumed is that of all its runs', async () => {
  used(1, 0.6);
  const resume = { session: 's', runner: 'codex', first: 'bbbbbbbb', count: 1, usd: 0.5, answered: [] };
  const facts = (more: object) => ({ record: record({}, { budget_usd: 1, ...more }), life: 'alive' as const });
  expect(await moneyFacts(disk, facts({ resume }), knobs, NOON)).toEqual({
    over: 'its budget is used up: $1.10 of $1.00',
    held: false,
  });
  // Its run in the ledger is one of its own, and names the first.
  expect(readSpend(disk, '2026-11-21').rows.at(-1)).toMatchObject({
    run: `worker-${G}`,
    first: 'worker-bbbbbbbb',
    usd: 0.6,
  });
  expect(await moneyFacts(disk, facts({}), knobs, NOON)).toEqual({ held: false });
});

test('a goal whose limit cannot be read lets none of its workers begin', async () => {
  const { status: _none, ...unclaimed } = record();
  const begin = () => moneyFacts(disk, { record: unclaimed, life: undefined }, knobs, NOON);
  expect(await begin()).toEqual({ barred: undefined });
  disk.replace('goals/w.md', '---\nbudget_usd: much\n---\nx\n');
  expect(await begin()).toEqual({ barred: expect.stringContaining('"much" is no amount of dollars') });
  disk.replace('goals/w.md', '---\nbudget_usd: 0.4\n---\nx\n');
  expect(await begin()).toEqual({ barred: expect.stringContaining('$0.00 of $0.40') });
  disk.replace('goals/w.md', '---\nbudget_usd: 0.5\n---\nx\n');
  expect(await begin()).toEqual({ barred: undefined });
});
