import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TendError } from '../../src/model/error.js';
import { claimAttempt } from '../../src/runs/claim-attempt.js';
import { tickAll } from '../../src/runs/tick.js';
import { type AttemptFile, attemptKey, readAttempt } from '../../src/store/slots.js';
import { done, failed, MINUTE, mortal, openRig, type Rig, START } from './loop-rig.js';

let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const signal = new AbortController().signal;
const SLOT = START + MINUTE;

const GARBAGE: [string, string | Uint8Array][] = [
  ['empty', ''],
  ['cut short', '{"format": 1, "tok'],
  ['binary', Uint8Array.of(0, 255, 254, 1, 2, 3)],
  ['JSON of another shape', '{"format":1,"colour":"red"}'],
  ['a list', '[]'],
];

/** An attempt under way, of which one file holds something else. */
function damaged(file: AttemptFile, content: string | Uint8Array) {
  const id = rig.add({ leaseMs: 10 * MINUTE });
  rig.add({ name: 'other' });
  rig.pass(MINUTE);
  const owner = rig.process();
  const claim = claimAttempt(owner, { spec: rig.loop(id).spec, slot: SLOT, attempt: 1, source: 'schedule' });
  if (!claim) throw new Error('not claimed');
  rig.disk.replace(attemptKey(claim.ref, file), content);
  rig.disk.touch(attemptKey(claim.ref, file), rig.clock.wall);
  return { id, owner, ref: claim.ref };
}

describe.each(GARBAGE)('a record that is %s', (_name, content) => {
  test('in place of a claim: nothing starts, after its lease it is abandoned, other loops run [loops 103]', async () => {
    const { id } = damaged('claim', content);
    await tickAll(rig.process(), signal);
    expect(rig.starts.map(({ slot }) => slot)).toEqual(['2026-11-21T08:01:00.000Z']);
    expect(rig.rows().map(({ loop_name }) => loop_name)).toEqual(['other']);
    rig.pass(10 * MINUTE + 1_000);
    await tickAll(rig.process(), signal);
    const row = rig.rows().find((one) => one.loop === id);
    expect(row).toMatchObject({ status: 'abandoned', error: expect.stringContaining('corrupt claim') });
    expect(rig.disk.stat(attemptKey({ loop: id, slot: SLOT, attempt: 1 }, 'claim')).state).toBe('present');
  });

  test('in place of a result: the attempt has failed, and says so [loops 103]', async () => {
    const { id, owner } = damaged('result', content);
    rig.kill(owner);
    await tickAll(rig.process(), signal);
    const row = rig.rows().find((one) => one.loop === id);
    expect(row).toMatchObject({ status: 'failed', error: expect.stringContaining('corrupt result') });
    expect(rig.state(id)).toMatchObject({ nextRunAt: '2026-11-21T08:02:00.000Z', failureStreak: 1 });
    expect(rig.live()).toEqual([]);
  });

  test("in place of a lease: the claim's own lease counts [loops 103]", async () => {
    const { ref } = damaged('lease', content);
    const stranger = rig.process(undefined, { life: () => 'unknown' });
    expect((await tickAll(stranger, signal)).recovered).toEqual([]);
    rig.pass(10 * MINUTE);
    expect((await tickAll(stranger, signal)).recovered).toEqual([ref]);
  });

  test('in place of the newest state: the one before it counts, and nothing runs twice [loops 103]', async () => {
    const id = rig.add();
    rig.pass(MINUTE);
    await tickAll(rig.process(), signal);
    rig.disk.replace(`schedules/${id}/state/0000000002.json`, content);
    await tickAll(rig.process(), signal);
    expect(rig.starts).toHaveLength(1);
    expect(rig.state(id)).toMatchObject({ rev: 2, nextRunAt: '2026-11-21T08:02:00.000Z' });
  });
});

