/** Folding and retention over real files: what goes, what never goes, and a death at each durable step. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planRetention } from '../../src/controllers/retention/plan.js';
import { KNOBS } from '../../src/model/knobs.js';
import { LOOP_DEFAULTS, type LoopSpec, type LoopState, loopRunId, slotKey } from '../../src/model/loop.js';
import { count, gcSteps, noCounts, take } from '../../src/runs/gc.js';
import { expiredOutputs, type Keeps, mayFold, type OutputDir } from '../../src/runs/rules/retention.js';
import { jsonRecord } from '../../src/store/codec.js';
import type { Disk } from '../../src/store/disk.js';
import { markLive } from '../../src/store/live.js';
import { localDisk } from '../../src/store/local-disk.js';
import { createLoop } from '../../src/store/loops.js';
import { findRuns } from '../../src/store/run-index.js';
import { recordRun, runRef } from '../../src/store/runs.js';
import { publishClaim, publishResult, slotDir, writeOutputs, writeParked } from '../../src/store/slots.js';
import { claimKey } from '../../src/store/workflow-runs.js';

let root: string;
let disk: Disk;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-gc-'));
  disk = localDisk(join(root, 'data'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date(2026, 10, 21, 18).getTime();
const iso = (at: number) => new Date(at).toISOString();
const day = (at: number) => {
  const d = new Date(at);
  return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}-${String(d.getDate()).padStart(2, '0')}`;
};
const KEEPS: Keeps = {
  rowDays: KNOBS.rowDays.default,
  outputDays: KNOBS.outputDays.default,
  outputBytes: KNOBS.outputBytes.default,
  outputRuns: KNOBS.outputRuns.default,
  trashDays: KNOBS.trashDays.default,
};
const LOOP = 'aaaaaaaaaaaa';

function makeLoop(id = LOOP, state: Partial<LoopState> = {}, over: Partial<LoopSpec> = {}): void {
  const spec: LoopSpec = {
    format: 1,
    id,
    name: 'triage',
    schedule: { type: 'interval', everyMs: HOUR, anchor: 'fixed_rate' },
    target: { type: 'command', command: 'true', shell: true },
    catchUp: 'latest',
    catchUpLimit: 50,
    overlap: 'skip',
    maxAttempts: 1,
    retryDelayMs: 60_000,
    leaseMs: LOOP_DEFAULTS.leaseMs,
    breaker: 5,
    createdAt: iso(NOW - 90 * DAY),
    ...over,
  };
  createLoop(disk, spec, {
    format: 1,
    rev: 1,
    status: 'active',
    nextRunAt: iso(NOW + HOUR),
    catchUpUsed: 0,
    failureStreak: 0,
    missed: { total: 0 },
    specHash: 'x',
    updatedAt: iso(NOW),
    by: 'test',
    cause: 'create',
    ...state,
  });
}

interface Ran {
  attempt?: number;
  loop?: string;
  status?: 'succeeded' | 'failed' | 'none' | 'parked';
  row?: boolean;
  out?: string;
}

/** A slot that ran, as an attempt leaves it. */
function ran(
  slot: number,
  { attempt = 1, loop = LOOP, status = 'succeeded', row = true, out = 'hello' }: Ran = {},
): void {
  const ref = { loop, slot, attempt };
  publishClaim(disk, ref, {
    kind: 'run',
    token: `t${attempt}`,
    source: 'schedule',
    claimedBy: 'x',
    runner: { pid: 1, host: 'h' },
    leaseExpiresAt: iso(slot + HOUR),
    createdAt: iso(slot),
  });
  if (status === 'parked') writeParked(disk, ref, { workflowRunId: 'w', at: iso(slot) });
  if (status === 'none' || status === 'parked') return;
  writeOutputs(disk, ref, { stdout: out, stderr: '' });
  publishResult(disk, ref, {
    token: `t${attempt}`,
    status,
    startedAt: iso(slot),
    finishedAt: iso(slot + 1_000),
    outBytes: out.length,
    errBytes: 0,
  });
  if (row)
    recordRun(disk, runRef(day(slot), loopRunId(loop, slot)), {
      kind: 'loop',
      ts: Math.floor(slot / 1_000),
      duration_ms: 5,
      ok: status === 'succeeded',
      summary: 'ran',
      loop,
      loop_name: 'triage',
      slot: iso(slot),
      attempt,
      status,
    });
}

