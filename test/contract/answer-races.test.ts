/** Moments between two steps of a verb, made to happen by a disk that lets somebody else act first. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Context } from '../../src/contract/verb.js';
import { verb as answerVerb } from '../../src/contract/verbs/answer.js';
import { verb as closeVerb } from '../../src/contract/verbs/ask-close.js';
import { verb as reassignVerb } from '../../src/contract/verbs/ask-reassign.js';
import {
  answerKey,
  archivePair,
  consumeAnswer,
  raiseAsk,
  readAnswer,
  readArchivedAnswer,
  readMailbox,
  recordAnswer,
} from '../../src/store/asks.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';

let root: string;
let disk: Disk;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tend-'));
  disk = localDisk(root);
  raiseAsk(disk, { worker: 'web', prompt: 'q', kind: 'question', urgency: 'normal' }, Date.now());
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const theirs = () =>
  recordAnswer(disk, { id: 'web-1', outcome: 'answered', answer: 'theirs', by: 'bob', channel: 'web' }, Date.now());

/** A context whose disk runs `meanwhile` once, right before the answer's name is published. */
function racing(meanwhile: () => void): Context {
  let done = false;
  const publish: Disk['publish'] = (key, ...rest) => {
    if (key === answerKey('web-1') && !done) {
      done = true;
      meanwhile();
    }
    return disk.publish(key, ...rest);
  };
  return { disk: { ...disk, publish }, session: { user: 'ann' }, warn: () => {} } as unknown as Context;
}

const theirsStands = async () => {
  const answer = await readAnswer(disk, 'web-1');
  expect(answer.state === 'present' && answer.value.answer).toBe('theirs');
};

test('an answer that comes second says who won', async () => {
  const late = answerVerb.run({ args: { ask_id: 'web-1' }, flags: {}, body: 'mine', words: [] }, racing(theirs));
  await expect(late).rejects.toMatchObject({
    code: 'already-answered',
    exit: 1,
    message: expect.stringContaining('theirs'),
  });
  await theirsStands();
});

test('an ask that ended and was archived meanwhile gets no orphan answer', async () => {
  const late = answerVerb.run(
    { args: { ask_id: 'web-1' }, flags: {}, body: 'mine', words: [] },
    racing(() => {
      theirs();
      consumeAnswer(disk, 'web-1', 'decider', Date.now());
      archivePair(disk, 'web-1');
    }),
  );
  await expect(late).rejects.toMatchObject({ code: 'ask-gone', exit: 1 });
  expect(disk.stat(answerKey('web-1')).state).toBe('absent');
});

test.each([
  ['archived already', () => archivePair(disk, 'web-1')],
  ['on its way to the archive', () => void disk.move('asks/web-1.md', 'asks/archive/web-1.md')],
])('an answer that is taken before the verb looks again was given, and stays: %s', async (_name, shelve) => {
  const publish: Disk['publish'] = (key, ...rest) => {
    const won = disk.publish(key, ...rest);
    if (key !== answerKey('web-1')) return won;
    consumeAnswer(disk, 'web-1', 'web', Date.now());
    shelve();
    return won;
  };
  const context = { disk: { ...disk, publish }, session: { user: 'ann' }, warn: () => {} } as unknown as Context;
  const input = { args: { ask_id: 'web-1' }, flags: {}, body: 'mine', words: [] };
  expect(await answerVerb.run(input, context)).toMatchObject({ text: 'answered web-1' });
  archivePair(disk, 'web-1');
  const kept = await readArchivedAnswer(disk, 'web-1');
  expect(kept.state === 'present' && kept.value.answer).toBe('mine');
});

test('a close that comes after an answer says so and changes nothing', async () => {
  const late = closeVerb.run({ args: { ask_id: 'web-1' }, flags: {}, words: [] }, racing(theirs));
  await expect(late).rejects.toMatchObject({ code: 'already-answered' });
  await theirsStands();
});

test('a reassign that comes after an answer takes its new ask back', async () => {
  const late = reassignVerb.run({ args: { ask_id: 'web-1', worker: 'api' }, flags: {}, words: [] }, racing(theirs));
  await expect(late).rejects.toMatchObject({ code: 'already-answered' });
  expect((await readMailbox(disk)).pending).toEqual([]);
  await theirsStands();
});
