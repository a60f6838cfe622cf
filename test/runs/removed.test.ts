import { afterEach, beforeEach, expect, test } from 'vitest';
import { performAttempt } from '../../src/runs/attempt.js';
import { claimAttempt } from '../../src/runs/claim-attempt.js';
import { tickAll } from '../../src/runs/tick.js';
import { removeLoop } from '../../src/store/loops.js';
import { publishClaim, publishResult, writeParked } from '../../src/store/slots.js';
import { MINUTE, openRig, type Rig, START } from './loop-rig.js';

// A loop is removed while something of it is not over: what it ran is told in the ledger all the same, and nothing else follows.
let rig: Rig;
beforeEach(() => {
  rig = openRig();
});
afterEach(() => rig.close());

const never = new AbortController().signal;
const SLOT = new Date(START + MINUTE).toISOString();

/** Its one slot, claimed by a process; then `more`, then the loop is removed. */
function removedWhile(more: (claimed: NonNullable<ReturnType<typeof claimAttempt>>) => void = () => undefined) {
  const id = rig.add();
  rig.pass(MINUTE);
  const owner = rig.process();
  const job = { spec: rig.loop(id).spec, slot: START + MINUTE, attempt: 1, source: 'schedule' as const };
  const claimed = claimAttempt(owner, job);
  if (!claimed) throw new Error('not claimed');
  more(claimed);
  removeLoop(rig.disk, id, rig.clock.wall);
  return { id, owner, claimed };
}
const tick = () => tickAll(rig.process(), never);

test('its runner lives: nobody else tells its end, and it does so once', async () => {
  const { owner, claimed } = removedWhile();
  await tick();
  expect(rig.rows()).toEqual([]);
  expect(rig.live()).toHaveLength(1);
  expect(await performAttempt(owner, claimed, never)).toMatchObject({ state: 'finished' });
  await tick();
  expect(rig.rows()).toMatchObject([{ slot: SLOT, loop_name: 'demo', status: 'succeeded' }]);
  expect(rig.live()).toEqual([]);
});

test('its runner has died: the attempt is told as abandoned, once, and the loop does not come back', async () => {
  const { id, owner } = removedWhile();
  rig.kill(owner);
  await tick();
  await tick();
  expect(rig.rows()).toMatchObject([{ slot: SLOT, loop_name: 'demo', status: 'abandoned' }]);
  expect(rig.live()).toEqual([]);
  expect(rig.disk.stat(`schedules/${id}`).state).toBe('absent');
});

test('it had ended and its runner died before its row: the row says how it ended', async () => {
  const { owner } = removedWhile(({ ref, claim }) => {
    const finishedAt = new Date(rig.clock.wall).toISOString();
    const end = { status: 'failed' as const, exitCode: 7, finishedAt, outBytes: 3, errBytes: 0 };
    publishResult(rig.disk, ref, { token: claim.token, ...end });
  });
  rig.kill(owner);
  await tick();
  expect(rig.rows()).toMatchObject([{ slot: SLOT, status: 'failed', exit_code: 7, out_bytes: 3 }]);
  expect(rig.live()).toEqual([]);
});

test('it waits for a workflow run that is gone: the attempt is told as abandoned', async () => {
  const { owner } = removedWhile(({ ref }) => writeParked(rig.disk, ref, { workflowRunId: 'gone', at: SLOT }));
  rig.kill(owner);
  await tick();
  expect(rig.rows()).toMatchObject([{ slot: SLOT, status: 'abandoned', error: expect.stringContaining('gone') }]);
  expect(rig.live()).toEqual([]);
});

test('a slot that was not run, whose recorder died before its row, is told as skipped', async () => {
  const { id, owner, claimed } = removedWhile(({ ref, claim }) => {
    const beside = { ...ref, slot: ref.slot + 1 };
    rig.disk.publish(`live/${ref.loop}.20261121T080100001Z.a01`, '');
    publishClaim(rig.disk, beside, { ...claim, kind: 'skip', token: 'skip-1', reason: 'busy' });
  });
  await performAttempt(owner, claimed, never);
  await tick();
  expect(rig.rows().map(({ status }) => status)).toEqual(['succeeded', 'skipped']);
  expect(rig.rows().map(({ loop }) => loop)).toEqual([id, id]);
  expect(rig.live()).toEqual([]);
});