/** A run directory of the ledger as a fold leaves it. */
function kept(at: number, { loop = LOOP, bytes = 10 }: { loop?: string; bytes?: number } = {}): string {
  const key = `runs/${day(at)}/${loopRunId(loop, at)}`;
  disk.publish(`${key}/a01.out`, 'x'.repeat(bytes));
  return key;
}

function collect(keeps: Keeps = KEEPS, on: Disk = disk) {
  const counts = noCounts();
  const problems: string[] = [];
  const problem = (text: string) => void problems.push(text);
  for (const step of gcSteps(on, keeps, { now: NOW, problem })) if (step && take(step, problem)) count(counts, step);
  return { counts, problems };
}

const has = (key: string): boolean => existsSync(join(root, 'data', key));
const tree = (dir = join(root, 'data')): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(dir, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), 'utf8')]),
  );

describe('folding', () => {
  test('a settled slot older than a day: rows and outputs stay, its files go, and nobody can claim it again', () => {
    makeLoop();
    const [first, second, young] = [NOW - 50 * HOUR, NOW - 26 * HOUR, NOW - 23 * HOUR];
    ran(first, { out: 'the first' });
    ran(second, { row: false, out: 'no row' });
    ran(young);
    writeFileSync(join(root, 'data', slotDir(LOOP, first), 'notes.txt'), 'of a person');
    expect(collect().counts).toMatchObject({ fold: { n: 2 } });
    expect(has(slotDir(LOOP, first))).toBe(false);
    expect(has(slotDir(LOOP, second))).toBe(false);
    expect(has(slotDir(LOOP, young))).toBe(true);
    const run = `runs/${day(first)}/${loopRunId(LOOP, first)}`;
    expect(disk.read(`${run}/a01.out`)).toMatchObject({ text: 'the first' });
    expect(disk.read(`${run}/notes.txt`)).toMatchObject({ text: 'of a person' });
    const { rows } = findRuns(disk, { loop: LOOP }, { limit: 10, now: NOW });
    expect(rows.map(({ id, status }) => `${id} ${status}`).sort()).toEqual(
      [first, second, young].map((slot) => `${loopRunId(LOOP, slot)} succeeded`),
    );
    for (const slot of [first, second, first - 1])
      expect(publishClaim(disk, { loop: LOOP, slot, attempt: 1 }, {} as never)).toBe(false);
    expect(collect().counts).toEqual(noCounts());
  });

  test('what is damaged in a slot is kept with its run', () => {
    makeLoop();
    const slot = NOW - 30 * HOUR;
    ran(slot);
    writeFileSync(join(root, 'data', slotDir(LOOP, slot), 'a01.result'), 'garbage');
    utimesSync(join(root, 'data', slotDir(LOOP, slot), 'a01.result'), slot / 1_000, slot / 1_000);
    collect();
    expect(has(slotDir(LOOP, slot))).toBe(false);
    expect(disk.read(`runs/${day(slot)}/${loopRunId(LOOP, slot)}/a01.result`)).toMatchObject({ text: 'garbage' });
  });

  test('a slot that is open, live, parked, waits for its retry or lies at the cursor is not folded, nor is any later one', () => {
    const old = NOW - 48 * HOUR;
    const retrying = { retryScheduledFor: iso(old), nextRunAt: iso(NOW + HOUR) };
    const cases: [name: string, state: Partial<LoopState>, ran: Ran][] = [
      ['open', {}, { status: 'none' }],
      ['parked', {}, { status: 'parked' }],
      ['live', {}, {}],
      ['retry', retrying, { status: 'failed' }],
      ['cursor', { status: 'paused', nextRunAt: iso(old) }, {}],
    ];
    for (const [name, state, how] of cases) {
      rmSync(join(root, 'data'), { recursive: true, force: true });
      disk = localDisk(join(root, 'data'));
      makeLoop(LOOP, state, { maxAttempts: 3 });
      ran(old, how);
      if (name === 'live') markLive(disk, { loop: LOOP, slot: old, attempt: 1 });
      ran(old + HOUR);
      const before = tree();
      expect({ name, ...collect().counts.fold }).toEqual({ name, n: 0, bytes: 0 });
      // The index of a closed day may have been made.
      expect(Object.entries(tree()).filter(([key]) => !key.endsWith('.idx.json'))).toEqual(Object.entries(before));
    }
  });

  /** Dies at the `n`-th durable step: before it, or after it. */
  function dying(n: number, side: 'before' | 'after'): Disk {
    let left = n;
    const step =
      <A extends unknown[], R>(call: (...args: A) => R) =>
      (...args: A): R => {
        left -= 1;
        if (left === 0 && side === 'before') throw new Error('killed');
        const result = call(...args);
        if (left === 0) throw new Error('killed');
        return result;
      };
    const { publish, replace, append, remove, move, makeDir, removeTree } = disk;
    return {
      ...disk,
      publish: step(publish),
      replace: step(replace),
      append: step(append),
      remove: step(remove),
      move: step(move),
      makeDir: step(makeDir),
      removeTree: step(removeTree),
    };
  }

  test('a death before or after any step of a fold is repeated without harm: each row once, each output kept, no slot free again [loops 72]', () => {
    const slots = [NOW - 50 * HOUR];
    const rowsOf = (one: Disk) =>
      findRuns(one, { loop: LOOP }, { limit: 10, now: NOW }).rows.map(({ id, attempt, status }) => [
        id,
        attempt,
        status,
      ]);
    let deaths = 0;
    for (const side of ['before', 'after'] as const)
      for (let n = 1; ; n++) {
        rmSync(join(root, 'data'), { recursive: true, force: true });
        disk = localDisk(join(root, 'data'));
        makeLoop(LOOP, {}, { maxAttempts: 2 });
        for (const slot of slots) {
          ran(slot, { status: 'failed', out: 'one' });
          ran(slot, { attempt: 2, row: false, out: 'two' });
        }
        let died = false;
        try {
          collect(KEEPS, dying(n, side));
        } catch (error) {
          expect(error).toMatchObject({ message: 'killed' });
          died = true;
        }
        // What a reader sees right after the death: each attempt that had a row has it, and each output lies somewhere.
        expect(rowsOf(disk).length).toBeGreaterThanOrEqual(1);
        expect(Object.values(tree()).filter((text) => text === 'two')).toHaveLength(1);
        for (const slot of slots) expect(publishClaim(disk, { loop: LOOP, slot, attempt: 2 }, {} as never)).toBe(false);
        collect();
        const places = slots.map((slot) => `runs/${day(slot)}/${loopRunId(LOOP, slot)}`);
        expect(places.map((place) => disk.list(place))).toEqual(
          places.map(() => ({ state: 'present', names: ['a01.out', 'a02.out'] })),
        );
        expect(slots.map((slot) => has(slotDir(LOOP, slot)))).toEqual([false]);
        const lines = readFileSync(join(root, `data/runs/${day(slots[0]!)}.ndjson`), 'utf8')
          .split('\n')
          .filter(Boolean);
        expect(lines).toHaveLength(2);
        expect(new Set(rowsOf(disk).map(String)).size).toBe(2);
        if (!died) break;
        deaths += 1;
      }
    expect(deaths).toBeGreaterThan(12);
  });
});

