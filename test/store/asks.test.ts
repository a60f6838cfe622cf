import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  answerKey,
  archivedAnswerKey,
  archivedAskKey,
  archivePair,
  askIdProblem,
  askKey,
  consumeAnswer,
  idsIn,
  isConsumed,
  raiseAsk,
  readAnswer,
  readArchivedAnswer,
  readAsk,
  readMailbox,
  recordAnswer,
  takeOverAsk,
  withdrawAnswer,
  withdrawAsk,
} from '../../src/store/asks.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import { quarantine } from '../../src/store/quarantine.js';

const NOW = 1_795_000_000_000;
let root: string;
let disk: Disk;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-'));
  disk = localDisk(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const raise = (worker: string, prompt = 'why?') =>
  raiseAsk(disk, { worker, prompt, kind: 'question', urgency: 'normal' }, NOW);
const answer = (id: string, text: string) =>
  recordAnswer(disk, { id, outcome: 'answered', answer: text, by: 'ann', channel: 'cli' }, NOW);

test('ids count up over asks, answers, archives and consumed marks, so no number comes twice', () => {
  expect(raise('web').id).toBe('web-1');
  answer('web-1', 'a');
  consumeAnswer(disk, 'web-1', 'x', NOW);
  archivePair(disk, 'web-1');
  expect(raise('web').id).toBe('web-2');
  disk.publish(answerKey('web-7'), 'orphan');
  expect(raise('web').id).toBe('web-8');
  disk.publish('consumed/web-9.json', '{}');
  expect(raise('web').id).toBe('web-10');
});

test('the number of a record in quarantine is not given again: who has read the old ask would answer the new one', () => {
  for (const key of ['asks/web-3.md', 'answers/web-4.md', 'asks/archive/web-5.md', 'asks/a__b-2.md']) {
    disk.publish(key, 'garbage');
    quarantine(disk, key, 'garbage', NOW);
  }
  expect([raise('web').id, raise('a__b').id, raise('b').id]).toEqual(['web-6', 'a__b-3', 'b-1']);
});

test('a worker whose name ends in a number does not share numbers with the shorter name', () => {
  expect([raise('a-1').id, raise('a').id, raise('a-1').id, raise('a').id]).toEqual(['a-1-1', 'a-1', 'a-1-2', 'a-2']);
});

test('any prompt and any answer come back as they went in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('', '---\nx\n---\n', '\r\n'),
      async (text, lead) => {
        const ask = raise('p', `${lead}${text}`.trimEnd() || 'x');
        answer(ask.id, `${lead}${text}`.trimEnd());
        const read = await readAsk(disk, ask.id);
        const got = await readAnswer(disk, ask.id);
        expect(read.state === 'present' && read.value.prompt).toBe(ask.prompt);
        expect(got.state === 'present' && got.value.answer).toBe(`${lead}${text}`.trimEnd());
      },
    ),
    { numRuns: 40 },
  );
});

test('an answered ask leaves pending; a corrupt answer keeps it there and is reported', async () => {
  raise('web');
  raise('web');
  answer('web-1', 'go');
  expect((await readMailbox(disk)).pending.map((ask) => ask.id)).toEqual(['web-2']);
  disk.replace(answerKey('web-1'), '---\nnot a record\n---\n');
  const box = await readMailbox(disk);
  expect(box.pending.map((ask) => ask.id)).toEqual(['web-1', 'web-2']);
  expect(box.problems[0]?.id).toBe('web-1');
});

test('an ask that cannot be parsed, is newer, or has a name that no answer can have is reported and not dropped', async () => {
  raise('web');
  disk.publish(askKey('bad-1'), 'no front matter');
  disk.publish(askKey('new-1'), '---\nformat: 99\n---\nhello\n');
  disk.publish('asks/my question.md', 'hello');
  const box = await readMailbox(disk);
  expect(box.pending.map((ask) => ask.id)).toEqual(['web-1']);
  expect(box.problems.map((problem) => problem.id).sort()).toEqual(['bad-1', 'my question', 'new-1']);
});

test('an ask that cannot be read is not taken for absent', async () => {
  disk.makeDir(askKey('web-1'));
  expect((await readAsk(disk, 'web-1')).state).toBe('unreadable');
  writeFileSync(join(root, 'answers'), 'a file where a directory belongs');
  await expect(readMailbox(disk)).rejects.toThrow(/answers/);
});

