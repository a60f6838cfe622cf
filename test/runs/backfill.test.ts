import { afterEach, beforeEach, expect, test } from 'vitest';
import { backfill, planBackfill } from '../../src/runs/backfill.js';
import { tickAll } from '../../src/runs/tick.js';
import { done, failed, MINUTE, openRig, type Rig, START } from './loop-rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const signal = new AbortController().signal;
const at = (minute: number) => new Date(START + minute * MINUTE).toISOString();
const RANGE = { from: START + 1, to: START + 60 * MINUTE, limit: 100, reprocess: 'none' } as const;
const planned = (id: string, over = {}) =>
  planBackfill(rig.process(), rig.loop(id), { ...RANGE, ...over })?.map(({ slot }) => new Date(slot).toISOString());

test.each([
  ['an interval', { type: 'interval', everyMs: MINUTE, anchor: 'fixed_rate' }],
  ['a cron expression', { type: 'cron', expression: '* * * * *', timezone: 'UTC' }],
] as const)(
  'of %s the planned times that nobody claimed run, oldest first, once, and the cursor stays [loops 50]',
  async (_name, schedule) => {
    const id = rig.add({ schedule });
    rig.pass(4 * MINUTE + 1_000);
    await tickAll(rig.process(), signal);
    const before = rig.state(id);
    expect(planned(id)).toEqual([at(1), at(2), at(3)]);
    expect(planned(id, { limit: 2 })).toEqual([at(1), at(2)]);
    expect(planned(id, { from: START + 2 * MINUTE, to: START + 2 * MINUTE })).toEqual([at(2)]);
    const deps = rig.process(() => failed());
    await backfill(deps, planBackfill(deps, rig.loop(id), RANGE) ?? [], signal);
    expect(rig.starts.map(({ slot }) => slot)).toEqual([at(4), at(1), at(2), at(3)]);
    expect(rig.state(id)).toEqual(before);
    expect(planned(id)).toEqual([]);
    expect(rig.rows().map(({ source }) => source)).toEqual(['schedule', 'backfill', 'backfill', 'backfill']);
  },
);

test('what has failed runs once more only when that is asked for', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  await tickAll(
    rig.process(() => failed()),
    signal,
  );
  expect(planned(id)).toEqual([]);
  expect(planned(id, { reprocess: 'failed' })).toEqual([at(1)]);
  const deps = rig.process(() => done());
  await backfill(deps, planBackfill(deps, rig.loop(id), { ...RANGE, reprocess: 'failed' }) ?? [], signal);
  expect(rig.starts.at(-1)).toMatchObject({ slot: at(1), attempt: 2 });
  expect(planned(id, { reprocess: 'failed' })).toEqual([]);
});

test('a loop that runs once, or when it is told, has nothing to make up for', () => {
  expect(planned(rig.add({ schedule: { type: 'dynamic', minIntervalMs: MINUTE } }))).toBeUndefined();
});
