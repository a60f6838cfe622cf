import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeCursor, encodeCursor, type Marks } from '../../src/contract/cursor.js';
import type { Context } from '../../src/contract/verb.js';
import { verb as waitVerb } from '../../src/contract/verbs/wait.js';
import { type Beacon, lightBeacon } from '../../src/host/beacon.js';
import { raiseAsk, recordAnswer } from '../../src/store/asks.js';
import { changeStamp } from '../../src/store/change-stamp.js';
import { writeHolder } from '../../src/store/holder.js';
import { appendJournal } from '../../src/store/journal.js';
import { makeProfile, type Profile } from './tend-process.js';

interface Waited {
  changed: string[];
  cursor: string;
  asks: { id: string }[];
  pulse_alive: boolean;
}

let p: Profile;
let sockets: string;
let pulse: Beacon | undefined;
beforeEach(() => {
  p = makeProfile();
  sockets = mkdtempSync(join(tmpdir(), 'tend-'));
});
afterEach(() => {
  pulse?.close();
  pulse = undefined;
  p.remove();
  rmSync(sockets, { recursive: true, force: true });
});

/** A beacon and a holder record are all that a client ever sees of a pulse. */
async function pulseUp(): Promise<void> {
  const socket = join(sockets, `p-${Date.now()}.sock`);
  pulse = await lightBeacon(socket, 'nonce', () => ({ pid: process.pid }));
  writeHolder(p.disk, { pid: process.pid, epoch: 1, socket, nonce: 'nonce', version: '0', started_ts: 1 });
}

const raise = (prompt = 'q') =>
  raiseAsk(p.disk, { worker: 'web', prompt, kind: 'question', urgency: 'normal' }, Date.now()).id;
const answer = (id: string) =>
  recordAnswer(p.disk, { id, outcome: 'answered', answer: 'yes', by: 'ann', channel: 'cli' }, Date.now());
const cursor = async () => (await p.json<{ cursor: string }>(['state', '--json'])).cursor;

/** One wait in this process: the same verb as the CLI runs, without a start of Node for each row. */
async function wait(
  flags: Record<string, string | number | boolean> = {},
): Promise<Waited & { exit: number | undefined }> {
  const context = {
    disk: p.disk,
    env: { TEND_WAIT_POLL_MS: '50' },
    profile: { dataDir: p.root, configPath: join(p.root, 'config.json'), isDefault: false },
    warn: () => {},
    signal: new AbortController().signal,
  } as unknown as Context;
  const result = await waitVerb.run({ args: {}, flags: { timeout: 30, ...flags }, words: [] }, context);
  return { ...(result.json as Waited), exit: result.exit };
}

test('a pending ask returns at once for every filter', async () => {
  await pulseUp();
  raise();
  for (const flags of [{}, { 'only-asks': true }, { actionable: true }, { 'only-asks': true, actionable: true }])
    expect(await wait(flags)).toMatchObject({ changed: ['asks'], exit: 0, asks: [{ id: 'web-1' }] });
});

test('with the cursor a held ask does not wake again; a new one, an answered one and a closed one do', async () => {
  await pulseUp();
  const held = raise();
  const first = await wait();
  expect(await wait({ since: first.cursor, timeout: 0 })).toMatchObject({ changed: [], exit: 124 });
  raise();
  const second = await wait({ since: first.cursor });
  expect(second).toMatchObject({ changed: ['asks'], exit: 0 });
  answer(held);
  const third = await wait({ since: second.cursor, 'only-asks': true });
  expect(third).toMatchObject({ changed: ['asks'], asks: [{ id: 'web-2' }] });
  expect(await wait({ since: third.cursor, timeout: 0 })).toMatchObject({ exit: 124 });
});

test('nothing between two waits is lost, and each change is told once', async () => {
  await pulseUp();
  const told: string[] = [];
  let since = await cursor();
  const changes: [string, () => void][] = [
    ['journal', () => appendJournal(p.disk, Date.now(), 'a', 0)],
    ['goals', () => p.disk.replace('goals/a.md', 'x')],
    ['playbook', () => p.disk.replace('PLAYBOOK.md', 'x')],
    ['asks', () => void raise()],
    ['snapshots', () => p.disk.replace('snapshots/sensor-a.json', '{"signal":1}')],
    ['goals', () => p.disk.remove('goals/a.md')],
    ['snapshots', () => p.disk.replace('snapshots/sensor-b.json', 'no json at all')],
  ];
  for (const [, change] of changes) {
    change();
    const got = await wait({ since });
    told.push(...got.changed);
    since = got.cursor;
  }
  expect(told).toEqual(changes.map(([category]) => category));
  expect(await wait({ since, timeout: 0 })).toMatchObject({ changed: [], exit: 124 });
});

test('a detail-only change does not wake; a signal change does, but not with --only-asks', async () => {
  await pulseUp();
  p.disk.publish('snapshots/sensor-a.json', '{"signal":1,"detail":1}');
  const since = await cursor();
  p.disk.replace('snapshots/sensor-a.json', '{"signal":1,"detail":2}');
  expect(await wait({ since, timeout: 0 })).toMatchObject({ changed: [], exit: 124 });
  p.disk.replace('snapshots/sensor-a.json', '{"signal":2,"detail":2}');
  expect(await wait({ since, timeout: 0, 'only-asks': true })).toMatchObject({ changed: [], exit: 124 });
  expect(await wait({ since })).toMatchObject({ changed: ['snapshots'], exit: 0 });
});

