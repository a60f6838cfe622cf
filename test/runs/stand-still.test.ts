import { afterEach, beforeEach, expect, test } from 'vitest';
import { performAttempt } from '../../src/runs/attempt.js';
import { claimAttempt } from '../../src/runs/claim-attempt.js';
import { lookAtLoop } from '../../src/runs/look-at-loop.js';
import { tickAll } from '../../src/runs/tick.js';
import type { Disk } from '../../src/store/disk.js';
import { removeLoop } from '../../src/store/loops.js';
import { Death, MINUTE, openRig, type Rig, START } from './loop-rig.js';

// A process that stands still (stopped, suspended, starved) between two steps, while another one looks at the same files.
let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const never = new AbortController().signal;
const SLOT = new Date(START + MINUTE).toISOString();

/** The disk of a process for which, once, `meanwhile` happens right before its step `step` on a key like `like`. */
function interrupted(step: 'publish' | 'remove', like: string, meanwhile: () => void): Disk {
  let due = true;
  const act = (key: string): void => {
    if (!due || !key.includes(like)) return;
    due = false;
    meanwhile();
  };
  const done = rig.disk[step] as (...args: unknown[]) => unknown;
  const stepped = (...args: unknown[]): unknown => {
    act(String(args[0]));
    return done(...args);
  };
  return { ...rig.disk, [step]: stepped };
}

const job = (id: string) => ({
  spec: rig.loop(id).spec,
  slot: START + MINUTE,
  attempt: 1,
  source: 'schedule' as const,
});

/** A run beside the schedule, at a time that no look at the schedule comes to. */
const BESIDE = START + MINUTE / 2;
const beside = (id: string) => ({ ...job(id), slot: BESIDE, source: 'ad_hoc' as const });

/** Another looks when a mark without a claim is nobody's any more. */
async function lookLater(id: string): Promise<void> {
  rig.pass(2 * MINUTE);
  await lookAtLoop(rig.process(), id, rig.clock.wall);
}

/** Ticks by others until nothing is open. */
async function settleDown(): Promise<void> {
  for (let n = 0; n < 4; n++) {
    await tickAll(rig.process(), never);
    rig.pass(61_000);
  }
}

test.each([
  ['the planned', job],
  ['an ad-hoc', beside],
])(
  'two minutes between mark and claim of %s slot, while another drops the mark, and killed after the claim: the attempt is found and told',
  async (_, which) => {
    const id = rig.add({ schedule: { type: 'once', at: SLOT } });
    rig.pass(MINUTE);
    // The mark's time is that of the file system, far from the rig's clock: it is old for every look.
    const looks: Promise<void>[] = [];
    const first = rig.process(undefined, {
      disk: interrupted('publish', '.claim', () => looks.push(lookLater(id))),
    });
    const claimed = claimAttempt(first, which(id));
    await Promise.all(looks);
    expect(claimed && rig.live()).toHaveLength(1);
    rig.kill(first);
    await settleDown();
    const slot = new Date(which(id).slot).toISOString();
    expect(rig.rows()).toContainEqual(expect.objectContaining({ slot, attempt: 1, status: 'abandoned' }));
    expect(rig.live()).toEqual([]);
    expect(rig.state(id).status).toBe('stopped');
  },
);

test('a look that stood still before it took a mark away, while its claim was published, leaves the mark', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  rig.disk.publish(`live/${id}.20261121T080030000Z.a01`, '');
  const owner = rig.process();
  const other = rig.process(undefined, {
    disk: interrupted('remove', 'live/', () => claimAttempt(owner, beside(id))),
  });
  await lookAtLoop(other, id, rig.clock.wall);
  expect(rig.live()).toHaveLength(1);
});

test('a claim whose mark is gone and whose owner died is found by the next look at its loop, and told', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  const first = rig.process();
  claimAttempt(first, job(id));
  for (const name of rig.live()) rig.disk.remove(`live/${name}`);
  rig.kill(first);
  await settleDown();
  expect(rig.rows()[0]).toMatchObject({ slot: SLOT, attempt: 1, status: 'abandoned' });
  expect(rig.state(id).lastRun?.status).toBe('succeeded');
  expect(rig.live()).toEqual([]);
});

test('longer than its lease between claim and start, while another has given it up: the target is not started', async () => {
  const id = rig.add({ schedule: { type: 'once', at: SLOT }, leaseMs: MINUTE });
  rig.pass(MINUTE);
  const first = rig.process();
  const claimed = claimAttempt(first, job(id));
  const other = rig.process();
  for (let n = 0; n < 3; n++) {
    rig.pass(MINUTE + 1);
    await lookAtLoop(other, id, rig.clock.wall);
  }
  expect(rig.rows()).toMatchObject([{ slot: SLOT, status: 'abandoned' }]);
  const end = claimed && (await performAttempt(first, claimed, never));
  expect(end).toMatchObject({ state: 'dropped' });
  expect(rig.starts).toEqual([]);
  expect(rig.rows()).toHaveLength(1);
});

test('a loop that is removed right before the claim: nothing is started, and it is not there again', async () => {
  const id = rig.add();
  rig.pass(MINUTE);
  const first = rig.process(undefined, {
    disk: interrupted('publish', '.claim', () => {
      removeLoop(rig.disk, id, rig.clock.wall);
      rig.pass(2 * MINUTE);
    }),
  });
  await tickAll(first, never);
  expect(rig.starts).toEqual([]);
  expect(rig.disk.stat(`schedules/${id}`).state).toBe('absent');
  expect(rig.live()).toEqual([]);
});

test('killed right after a mark was taken from a claim, before it is made again: the next look makes it', async () => {
  const id = rig.add({ schedule: { type: 'once', at: SLOT } });
  rig.pass(MINUTE);
  rig.disk.publish(`live/${id}.20261121T080100000Z.a01`, '');
  rig.pass(2 * MINUTE);
  const owner = rig.process();
  const claim = (): void => void claimAttempt(owner, job(id));
  const disk = interrupted('remove', 'live/', claim);
  const remove = (key: string): void => {
    disk.remove(key);
    throw new Death('killed');
  };
  const other = rig.process(undefined, { disk: { ...disk, remove } });
  await expect(lookAtLoop(other, id, rig.clock.wall)).rejects.toThrow(Death);
  rig.kill(owner);
  await settleDown();
  expect(rig.rows()).toMatchObject([{ slot: SLOT, status: 'abandoned' }]);
  expect(rig.live()).toEqual([]);
});
