import { mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mailboxController } from '../../../src/controllers/mailbox/controller.js';
import { lightWaiter } from '../../../src/host/ask-waiter.js';
import {
  answerKey,
  archivedAnswerKey,
  archivedAskKey,
  askKey,
  consumeAnswer,
  raiseAsk,
  readMailbox,
  recordAnswer,
} from '../../../src/store/asks.js';
import type { Disk } from '../../../src/store/disk.js';
import { localDisk } from '../../../src/store/local-disk.js';

let base: string;
let disk: Disk;
let env: Record<string, string>;
const NOW = Date.now();

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-'));
  mkdirSync(join(base, 'run'), { mode: 0o700 });
  env = { XDG_RUNTIME_DIR: join(base, 'run') };
  disk = localDisk(join(base, 'data'));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const reconcile = (id: string) => mailboxController({ disk, env }).reconcile(id, NOW);
const raise = (waiter?: string) =>
  raiseAsk(disk, { worker: 'w', prompt: 'p', kind: 'question', urgency: 'normal', ...(waiter ? { waiter } : {}) }, NOW)
    .id;
const end = (id: string, outcome: 'answered' | 'closed') =>
  recordAnswer(disk, { id, outcome, answer: 'yes', by: 'ann', channel: 'cli' }, NOW);
const where = (id: string) =>
  [askKey(id), answerKey(id), archivedAskKey(id), archivedAnswerKey(id)].map(
    (key) => disk.stat(key).state === 'present',
  );
const age = (key: string) => utimesSync(disk.path(key), NOW / 1000 - 3600, NOW / 1000 - 3600);

test('a pair goes to the archive once somebody acted on it, and a second look changes nothing', async () => {
  const id = raise();
  end(id, 'answered');
  await reconcile(id);
  expect(where(id)).toEqual([true, true, false, false]);
  consumeAnswer(disk, id, 'asker', NOW);
  await reconcile(id);
  expect(where(id)).toEqual([false, false, true, true]);
  expect(await reconcile(id)).toMatchObject({ state: 'settled' });
});

test('a close reaches the asker that waits before the pair is put away', async () => {
  const waiter = await lightWaiter(env, disk.root);
  const id = raise(waiter.nonce);
  end(id, 'closed');
  expect(await reconcile(id)).toMatchObject({ state: 'waiting' });
  expect(where(id)).toEqual([true, true, false, false]);
  waiter.close();
  await reconcile(id);
  expect(where(id)).toEqual([false, false, true, true]);
});

test('an answer that cannot be read goes to quarantine, is logged, and its ask is pending again', async () => {
  const id = raise();
  disk.publish(answerKey(id), 'garbage');
  await reconcile(id);
  expect(disk.stat(answerKey(id)).state, 'too young to judge').toBe('present');
  age(answerKey(id));
  await reconcile(id);
  const box = await readMailbox(disk);
  expect(box).toMatchObject({ pending: [{ id }], problems: [] });
  expect(disk.read(`quarantine/answers__${id}.md.1`)).toMatchObject({ text: 'garbage' });
  const log = disk.list('');
  const events = log.state === 'present' ? log.names.find((name) => name.startsWith('events-')) : undefined;
  expect(disk.read(events ?? '')).toMatchObject({ text: expect.stringContaining('"quarantined"') });
});

test('a broken ask with an answer: the one to quarantine, the other to the archive, nothing deleted', async () => {
  disk.publish(askKey('w-1'), 'garbage');
  end('w-1', 'answered');
  age(askKey('w-1'));
  age(answerKey('w-1'));
  await reconcile('w-1');
  await reconcile('w-1');
  expect(where('w-1')).toEqual([false, false, false, true]);
  expect(disk.stat('quarantine/asks__w-1.md.1').state).toBe('present');
});

test('a pending ask costs no write', async () => {
  const id = raise();
  const before = disk.list('');
  await reconcile(id);
  expect(disk.list('')).toEqual(before);
});

test('keys: every ask at the start, then those that change', async () => {
  raise();
  const stop = new AbortController();
  const keys = mailboxController({ disk, env }).keys(stop.signal)[Symbol.asyncIterator]();
  expect((await keys.next()).value).toBe('w-1');
  raise();
  let seen: string | undefined;
  while (seen !== 'w-2') seen = (await keys.next()).value;
  disk.publish('asks/not an ask.md', '');
  consumeAnswer(disk, 'w-1', 'x', NOW);
  while (seen !== 'w-1') {
    expect(seen).not.toContain(' ');
    seen = (await keys.next()).value;
  }
  stop.abort();
  while (!(await keys.next()).done);
});
