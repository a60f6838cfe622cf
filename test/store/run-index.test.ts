/** Lists and counts of the ledger against a plain reading of its rows, whatever the caches say; and what they cost in bytes read. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slotKey } from '../../src/model/loop.js';
import { RUN_KINDS, type RunRow, runStatus } from '../../src/model/run.js';
import { jsonRow } from '../../src/store/codec.js';
import { indexKey, runCounts } from '../../src/store/day-index.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { findRuns, isWantedBy, newestLoopRuns, type RunFilter } from '../../src/store/run-index.js';
import { recordRun, runRef } from '../../src/store/runs.js';

let root: string;
let disk: Disk;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-ledger-'));
  disk = localDisk(join(root, 'data'));
});
afterEach(() => {
  chmodSync(join(root, 'data/runs'), 0o700);
  rmSync(root, { recursive: true, force: true });
});

const DAYS = ['2026-11-19', '2026-11-20', '2026-11-21'];
const TODAY = DAYS[2]!;
const NOW = new Date(2026, 10, 21, 18).getTime();
const LOOPS = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'];

const secondsOf = (day: string, at: number): number => Math.floor(new Date(`${day}T06:00:00`).getTime() / 1000) + at;

const row = (over: Partial<RunRow>): RunRow => ({
  format: 1,
  id: 'beat-20261121-074200-3fa2',
  kind: 'beat',
  ts: secondsOf(TODAY, 0),
  duration_ms: 5,
  ok: true,
  summary: 'noop',
  ...over,
});

/** Row `n` of a loop. */
const loopRow = (loop: string, day: string, n: number, over: Partial<RunRow> = {}): RunRow => {
  const slot = secondsOf(day, n) * 1_000;
  return row({
    id: `${loop}-${slotKey(slot)}`,
    kind: 'loop',
    loop,
    loop_name: `loop ${loop[0]}`,
    slot: new Date(slot).toISOString(),
    attempt: 1,
    status: 'succeeded',
    ts: secondsOf(day, n),
    ...over,
  });
};

const write = (day: string, rows: readonly RunRow[]): void => {
  mkdirSync(join(root, 'data/runs'), { recursive: true });
  writeFileSync(join(root, `data/runs/${day}.ndjson`), rows.map((one) => `\n${jsonRow(one)}\n`).join(''));
};

/** What a reader comes to that reads everything: the last row of each execution, by day and order of writing, newest first. */
function plainly(days: Record<string, readonly RunRow[]>, filter: RunFilter, limit: number): RunRow[] {
  return Object.keys(days)
    .sort()
    .reverse()
    .flatMap((day) => {
      const last = new Map<string, { row: RunRow; at: number }>();
      for (const [at, one] of days[day]!.entries()) last.set(`${one.id} ${one.attempt ?? 1}`, { row: one, at });
      return [...last.values()].sort((a, b) => b.at - a.at).map((entry) => entry.row);
    })
    .filter(isWantedBy(filter))
    .slice(0, limit);
}

const listed = (filter: RunFilter, limit = 1_000): RunRow[] => findRuns(disk, filter, { limit, now: NOW }).rows;

