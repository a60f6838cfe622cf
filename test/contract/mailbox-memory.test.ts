/** The mailbox with a memory says at every moment what the mailbox without one says, and says the same thing as the same value. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rememberMailbox } from '../../src/contract/screen/mailbox-memory.js';
import { archivePair, consumeAnswer, raiseAsk, readMailbox, recordAnswer } from '../../src/store/asks.js';
import { makeProfile, type Profile } from './tend-process.js';

let at: Profile;
beforeEach(() => {
  at = makeProfile();
});
afterEach(() => at.remove());

test('after each step of an ask its life, and after hands in the files, both say the same', async () => {
  const { disk } = at;
  const read = rememberMailbox(disk);
  const same = async () => {
    const box = await read();
    expect(box).toEqual(await readMailbox(disk));
    expect(await read()).toBe(box);
    return box.pending.map(({ id }) => id);
  };
  const raise = (worker: string, ts: number) =>
    raiseAsk(disk, { worker, kind: 'question', urgency: 'normal', prompt: 'May I?' }, ts).id;
  const answer = (id: string) =>
    recordAnswer(disk, { id, outcome: 'answered', answer: 'yes', by: 'ann', channel: 'cli' }, 9_000);
  expect(await same()).toEqual([]);
  const [a, b, c] = [raise('a', 3_000), raise('b', 1_000), raise('c', 2_000)];
  expect(await same()).toEqual([b, c, a]);
  answer(b);
  expect(await same()).toEqual([c, a]);
  consumeAnswer(disk, b, 'test', 9_000);
  expect(await same()).toEqual([c, a]);
  archivePair(disk, b);
  expect(await same()).toEqual([c, a]);
  appendFileSync(disk.path(`asks/${a}.md`), 'and more\n');
  expect(await same()).toEqual([c, a]);
  expect((await read()).pending.at(-1)?.prompt).toContain('and more');
  writeFileSync(disk.path(`answers/${c}.md`), 'no record at all');
  expect(await same()).toEqual([c, a]);
  expect((await read()).problems).toHaveLength(1);
  writeFileSync(disk.path(`answers/${c}.md`), disk.path(''));
  writeFileSync(disk.path('asks/odd name.md'), 'x');
  await same();
  disk.remove(`answers/${c}.md`);
  expect(await same()).toEqual([c, a]);
});
