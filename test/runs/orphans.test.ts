import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityOf, lifeOf } from '../../src/host/process-identity.js';
import { claimAttempt, iso } from '../../src/runs/claim-attempt.js';
import { tickAll } from '../../src/runs/tick.js';
import { writeLease } from '../../src/store/slots.js';
import { MINUTE, openRig, type Rig, START } from './loop-rig.js';

let rig: Rig;
const children: ChildProcess[] = [];
beforeEach(() => {
  rig = openRig();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rig.close();
});

const signal = new AbortController().signal;

/** A real child of an attempt whose runner has died: found by its mark, or by the lease too. */
function orphan(recorded: boolean) {
  const id = rig.add({ maxAttempts: 2, target: { type: 'command', command: 'true', timeoutMs: 10 * MINUTE } });
  rig.pass(MINUTE);
  const owner = rig.process();
  const claim = claimAttempt(owner, { spec: rig.loop(id).spec, slot: START + MINUTE, attempt: 1, source: 'schedule' });
  if (!claim) throw new Error('not claimed');
  const child = spawn('sleep', ['600'], {
    detached: true,
    env: { PATH: process.env['PATH'] ?? '', ...(recorded ? {} : { TEND_MARK: claim.claim.token }) },
    stdio: 'ignore',
  });
  children.push(child);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const { leaseExpiresAt, token } = claim.claim;
  const lease = { token, beat: 1, leaseExpiresAt, childStartedAt: iso(rig.clock.wall) };
  if (recorded) writeLease(rig.disk, claim.ref, { ...lease, child: identityOf(child.pid ?? 0) });
  rig.kill(owner);
  /** Others see real children, and that the runner is gone. */
  const other = () => rig.process(undefined, { life: (who) => (who.host === 'sim' ? 'dead' : lifeOf(who)) });
  return { id, child, ended, ref: claim.ref, other };
}

test.each([
  ['without a record, by its mark', false, '65'],
  ['by the record of its runner', true, '66, 77'],
])(
  'a child that outlives its runner is found %s: nothing is run twice, and when it ends its attempt is abandoned [loops 65, 66, 77]',
  async (_name, recorded) => {
    const { id, child, ended, ref, other } = orphan(recorded);
    for (let n = 0; n < 3; n++) expect((await tickAll(other(), signal)).recovered).toEqual([]);
    expect(rig.starts).toEqual([]);
    child.kill('SIGKILL');
    await ended;
    expect((await tickAll(other(), signal)).recovered).toEqual([ref]);
    expect(rig.state(id).retryScheduledFor).toBe('2026-11-21T08:01:00.000Z');
  },
);

test('a child that outlives its runner and its timeout by a minute is ended, and its attempt abandoned [loops 66]', async () => {
  const { ended, ref, other } = orphan(false);
  rig.pass(11 * MINUTE - 1_000);
  expect((await tickAll(other(), signal)).recovered).toEqual([]);
  rig.pass(2_000);
  expect((await tickAll(other(), signal)).recovered).toEqual([ref]);
  await ended;
});

test('a process is known by more than its pid: start time, boot and host [loops 75, 79]', async () => {
  const child = spawn('sleep', ['600'], { stdio: 'ignore' });
  children.push(child);
  const me = identityOf(child.pid ?? 0);
  expect(lifeOf(me)).toBe('alive');
  expect(lifeOf({ ...me, start: '1' })).toBe('dead');
  expect(lifeOf({ ...me, boot: 'another-boot:1' })).toBe('dead');
  expect(lifeOf({ ...me, boot: me.boot?.replace(/\d+$/, '1') ?? '' })).toBe('unknown');
  expect(lifeOf({ ...me, host: 'elsewhere' })).toBe('unknown');
  const gone = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  expect(lifeOf(me)).toBe('dead');
});
