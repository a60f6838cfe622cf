/** The rows of workers and verifies on real files: once each, wherever their writer dies, and whoever else writes them. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prettyJson } from '../../src/lib/json.js';
import { localDay } from '../../src/model/instant.js';
import type { RunRow } from '../../src/model/run.js';
import type { WorkerStatus, WorkerVerdict } from '../../src/model/worker.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { reserveSpend } from '../../src/store/spend.js';
import { tellRows, toldKey, untoldRows } from '../../src/store/worker-rows.js';
import { readWorker } from '../../src/store/workers.js';
import { mortal } from '../runs/loop-rig.js';
import { startActor } from './processes.js';

const G = 'abcdef0123456789';
/** Late in a local evening, so that a worker of hours ends on another day. */
const BEGAN = new Date(2026, 10, 20, 23, 50).getTime() / 1_000;
const DAY = localDay(BEGAN * 1_000);

let base: string;
let disk: Disk;
const zone = process.env['TZ'];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-worker-rows-'));
  disk = localDisk(join(base, 'data'));
});
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
  rmSync(base, { recursive: true, force: true, maxRetries: 5 });
});

function ended(id: string, over: Partial<WorkerStatus> = {}, verdict?: Partial<WorkerVerdict>): void {
  const status: WorkerStatus = {
    format: 1,
    id,
    generation: G,
    state: 'exited',
    exit_code: 0,
    socket: '/s',
    nonce: 'n',
    supervisor_pid: 1,
    child_pid: 2,
    columns: 80,
    rows: 24,
    started_ts: BEGAN,
    ended_ts: BEGAN + 7_200,
    ...over,
  };
  disk.replace(`workers/${id}/status.json`, prettyJson(status));
  if (verdict) {
    const judged = { format: 1, generation: status.generation, ok: true, exit_code: 0, output: '', ts: BEGAN + 7_201 };
    disk.replace(`workers/${id}/verdict.json`, prettyJson({ ...judged, ...verdict }));
  }
}
const record = (id: string) => readWorker(disk, id)!;
/** Every line of every day that is a row, as it stands there: nothing is folded. */
function lines(): (RunRow & { day: string })[] {
  const listed = disk.list('runs');
  return (listed.state === 'present' ? listed.names : []).flatMap((name) => {
    const read = disk.read(`runs/${name}`);
    const rows = (read.state === 'present' ? read.text.split('\n') : []).filter((line) => line.endsWith('}'));
    return rows.map((row) => ({ ...(JSON.parse(row) as RunRow), day: name.slice(0, 10) }));
  });
}

test('an end and its verdict are a row each, on the local day of the start; what is told is not written again', () => {
  ended('w', { exit_code: 3, runner: 'codex' }, { ok: false, exit_code: 1 });
  disk.replace(
    'workers/w/usage.json',
    prettyJson({ format: 1, generation: G, hours: 2, usd: 1.5, tokens: 9, input_tokens: 7, output_tokens: 2 }),
  );
  expect(tellRows(disk, record('w'))).toEqual(['worker', 'verify']);
  expect(lines()).toMatchObject([
    { id: `worker-${G}`, day: DAY, status: 'failed', exit_code: 3, usd: 1.5, input_tokens: 7, output_tokens: 2 },
    // Judged after midnight: it began on the next day.
    { id: `verify-${G}`, day: localDay((BEGAN + 7_201) * 1_000), status: 'failed', exit_code: 1 },
  ]);
  const counted = mortal(disk, 0);
  expect(tellRows(counted, record('w'))).toEqual([]);
  expect(counted.steps).toEqual([]);
});

test('one that runs, one whose records cannot be read, and none at all have no row', () => {
  ended('w', { state: 'running' }, { ok: true });
  expect(untoldRows(disk, record('w'))).toEqual([]);
  ended('bad');
  writeFileSync(disk.path('workers/bad/verdict.json'), 'garbage');
  expect(tellRows(disk, record('bad'))).toEqual([]);
  expect(lines()).toEqual([]);
});