describe('retention', () => {
  test('outputs go by age, then by size from the oldest, and the newest of each loop always stay [loops 173]', () => {
    const many = 'bbbbbbbbbbbb';
    const at = (days: number) => NOW - days * DAY;
    const keys = [40, 35, 20, 10, 5, 1].map((days) => kept(at(days), { loop: many, bytes: 100 }));
    const few = [300, 200].map((days) => kept(at(days), { bytes: 100 }));
    const keeps = { ...KEEPS, outputRuns: 2 };
    expect(collect(keeps).counts.outputs).toEqual({ n: 2, bytes: 200 });
    expect([...keys, ...few].map(has)).toEqual([false, false, true, true, true, true, true, true]);
    // Six directories of 100 bytes are left: the oldest that may go are the third and the fourth.
    expect(collect({ ...keeps, outputBytes: 450 }).counts.outputs).toEqual({ n: 2, bytes: 200 });
    expect([...keys, ...few].map(has)).toEqual([false, false, false, false, true, true, true, true]);
    expect(collect({ ...keeps, outputBytes: 1 }).counts.outputs.n).toBe(0);
  });

  test('nothing of a run goes that is under way or that an open ask names, however old it is [loops 173]', () => {
    const id = (n: number) => `workflow-20260101-07420${n}-aaaaaaaaaaaa`;
    for (const n of [1, 2, 3]) disk.publish(`runs/2026-01-01/${id(n)}/run.json`, jsonRecord({ workflow: { id: 'w' } }));
    for (const n of [2, 3]) disk.publish(`runs/2026-01-01/${id(n)}/result.json`, jsonRecord({ status: 'failed' }));
    disk.publish('asks/loops-1.md', `---\nid: loops-1\n---\nRun ${id(2)} waits for you.\n`);
    const loop = kept(NOW - 300 * DAY);
    disk.publish('asks/loops-2.md', `It is about ${loop.split('/')[2]}.`);
    const keeps = { ...KEEPS, outputRuns: 0, outputBytes: 1 };
    expect(collect(keeps).counts.outputs.n).toBe(1);
    expect([1, 2, 3].map((n) => has(`runs/2026-01-01/${id(n)}`))).toEqual([true, true, false]);
    expect(has(loop)).toBe(true);
    rmSync(join(root, 'data/asks'), { recursive: true });
    collect(keeps);
    expect([1, 2].map((n) => has(`runs/2026-01-01/${id(n)}`))).toEqual([true, false]);
  });

  test('rows, removed loops and temp files go at their age; what is not ours stays', () => {
    for (const one of ['2025-11-20', '2025-11-21', '2026-11-20']) {
      disk.append(`runs/${one}.ndjson`, '{}');
      disk.publish(`runs/${one}.idx.json`, '{}');
    }
    disk.publish(`trash/${slotKey(NOW - 8 * DAY)}-loop-${LOOP}/spec.json`, '{}');
    disk.publish(`trash/${slotKey(NOW - 6 * DAY)}-loop-${LOOP}/spec.json`, '{}');
    disk.publish('trash/mine/notes', 'x');
    disk.publish('quarantine/old.1', 'x');
    disk.makeDir('live');
    for (const [name, age] of [
      ['.tmp-1-aa', 2 * HOUR],
      ['.tmp-1-bb', 60_000],
    ] as const) {
      const path = join(root, 'data/live', name);
      writeFileSync(path, 'x');
      // Their age is that of real files.
      utimesSync(path, (Date.now() - age) / 1_000, (Date.now() - age) / 1_000);
    }
    utimesSync(join(root, 'data/quarantine/old.1'), 1, 1);
    expect(collect().counts).toMatchObject({ rows: { n: 1 }, trash: { n: 1 }, temp: { n: 1 } });
    expect(has('runs/2025-11-20.ndjson') || has('runs/2025-11-20.idx.json')).toBe(false);
    expect(
      [
        'runs/2025-11-21.ndjson',
        'runs/2026-11-20.ndjson',
        'trash/mine/notes',
        'quarantine/old.1',
        'live/.tmp-1-bb',
      ].every(has),
    ).toBe(true);
    expect(has('live/.tmp-1-aa')).toBe(false);
    expect(disk.list('trash')).toMatchObject({ names: [`${slotKey(NOW - 6 * DAY)}-loop-${LOOP}`, 'mine'] });
  });

  test('where nothing is old enough nothing is written, however many loops there are [loops 172]', () => {
    for (let n = 0; n < 30; n++) {
      const id = n.toString(16).padStart(12, 'c');
      makeLoop(id);
      ran(NOW - 2 * HOUR, { loop: id });
      kept(NOW - 2 * DAY, { loop: id });
    }
    const refused = (): never => {
      throw new Error('a write');
    };
    const writers = { publish: refused, replace: refused, append: refused, remove: refused, move: refused };
    const still = { ...disk, ...writers, makeDir: refused, removeTree: refused, touch: refused, moveTree: refused };
    const before = tree();
    expect(collect(KEEPS, still)).toEqual({ counts: noCounts(), problems: [] });
    expect(tree()).toEqual(before);
    expect(planRetention({ agoMs: 0, isLater: false }, NOW)).toMatchObject({ isDue: false });
    expect(planRetention({ agoMs: 3_599_999, isLater: true }, NOW)).toMatchObject({ isDue: false });
    expect(planRetention({ agoMs: 3_600_000, isLater: true }, NOW)).toMatchObject({ isDue: true });
  });

  test('a part that cannot be looked at is told and stops no other', () => {
    makeLoop();
    ran(NOW - 30 * HOUR);
    mkdirSync(join(root, 'data/asks.d'));
    writeFileSync(join(root, 'data/asks'), 'a file where a directory should be');
    kept(NOW - 300 * DAY);
    const { counts, problems } = collect({ ...KEEPS, outputRuns: 0 });
    expect(counts).toMatchObject({ fold: { n: 1 }, outputs: { n: 0 } });
    expect(problems.join()).toContain('Cannot list the asks');
  });
});