test('--actionable wakes for a journal line, not for a playbook edit, and then tells both', async () => {
  await pulseUp();
  const since = await cursor();
  p.disk.replace('PLAYBOOK.md', 'new');
  const none = await wait({ since, timeout: 0, actionable: true });
  expect(none).toMatchObject({ changed: [], exit: 124 });
  appendJournal(p.disk, Date.now(), 'did it', 0);
  expect(await wait({ since: none.cursor, actionable: true })).toMatchObject({
    changed: ['journal', 'playbook'],
    exit: 0,
  });
});

test('a pulse that is down wakes with 2 for every filter, once per cursor, and again after it was up', async () => {
  for (const flags of [{}, { 'only-asks': true }, { actionable: true }])
    expect(await wait(flags)).toMatchObject({ changed: ['pulse-down'], exit: 2, pulse_alive: false });
  const down = await wait();
  expect(await wait({ since: down.cursor, timeout: 0 })).toMatchObject({ changed: [], exit: 124 });
  await pulseUp();
  const up = await wait({ since: down.cursor, timeout: 0 });
  expect(up).toMatchObject({ changed: [], exit: 124, pulse_alive: true });
  pulse?.close();
  expect(await wait({ since: up.cursor })).toMatchObject({ changed: ['pulse-down'], exit: 2 });
});

test('a change is not masked by a pulse that is down, and the pulse is told next', async () => {
  await pulseUp();
  const since = await cursor();
  pulse?.close();
  raise();
  const first = await wait({ since });
  expect(first).toMatchObject({ changed: ['asks'], exit: 0 });
  expect(await wait({ since: first.cursor })).toMatchObject({ changed: ['pulse-down'], exit: 2 });
});

test('a blocked wait of the CLI wakes on an event and names the change first', async () => {
  await pulseUp();
  const since = await cursor();
  const waiting = p.start(['_', 'wait', '--since', since], { env: { TEND_WAIT_POLL_MS: '600000' } });
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(waiting.child.exitCode).toBe(null);
  raise();
  const end = await waiting.ended;
  expect(end.code).toBe(0);
  expect(end.stdout).toMatch(/^changed: asks\npulse: live/);
});

test('a pulse that dies wakes a blocked wait of the CLI with exit 2', async () => {
  await pulseUp();
  const waiting = p.start(['wait', '--json'], { env: { TEND_WAIT_POLL_MS: '50' } });
  await new Promise((resolve) => setTimeout(resolve, 500));
  pulse?.close();
  const end = await waiting.ended;
  expect(end.code).toBe(2);
  expect(JSON.parse(end.stdout)).toMatchObject({ changed: ['pulse-down'] });
});

test('a wait sleeps while nothing happens', async () => {
  await pulseUp();
  const waiting = p.start(['wait', '--since', await cursor()]);
  await new Promise((resolve) => setTimeout(resolve, 700));
  const ticks = () => cpuTicks(waiting.child.pid!);
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  // A busy loop would burn about 300 ticks; three polls of a second take two or three.
  if (before !== undefined) expect(ticks()! - before).toBeLessThan(60);
  waiting.child.kill('SIGTERM');
  expect((await waiting.ended).code).toBe(130);
});

test.each(['', 'abc', Buffer.from('[2,0]').toString('base64url'), 'x'.repeat(10_000), '{"v":1}'])(
  'a cursor that is none is an input error: %.12s',
  async (since) => {
    await expect(wait({ since })).rejects.toMatchObject({ exit: 2 });
  },
);

test('a cursor keeps what it was made of', () => {
  const marks: Marks = { asks: 'a', goals: 'b', journal: '1-c', playbook: '', snapshots: 'é' };
  for (const down of [true, false]) expect(decodeCursor(encodeCursor({ marks, down }))).toEqual({ marks, down });
});

test('the stamp moves on every kind of write that a client can see', () => {
  const seen = new Set([changeStamp(p.disk)]);
  const writes: (() => unknown)[] = [
    () => raise(),
    () => answer('web-1'),
    () => p.disk.publish('goals/a.md', 'one'),
    () => p.disk.replace('goals/a.md', 'two'),
    () => p.disk.move('goals/a.md', 'goals/archive/a.md'),
    () => p.disk.replace('PLAYBOOK.md', 'p'),
    () => appendJournal(p.disk, Date.now(), 'j', 0),
    () => p.disk.replace('snapshots/sensor-a.json', '1'),
    () => p.disk.remove('snapshots/sensor-a.json'),
  ];
  for (const [n, write] of writes.entries()) {
    write();
    const stamp = changeStamp(p.disk);
    expect(seen.has(stamp), `write ${n}`).toBe(false);
    expect(changeStamp(p.disk)).toBe(stamp);
    seen.add(stamp);
  }
});

/** User and system time of a process in ticks of 10 ms, where there is a /proc. */
function cpuTicks(pid: number): number | undefined {
  const read = readProc(pid);
  if (read === undefined) return undefined;
  const fields = read.slice(read.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function readProc(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
}