test('the second answer loses and the first text stays', async () => {
  raise('web');
  expect([answer('web-1', 'first'), answer('web-1', 'second')]).toEqual([true, false]);
  const got = await readAnswer(disk, 'web-1');
  expect(got.state === 'present' && got.value.answer).toBe('first');
});

test('one taker of an answer, ever', () => {
  expect(isConsumed(disk, 'web-1')).toBe(false);
  expect([consumeAnswer(disk, 'web-1', 'a', NOW), consumeAnswer(disk, 'web-1', 'b', NOW)]).toEqual([true, false]);
  expect(isConsumed(disk, 'web-1')).toBe(true);
});

test('one successor takes an ask over; the other sees that it changed', async () => {
  raise('web', 'same');
  const first = await readAsk(disk, 'web-1');
  if (first.state !== 'present') throw new Error('no ask');
  expect(takeOverAsk(disk, first, { generation: 'g2', waiter: 'w2' })).toBe(true);
  expect(takeOverAsk(disk, first, { generation: 'g3', waiter: 'w3' })).toBe(false);
  const now = await readAsk(disk, 'web-1');
  expect(now.state === 'present' && now.value).toMatchObject({ prompt: 'same', generation: 'g2', waiter: 'w2' });
});

test('an answer and an ask are taken back only while they are exactly ours', () => {
  const ask = raise('web');
  const draft = { id: ask.id, outcome: 'answered', answer: 'mine', by: 'ann', channel: 'cli' } as const;
  recordAnswer(disk, { ...draft, answer: 'theirs' }, NOW);
  expect(withdrawAnswer(disk, draft, NOW)).toBe(false);
  expect(disk.read(answerKey(ask.id)).state).toBe('present');
  expect(withdrawAsk(disk, { ...ask, prompt: 'other' })).toBe(false);
  expect(withdrawAsk(disk, ask)).toBe(true);
});

test('archiving ends with the pair in the archive, wherever an earlier try died', async () => {
  for (const died of ['before', 'ask linked', 'ask moved', 'answer linked', 'all moved']) {
    const { id } = raise('web', died);
    answer(id, died);
    const [ask, got] = [disk.read(askKey(id)), disk.read(answerKey(id))];
    if (ask.state !== 'present' || got.state !== 'present') throw new Error('no pair');
    if (died !== 'before') disk.publish(archivedAskKey(id), ask.text);
    if (died !== 'before' && died !== 'ask linked') disk.remove(askKey(id));
    if (died === 'answer linked' || died === 'all moved') disk.publish(archivedAnswerKey(id), got.text);
    if (died === 'all moved') disk.remove(answerKey(id));
    archivePair(disk, id);
    archivePair(disk, id);
    expect([disk.read(askKey(id)).state, disk.read(answerKey(id)).state], died).toEqual(['absent', 'absent']);
    const shelved = await readArchivedAnswer(disk, id);
    expect(shelved.state === 'present' && shelved.value.answer, died).toBe(died);
  }
  expect(readdirSync(join(root, 'asks/archive')).length).toBe(5);
});

test('another record of the same name in the archive is kept beside the new one', () => {
  raise('web', 'new');
  answer('web-1', 'new');
  disk.publish(archivedAskKey('web-1'), 'older');
  archivePair(disk, 'web-1');
  expect(disk.read(archivedAskKey('web-1'))).toMatchObject({ text: 'older' });
  expect(disk.read('asks/archive/web-1~2.md')).toMatchObject({ state: 'present' });
  expect(idsIn(disk, 'asks/archive')).toEqual(['web-1']);
});

test.each([
  ['web-1', true],
  ['a-1-22', true],
  ['web', false],
  ['web-', false],
  ['-1', false],
  ['../x-1', false],
  ['a/b-1', false],
  ['.hid-1', false],
  ['web-1\n-2', false],
  [`${'x'.repeat(65)}-1`, false],
  ['web-1234567890', false],
])('ask id %j may be a file name: %s', (id, ok) => {
  expect(askIdProblem(id) === undefined).toBe(ok);
});