describe('the judgements alone', () => {
  const at = (h: number) => NOW - h * HOUR;
  const judge = (
    facts: Partial<Parameters<typeof mayFold>[0]>,
    state: { nextRunAt?: string; retryScheduledFor?: string } = {},
  ) => mayFold({ slot: at(48), state: 'settled', endedAt: at(47), isLive: false, ...facts }, state, NOW);
  test.each<[string, boolean, boolean]>([
    ['a day and a second old', judge({ slot: at(24) - 1_000, endedAt: at(24) - 1 }), true],
    ['ended within the day', judge({ endedAt: at(23) }), false],
    ['exactly a day old', judge({ slot: at(24), endedAt: at(24) }), false],
    ['before the cursor', judge({}, { nextRunAt: iso(at(47)) }), true],
    ['at the cursor', judge({}, { nextRunAt: iso(at(48)) }), false],
    [
      'failed, an older slot than the one that waits',
      judge({ state: 'retry' }, { retryScheduledFor: iso(at(40)) }),
      true,
    ],
    [
      'failed, a later slot than the one that waits',
      judge({ state: 'retry' }, { retryScheduledFor: iso(at(50)) }),
      false,
    ],
    ['failed, and nothing waits', judge({ state: 'retry' }), true],
    ['running', judge({ state: 'running' }), false],
    ['parked', judge({ state: 'parked' }), false],
    ['free', judge({ state: 'free' }), true],
  ])('%s', (_, is, wanted) => expect(is).toBe(wanted));

  test('0 switches each limit off', () => {
    const dirs: OutputDir[] = [1, 2, 3].map((n) => ({
      key: `k${n}`,
      day: '2020-01-01',
      bytes: 1e12,
      owner: 'o',
      order: `${n}`,
      isInUse: false,
    }));
    const off = { ...KEEPS, outputDays: 0, outputBytes: 0, outputRuns: 0 };
    expect(expiredOutputs(dirs, off, NOW)).toEqual([]);
    expect(expiredOutputs(dirs, { ...off, outputDays: 1 }, NOW)).toHaveLength(3);
    expect(expiredOutputs(dirs, { ...off, outputBytes: 1e12 }, NOW).map(({ key }) => key)).toEqual(['k1', 'k2']);
  });
});