test('files and directories of others among the slots and marks are left alone and change nothing [loops 103]', async () => {
  const id = rig.add();
  for (const key of [
    `schedules/${id}/slots/notes.txt`,
    `schedules/${id}/slots/20261121T080100000Z/readme`,
    'live/mine',
  ])
    rig.disk.replace(key, 'x');
  rig.pass(MINUTE);
  await tickAll(rig.process(), signal);
  expect(rig.rows()).toMatchObject([{ status: 'succeeded' }]);
  expect(rig.live()).toEqual(['mine']);
  expect(rig.disk.read(`schedules/${id}/slots/notes.txt`)).toMatchObject({ text: 'x' });
});

test('a claim of a newer tend is never taken from it [loops 111]', async () => {
  const { id, owner } = damaged('claim', '{"format": 99}');
  rig.kill(owner);
  rig.pass(60 * MINUTE);
  expect((await tickAll(rig.process(), signal)).recovered).toEqual([]);
  expect(rig.starts.filter(({ slot }) => slot === '2026-11-21T08:01:00.000Z')).toEqual([]);
  expect(rig.rows().filter((row) => row.loop === id && row.status !== 'skipped')).toEqual([]);
});

const full = (key: string): never => {
  throw new TendError('environment', `Cannot write "${key}": the disk is full`, { code: 'disk-full' });
};

/** A loop that is due once, on a disk that is full at the step `at` of the attempt. */
async function fullAt(at: number) {
  const id = rig.add({ schedule: { type: 'once', at: '2026-11-21T08:01:00.000Z' } });
  rig.pass(MINUTE);
  const disk = mortal(rig.disk, at, full);
  const owner = rig.process(() => done({ stdout: 'out' }), { disk });
  const report = await tickAll(owner, signal);
  return { id, owner, disk, report };
}

test.each([2, 3])(
  'a disk that is full at step %i: no target starts; with room again it runs once [loops 101]',
  async (at) => {
    const { id, report, owner } = await fullAt(at);
    expect(report.problems).toMatchObject([{ loop: id, reason: expect.stringContaining('disk is full') }]);
    expect(rig.starts).toEqual([]);
    await tickAll(owner, signal);
    expect(rig.rows()).toMatchObject([{ status: 'succeeded' }]);
    expect(rig.live()).toEqual([]);
  },
);

test.each([4, 5])(
  'a disk that is full at step %i, while it finishes: the result is kept, and says what was lost [loops 102]',
  async (at) => {
    const { id, disk } = await fullAt(at);
    const ref = { loop: id, slot: SLOT, attempt: 1 };
    expect(readAttempt(rig.disk, ref)?.result).toMatchObject({
      status: 'succeeded',
      error: expect.stringContaining('output was lost'),
    });
    expect(disk.steps).toContain('reserve.bin');
    expect(rig.rows()).toHaveLength(1);
    expect(rig.state(id).status).toBe('stopped');
  },
);

test.each([6, 7, 8])(
  'a disk that is full at step %i, after the result: nothing runs again, the rest is made up for [loops 101]',
  async (at) => {
    const { id } = await fullAt(at);
    rig.pass(11_000);
    await tickAll(rig.process(), signal);
    expect(rig.starts).toHaveLength(1);
    expect(rig.rows()).toHaveLength(1);
    expect(rig.live()).toEqual([]);
    expect(rig.state(id).status).toBe('stopped');
  },
);

test('a link where a slot should lie is not written through [loops 109]', async () => {
  const id = rig.add();
  const outside = `${rig.base}/outside`;
  writeFileSync(outside, 'theirs');
  rig.disk.makeDir(`schedules/${id}/slots/20261121T080100000Z`);
  const { symlinkSync, readFileSync } = await import('node:fs');
  for (const file of ['out', 'lease', 'result'])
    symlinkSync(outside, rig.disk.path(`schedules/${id}/slots/20261121T080100000Z/a01.${file}`));
  rig.pass(MINUTE);
  await tickAll(
    rig.process(() => failed({ stdout: 'ours' })),
    signal,
  );
  expect(readFileSync(outside, 'utf8')).toBe('theirs');
});