test.each([1, 2, 3, 4])('whoever dies after step %i of telling: the next one leaves one row of each kind', (at) => {
  ended('w', {}, {});
  const dying = mortal(disk, at);
  expect(() => tellRows(dying, record('w'))).toThrow('dies');
  expect(dying.steps).toHaveLength(at);
  tellRows(disk, record('w'));
  expect(
    lines()
      .map(({ id }) => id)
      .sort(),
  ).toEqual([`verify-${G}`, `worker-${G}`]);
  expect(untoldRows(disk, record('w'))).toEqual([]);
});

test('a row that was cut in the middle is written whole, and one whose mark the power took is found', () => {
  ended('w');
  tellRows(disk, record('w'));
  const segment = disk.path(`runs/${DAY}.ndjson`);
  disk.remove(toldKey('w', G, 'worker'));
  tellRows(disk, record('w'));
  expect(lines()).toHaveLength(1);
  disk.remove(toldKey('w', G, 'worker'));
  writeFileSync(segment, `\n{"duration_ms":1,"id":"worker-${G}","ki`);
  tellRows(disk, record('w'));
  expect(lines()).toMatchObject([{ id: `worker-${G}`, kind: 'worker' }]);
});

test.each([
  ['Pacific/Kiritimati', 'Pacific/Niue'],
  ['Pacific/Niue', 'Pacific/Kiritimati'],
])('a machine that moves from %s to %s between row and mark makes no second row', (from, to) => {
  process.env['TZ'] = from;
  ended('w');
  expect(() => tellRows(mortal(disk, 1), record('w'))).toThrow('dies');
  process.env['TZ'] = to;
  expect(tellRows(disk, record('w'))).toEqual(['worker']);
  expect(lines()).toHaveLength(1);
});

test('the goal is that for which it was paid; of what nobody paid for, that of its name', () => {
  ended('paid');
  reserveSpend(disk, { day: DAY, run: `worker-${G}`, runner: 'codex', goal: 'api', estimateUsd: 1 }, BEGAN * 1_000);
  expect(untoldRows(disk, record('paid'))).toMatchObject([{ goal: 'api' }]);
  const other = 'ffffffff00000000';
  ended('web', { generation: other });
  expect(untoldRows(disk, record('web'))[0]?.goal).toBeUndefined();
  disk.replace('goals/web.md', 'Ship it.\n');
  expect(untoldRows(disk, record('web'))).toMatchObject([{ goal: 'web' }]);
});

test('what it used and what was paid may be garbage or a directory: its end is told all the same', () => {
  ended('w');
  writeFileSync(disk.path('workers/w/usage.json'), 'garbage');
  mkdirSync(disk.path(`spend-${DAY}.ndjson`));
  tellRows(disk, record('w'));
  expect(lines()).toMatchObject([{ id: `worker-${G}`, status: 'succeeded' }]);
  expect(lines()[0]?.usd).toBeUndefined();
});

test('a ledger that takes no row is said, and the row comes when it can be written', () => {
  ended('w');
  mkdirSync(disk.path(`runs/${DAY}.ndjson`), { recursive: true });
  expect(() => tellRows(disk, record('w'))).toThrow(`runs/${DAY}.ndjson`);
  expect(untoldRows(disk, record('w'))).toHaveLength(1);
  rmSync(disk.path(`runs/${DAY}.ndjson`), { recursive: true });
  tellRows(disk, record('w'));
  expect(lines()).toHaveLength(1);
});

test('a link to nothing in place of the mark is replaced by it', () => {
  ended('w');
  symlinkSync('/nowhere/at/all', disk.path(toldKey('w', G, 'worker')));
  expect(tellRows(disk, record('w'))).toEqual(['worker']);
  expect(tellRows(disk, record('w'))).toEqual([]);
  expect(lines()).toHaveLength(1);
});

test('three processes that tell forty ends at once write each once', async () => {
  const n = 40;
  for (let i = 0; i < n; i++) ended(`w${i}`, { generation: `${G}${String(i).padStart(2, '0')}` }, {});
  const tellers = await Promise.all(
    ['a', 'b', 'c'].map((name) => startActor({ job: 'tell-ends', root: disk.root, n, name })),
  );
  for (const teller of tellers) expect(await teller.next()).toBe('ready');
  disk.replace('go', '');
  await Promise.all(tellers.map(({ ended: over }) => over));
  const ids = lines().map(({ id }) => id);
  expect(new Set(ids).size).toBe(2 * n);
  expect(ids).toHaveLength(2 * n);
});