test('the key of a workflow run goes when its run has gone, and not before: not of one that is kept, is about to begin, or cannot be read', () => {
  const at = NOW - 3 * DAY;
  const ids = ['begun', 'gone', 'marked', 'new'].map((word, n) => {
    const id = `workflow-${day(at).replaceAll('-', '')}-07420${n}-aaaaaaaaaaaa`;
    expect(claimKey(disk, word, id)).toBe(id);
    return id;
  });
  const keyFile = (name: string) => join(root, 'data/workflows/keys', name);
  const names = readdirSync(join(root, 'data/workflows/keys'));
  const files = ids.map((run) => names.find((name) => readFileSync(keyFile(name), 'utf8').includes(run))!);
  for (const [n, name] of files.entries()) {
    const made = (n === 3 ? NOW - HOUR : at) / 1_000;
    utimesSync(keyFile(name), made, made);
  }
  disk.publish(`runs/${day(at)}/${ids[0]}/run.json`, jsonRecord({ workflow: { id: 'w' } }));
  disk.publish(`live/workflow.${ids[2]}`, '');
  disk.publish('workflows/keys/damaged.json', '{');
  utimesSync(keyFile('damaged.json'), at / 1_000, at / 1_000);
  expect(collect().counts.outputs.n).toBe(1);
  expect(readdirSync(join(root, 'data/workflows/keys')).sort()).toEqual(
    [...names.filter((name) => name !== files[1]), 'damaged.json'].sort(),
  );
  expect(collect().counts.outputs.n, 'a second look finds nothing').toBe(0);
});
