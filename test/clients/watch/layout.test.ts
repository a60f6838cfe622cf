import { expect, test } from 'vitest';
import { fleetRows, nextAgeMs, shownWorkers } from '../../../src/clients/watch/fleet-rows.js';
import {
  barOf,
  frameOf,
  heightsOf,
  rowAtThumb,
  tableTop,
  thumbOf,
  type View,
} from '../../../src/clients/watch/layout.js';
import type { WorkerView } from '../../../src/model/worker.js';

const worker = (id: string, more: Partial<WorkerView> = {}): WorkerView => ({
  id,
  state: 'running',
  alive: true,
  exit_code: null,
  health: 'busy',
  idle_s: 3,
  uptime_s: 100,
  ask_age_s: null,
  verify: null,
  generation: 'g',
  pending_tells: 0,
  ...more,
});
const ended = (id: string, more: Partial<WorkerView> = {}) =>
  worker(id, { state: 'exited', alive: false, health: 'dead', uptime_s: null, idle_s: null, exit_code: 0, ...more });

const TERMS = { all: false, sinceS: undefined, kept: new Set<string>(), nowS: 10_000 };
const ids = (views: WorkerView[], terms: Partial<typeof TERMS> | { sinceS: number }) =>
  shownWorkers(views, { ...TERMS, ...terms }).map((view) => view.id);

test('the youngest first, unknown age last, equal ages by id', () => {
  const views = [
    worker('c', { uptime_s: null, state: 'pending' }),
    worker('b'),
    worker('a'),
    worker('d', { uptime_s: 5 }),
  ];
  expect(ids(views, {})).toEqual(['d', 'a', 'b', 'c']);
});

test('ended workers: left out, unless all, kept, or ended lately; of unknown end counts as lately', () => {
  const views = [worker('on'), ended('old', { ended_ts: 1_000 }), ended('new', { ended_ts: 9_990 }), ended('odd')];
  expect(ids(views, {})).toEqual(['on']);
  expect(ids(views, { all: true })).toEqual(['on', 'new', 'odd', 'old']);
  expect(ids(views, { kept: new Set(['old']) })).toEqual(['on', 'old']);
  expect(ids(views, { sinceS: 60 })).toEqual(['on', 'new', 'odd']);
});

test('ages go on without another look, and an output that was seen sets the idle time back', () => {
  const rows = fleetRows({ alive: true, upS: 58 }, [worker('a'), worker('b')], {
    elapsedS: 4,
    outputS: new Map([['b', 1.5]]),
  });
  expect(rows.map((row) => [row.id, row.cells[3], row.cells[4]])).toEqual([
    ['pulse', '-', '1m'],
    ['a', '7s', '1m'],
    ['b', '1s', '1m'],
  ]);
});

test.each([
  [[null], undefined],
  [[5.25, 100], 750],
  [[119, null], 1_000],
  [[3_700], 3_500_000],
  [[90_000], 82_800_000],
])('the ages %j change next after %j ms', (ages, ms) => expect(nextAgeMs(ages)).toBe(ms));

test.each([
  [24, 1, { log: 20, table: 1 }],
  [24, 3, { log: 18, table: 3 }],
  [24, 50, { log: 16, table: 5 }],
  [10, 50, { log: 4, table: 3 }],
  [5, 2, { log: 1, table: 1 }],
  [3, 2, { log: 1, table: 0 }],
  [1, 2, { log: 1, table: 0 }],
])('of %i rows with %i lines in the fleet', (rows, workers, heights) =>
  expect(heightsOf(rows, workers)).toEqual(heights),
);

test('the table shows the selected row wherever it is', () => {
  for (let rows = 1; rows < 12; rows++)
    for (let at = 0; at < rows; at++) {
      const table = Math.min(5, rows);
      const top = tableTop(at, table, rows);
      expect(top >= 0 && at >= top && at < top + table && top + table <= rows, `${at} of ${rows}`).toBe(true);
    }
});

test('a bar only where something is out of sight, its thumb at the ends when the view is', () => {
  expect(barOf({ length: 5, top: 0, height: 5 })).toEqual([]);
  for (const length of [6, 50, 25_000]) {
    const bar = { length, height: 5 };
    expect(thumbOf({ ...bar, top: 0 }).from).toBe(0);
    const last = thumbOf({ ...bar, top: length - 5 });
    expect(last.from + last.size).toBe(5);
    expect(rowAtThumb(0, { ...bar, top: 0 })).toBe(0);
    expect(rowAtThumb(last.from, { ...bar, top: 0 })).toBe(length - 5);
  }
});

const view = (more: Partial<View>): View => ({
  columns: 40,
  rows: 12,
  colour: true,
  selected: 'pulse',
  fleet: fleetRows({ alive: false, upS: null }, [worker('api')], { elapsedS: 0, outputS: new Map() }),
  log: { length: 0, top: 0, back: 0, cells: () => [] },
  note: '',
  all: false,
  hidden: 0,
  problem: undefined,
  ...more,
});
const strip = (text: string) => text.replace(/\u001b\[[0-9;]*m/g, '');

test.each([
  [1, 1],
  [3, 2],
  [7, 5],
  [40, 12],
  [60, 15],
  [250, 60],
])('%i×%i: as many lines as there are rows, none wider than the screen', (columns, rows) => {
  const cells = Array.from({ length: 300 }, (_, col) => ({ row: 0, col, char: 'x' }));
  for (const problem of [undefined, 'p'.repeat(400)]) {
    const frame = frameOf(view({ columns, rows, problem, log: { length: 99, top: 9, back: 3, cells: () => cells } }));
    expect(frame.lines.length).toBeLessThanOrEqual(rows);
    for (const line of frame.lines) expect(strip(line.text).length).toBeLessThanOrEqual(columns);
  }
});

test('a wide character that would be cut in the middle is left out', () => {
  const cells = [
    { row: 0, col: 37, char: '日', wide: true as const },
    { row: 0, col: 38, char: '本', wide: true as const },
  ];
  expect(strip(frameOf(view({ log: { length: 1, top: 0, back: 0, cells: () => cells } })).lines[0]!.text).trim()).toBe(
    '日',
  );
});

test('without colour there is none, and the selection can still be seen', () => {
  const cells = [{ row: 0, col: 0, char: 'x', fg: 'idx1', bg: '#102030', bold: true as const }];
  const frame = frameOf(view({ colour: false, log: { length: 1, top: 0, back: 0, cells: () => cells } }));
  const codes = frame.lines.flatMap((line) => [...line.text.matchAll(/\u001b\[([0-9;]*)m/g)].map((found) => found[1]!));
  for (const code of codes) expect(code).toMatch(/^[0-9]?(;[0-9])*$/);
  expect(frame.lines.some((line) => line.text.includes('\u001b[7m▸ pulse'))).toBe(true);
});