describe('a list is what reading every row comes to', () => {
  const arbitraryRow = (day: string) =>
    fc
      .record({
        n: fc.nat(2),
        attempt: fc.constantFrom(undefined, 1, 2),
        loop: fc.constantFrom(undefined, ...LOOPS),
        kind: fc.constantFrom('beat' as const, 'shell' as const),
        status: fc.constantFrom(undefined, 'succeeded', 'failed', 'skipped'),
        goal: fc.constantFrom(undefined, 'api', 'failed'),
        ok: fc.boolean(),
        summary: fc.constantFrom('noop', 'Größe "x" \\ y', '"status":"failed"', 'api'),
      })
      .map(({ n, attempt, loop, kind, status, goal, ok, summary }) => {
        const known = { attempt, loop, status, goal, loop_name: loop && `loop ${loop[0]}` };
        const fields = Object.entries(known).filter(([, value]) => value !== undefined);
        // Kind and loop belong to the id: one execution does not change them.
        return row({
          id: `${loop ?? kind}-${n}`,
          kind: loop ? 'loop' : kind,
          ts: secondsOf(day, n * 600),
          ok,
          summary,
          ...Object.fromEntries(fields),
        });
      });
  const arbitraryFilter = fc.record(
    {
      kind: fc.constantFrom(...RUN_KINDS),
      loop: fc.constantFrom(...LOOPS, 'loop b', 'none'),
      status: fc.constantFrom('succeeded', 'failed', 'skipped'),
      goal: fc.constantFrom('api', 'failed'),
      since: fc.nat(9_000).map((at) => secondsOf(DAYS[1]!, at) * 1_000),
      until: fc.nat(9_000).map((at) => secondsOf(DAYS[1]!, at) * 1_000),
      text: fc.constantFrom('GRÖSSE', 'größe "x" \\', 'noop', 'loop A'),
    },
    { requiredKeys: [] },
  );

  test('for any rows, any filter, and whether or not there is an index', () => {
    fc.assert(
      fc.property(
        fc.tuple(...DAYS.map((day) => fc.array(arbitraryRow(day), { maxLength: 30 }))),
        fc.oneof(fc.constant({}), arbitraryFilter),
        fc.integer({ min: 1, max: 40 }),
        (rows, filter: RunFilter, limit) => {
          rmSync(join(root, 'data/runs'), { recursive: true, force: true });
          const days = Object.fromEntries(DAYS.map((day, at) => [day, rows[at]!]));
          for (const day of DAYS) write(day, days[day]!);
          const expected = plainly(days, filter, limit);
          expect(listed(filter, limit)).toEqual(expected);
          expect(listed(filter, limit)).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('what is damaged', () => {
  test('a torn row, in the middle or at the end, costs itself alone and is counted [loops 104]', () => {
    recordRun(disk, runRef(TODAY, 'beat-1'), row({}));
    disk.append(`runs/${TODAY}.ndjson`, '{"format":1,"id":"beat-2","kind":"beat","ts":17');
    recordRun(disk, runRef(TODAY, 'beat-3'), row({}));
    const key = join(root, `data/runs/${TODAY}.ndjson`);
    writeFileSync(key, `${readFileSync(key, 'utf8')}\n{"format":1,"id":"beat-4","duration_ms":`);
    const found = findRuns(disk, {}, { limit: 10, now: NOW });
    expect(found.rows.map(({ id }) => id)).toEqual(['beat-3', 'beat-1']);
    expect(found.damaged).toBe(2);
    expect(runCounts(disk, TODAY)).toMatchObject({ rows: 2, damaged: 2, by_status: { succeeded: 2 } });
    recordRun(disk, runRef(TODAY, 'beat-5'), row({}));
    expect(listed({}).map(({ id }) => id)).toEqual(['beat-5', 'beat-3', 'beat-1']);
  });

  test('a row that somebody wrote in part does not hide the whole one before it', () => {
    recordRun(disk, runRef(TODAY, 'beat-1'), row({ goal: 'api' }));
    disk.append(`runs/${TODAY}.ndjson`, '{"attempt":1,"duration_ms":3,"format":1,"id":"beat-1"');
    expect(listed({ goal: 'api' }).map(({ id }) => id)).toEqual(['beat-1']);
  });

  test('a line without end, binary rubbish and a row of a newer tend hide no other row', () => {
    const day = DAYS[0]!;
    write(day, [loopRow(LOOPS[0]!, day, 1)]);
    const key = join(root, `data/runs/${day}.ndjson`);
    const rubbish = Buffer.concat([readFileSync(key), Buffer.alloc(700_000, 0xff), Buffer.from('\n')]);
    const after = [jsonRow({ ...loopRow(LOOPS[0]!, day, 2) }), '{"format":99,"id":"x"}', ''].join('\n');
    writeFileSync(key, Buffer.concat([rubbish, Buffer.from(after)]));
    for (const _ of [1, 2]) {
      expect(listed({}).map(({ ts }) => ts)).toEqual([secondsOf(day, 2), secondsOf(day, 1)]);
      expect(listed({ loop: LOOPS[0]! })).toHaveLength(2);
    }
  });

  const full = () => {
    for (const day of DAYS)
      write(
        day,
        Array.from({ length: 60 }, (_, n) =>
          loopRow(LOOPS[n % 3]!, day, n, n % 5 === 0 ? { status: 'failed', ok: false } : {}),
        ),
      );
  };
  const look = () => [
    listed({ loop: 'loop b' }, 50),
    listed({ loop: LOOPS[1]!, status: 'failed' }),
    newestLoopRuns(disk, { loopId: LOOPS[2]!, limit: 70, now: NOW }),
    runCounts(disk, TODAY),
  ];
  const caches = () => [...DAYS.slice(0, 2).map(indexKey), 'runs/totals.json'];
  const over = (damage: (path: string) => void) => () => {
    for (const key of caches()) damage(join(root, 'data', key));
  };
  const edit = (change: (value: Record<string, unknown>) => unknown) =>
    over((path) =>
      writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>))),
    );
  test.each<[string, () => void]>([
    ['deleted', over((path) => rmSync(path))],
    ['empty', over((path) => writeFileSync(path, ''))],
    ['garbage', over((path) => writeFileSync(path, Buffer.from([0, 255, 1])))],
    ['of another version', edit((value) => ({ ...value, format: 2, rows: 7, loops: {} }))],
    ['of another shape', edit((value) => ({ ...value, bytes: 'many', days: [] }))],
    [
      'of another size',
      edit((value) => ({
        ...value,
        bytes: 1,
        rows: 7,
        loops: {},
        days: { [DAYS[0]!]: { bytes: 1, rows: 7, damaged: 0, by_kind: {}, by_status: {} } },
      })),
    ],
    ['pointing at other rows', edit((value) => ({ ...value, loops: { [LOOPS[1]!]: { names: ['loop b'], at: [1] } } }))],
  ])('an index and totals that are %s: the same lists and the same counts [loops 105]', (_, damage) => {
    full();
    const expected = look();
    expect(expected[0]).toHaveLength(50);
    expect(expected[3]).toMatchObject({ rows: 180, by_status: { failed: 36, succeeded: 144 } });
    damage();
    expect(look().slice(0, 3)).toEqual(expected.slice(0, 3));
    expect(look()).toEqual(expected);
  });

  test('rows that came to a closed day after its index was made are listed and counted', () => {
    full();
    const before = runCounts(disk, TODAY).rows;
    expect(listed({ loop: LOOPS[0]! })).toHaveLength(60);
    const late = loopRow(LOOPS[0]!, DAYS[0]!, 900, { loop_name: '__proto__', status: 'constructor' });
    recordRun(disk, runRef(DAYS[0]!, late.id), late);
    expect(listed({ loop: LOOPS[0]! })).toHaveLength(61);
    expect(listed({ loop: '__proto__' })).toHaveLength(1);
    expect(runCounts(disk, TODAY)).toMatchObject({ rows: before + 1, by_status: { constructor: 1 } });
  });

  test('where nothing can be written every list and count is the same [loops 106]', () => {
    full();
    const expected = look();
    for (const key of caches()) rmSync(join(root, 'data', key));
    const refusing: Disk = {
      ...disk,
      replace: () => localDisk('/proc/tend').replace('x', ''),
    };
    const own = disk;
    disk = refusing;
    expect(look()).toEqual(expected);
    expect(look()).toEqual(expected);
    expect(own.stat('runs/totals.json').state).toBe('absent');
  });

  test('a segment that cannot be read is an error that names it, and no empty list', () => {
    mkdirSync(join(root, `data/runs/${TODAY}.ndjson`), { recursive: true });
    expect(() => listed({})).toThrow(/Cannot read the ledger "runs\/2026-11-21\.ndjson"/);
  });
});

describe('what a list costs', () => {
  test('at 100,000 runs the newest 50 cost two blocks, and the newest 50 of a rare loop its rows alone [loops 171]', () => {
    const [many, other, rare] = LOOPS as [string, string, string];
    const rows = (day: string, n: number) =>
      Array.from({ length: n }, (_, at) => loopRow(at % 1_000 === 7 ? rare : at % 2 === 0 ? many : other, day, at));
    write(DAYS[0]!, rows(DAYS[0]!, 50_000));
    write(DAYS[1]!, rows(DAYS[1]!, 49_000));
    write(
      TODAY,
      rows(TODAY, 1_000).filter(({ loop }) => loop !== rare),
    );
    const newest = findRuns(disk, {}, { limit: 50, now: NOW });
    expect(newest.rows).toHaveLength(50);
    expect(newest.bytesRead).toBeLessThanOrEqual(2 * 65_536);
    const first = findRuns(disk, { loop: rare }, { limit: 50, now: NOW });
    expect(first.rows).toHaveLength(50);
    const again = findRuns(disk, { loop: rare }, { limit: 50, now: NOW });
    expect(again.rows).toEqual(first.rows);
    // Today's segment is looked through, of the others each row costs one read.
    const today = readFileSync(join(root, `data/runs/${TODAY}.ndjson`)).length;
    expect(again.bytesRead).toBeLessThanOrEqual(today + 50 * 2_048);
    runCounts(disk, TODAY);
    const counted = runCounts(disk, TODAY);
    expect(counted.rows).toBe(99_999);
    expect(runStatus(again.rows[0]!)).toBe('succeeded');
  }, 60_000);
});
