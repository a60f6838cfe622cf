import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expandOption } from '../../src/contract/expand-option.js';
import { digest } from '../../src/lib/hash.js';
import { stableJson } from '../../src/lib/json.js';
import type { Move } from '../../src/model/move.js';
import {
  type AskDraft,
  answerKey,
  archivePair,
  askKey,
  consumeAnswer,
  raiseAsk,
  readAnswer,
  recordAnswer,
} from '../../src/store/asks.js';
import { makeProfile, type Profile } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

const raise = (draft: Partial<AskDraft> = {}) =>
  raiseAsk(p.disk, { worker: 'web', prompt: 'Deploy?', kind: 'question', urgency: 'normal', ...draft }, Date.now()).id;
const move: Move = { action: 'run_shell', cmd: 'git push' };
const approval = () =>
  raise({
    worker: 'gate',
    kind: 'approval',
    options: ['yes', 'no'],
    proposal: { move, digest: digest(stableJson(move)), world: 'w1' },
  });
const answered = async (id: string) => {
  const read = await readAnswer(p.disk, id);
  return read.state === 'present' ? read.value : read;
};

test('an answer records text, who gave it and the way it came, and prints only that', async () => {
  const id = raise();
  expect(await p.tend(['_', 'answer', id, 'hold', 'until', 'Monday'])).toEqual({
    code: 0,
    stdout: 'answered web-1\n',
    stderr: '',
  });
  expect(await answered(id)).toMatchObject({ answer: 'hold until Monday', outcome: 'answered', channel: 'cli' });
  const second = raise();
  const json = await p.json<{ ts: number }>(['answer', second, 'ok', '--channel', 'slack', '--json']);
  expect(json).toEqual({ id: second, answer: 'ok', ts: expect.any(Number) });
  expect(await answered(second)).toMatchObject({ channel: 'slack', by: expect.stringMatching(/./), ts: json.ts });
});

test('20 processes answer one ask: one wins, its text survives, the others are told it', async () => {
  const id = raise();
  const ends = await Promise.all(Array.from({ length: 20 }, (_, n) => p.tend(['answer', id, `text-${n}-of-one`])));
  const winner = ends.findIndex((end) => end.code === 0);
  expect(ends.filter((end) => end.code === 0)).toHaveLength(1);
  expect(await answered(id)).toMatchObject({ answer: `text-${winner}-of-one` });
  for (const [n, end] of ends.entries())
    if (n !== winner)
      expect(end).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`text-${winner}-of-one`) });
});

test.each([
  ['an unsafe id', ['../../etc-1', 'x'], 2, /ask id/],
  ['an id without a number', ['web', 'x'], 2, /<worker>-<number>/],
  ['a blank text', ['web-1', '  '], 2, /empty|blank/],
  ['an unknown ask', ['nobody-7', 'x'], 1, /pending: web-1/],
])('refused: %s', async (_what, args, code, text) => {
  raise();
  const end = await p.tend(['answer', ...args]);
  expect(end).toMatchObject({ code, stdout: '' });
  expect(end.stderr).toMatch(text);
  expect(p.disk.list('answers').state).toBe('absent');
});

test('an ask that cannot be looked at is an error, not "no such ask"', async () => {
  p.disk.makeDir('');
  writeFileSync(p.disk.path('asks'), 'no directory');
  const end = await p.tend(['answer', 'web-1', 'x']);
  expect(end.code).not.toBe(0);
  expect(end.stderr).not.toContain('no such ask');
});

test('a worker may not answer, close or move an ask', async () => {
  raise();
  for (const args of [
    ['answer', 'web-1', 'yes'],
    ['ask', 'close', 'web-1'],
    ['ask', 'reassign', 'web-1', 'x'],
  ])
    expect((await p.tend(args, { env: { TEND_SESSION_ID: 'web' } })).code).toBe(1);
  expect(p.disk.list('answers').state).toBe('absent');
});

test('--force replaces an answer that nobody acted on; without it the first stays', async () => {
  const id = raise();
  await p.tend(['answer', id, 'first']);
  expect((await p.tend(['answer', id, 'second'])).code).toBe(1);
  expect(await answered(id)).toMatchObject({ answer: 'first' });
  expect((await p.tend(['answer', '--force', id, 'second'])).code).toBe(0);
  expect(await answered(id)).toMatchObject({ answer: 'second' });
});

test('a closed ask cannot be answered, not even by force; an archived one says how it ended', async () => {
  const id = raise();
  recordAnswer(
    p.disk,
    { id, outcome: 'expired', answer: 'the world moved on', by: 'tend', channel: 'pulse' },
    Date.now(),
  );
  expect((await p.tend(['answer', id, 'yes', '--force'])).stderr).toContain('expired');
  consumeAnswer(p.disk, id, 'x', Date.now());
  archivePair(p.disk, id);
  expect(await p.tend(['answer', id, 'yes'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('the world moved on'),
  });
  expect(p.disk.stat(answerKey(id)).state).toBe('absent');
  expect(await p.json(['ask', 'show', id, '--json'])).toMatchObject({
    state: 'expired',
    archived: true,
    consumed: true,
  });
});

test('an approval takes a plain yes or a no with a reason, and the answer carries the digest', async () => {
  const id = approval();
  for (const text of ['maybe', 'yesterday', '1', 'nope', 'yes, but not on main'])
    expect(await p.tend(['answer', id, text])).toMatchObject({ code: 2, stderr: expect.stringContaining('plain yes') });
  expect((await p.tend(['answer', id, 'no,', 'not', 'on', 'a', 'Friday'])).code).toBe(0);
  expect(await answered(id)).toMatchObject({ answer: 'no, not on a Friday', digest: digest(stableJson(move)) });
  expect((await p.tend(['answer', id, 'yes', '--force'])).code).toBe(0);
});

test('an approval that was acted on cannot be answered anew', async () => {
  const id = approval();
  await p.tend(['answer', id, 'yes']);
  consumeAnswer(p.disk, id, 'approval', Date.now());
  expect(await p.tend(['answer', id, 'no', '--force'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('acted on'),
  });
  expect(await answered(id)).toMatchObject({ answer: 'yes' });
});

test('shorthand for an option is recorded as the option and said on stderr', async () => {
  const id = raise({ options: ['refund', 'hold until Monday'] });
  expect(await p.tend(['answer', id, '2'])).toMatchObject({
    stdout: `answered ${id}\n`,
    stderr: expect.stringContaining('hold until Monday'),
  });
  expect(await answered(id)).toMatchObject({ answer: 'hold until Monday' });
});

test.each([
  ['REFUND', ['refund', 'hold'], 'refund'],
  ['1', ['refund', 'hold'], 'refund'],
  ['#2', ['refund', 'hold'], 'hold'],
  ['3', ['refund', 'hold'], '3'],
  ['0', ['refund', 'hold'], '0'],
  ['ref', ['refund', 'hold'], 'refund'],
  ['re', ['refund', 'retry'], 're'],
  ['1', ['10', '20'], '10'],
  ['2', ['10', '20', '200'], '2'],
  ['no', ['not before Monday', 'now'], 'no'],
  ['No', ['no', 'now'], 'no'],
  ['hold it', ['refund', 'hold'], 'hold it'],
  ['anything', [], 'anything'],
])('%j of %j is recorded as %j', (typed, options, recorded) => {
  expect(expandOption(typed, options)).toBe(recorded);
});

test('an answer is never changed into something that is no option', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string({ minLength: 1 }), { maxLength: 5 }), (typed, options) => {
      const got = expandOption(typed, options);
      expect(got === typed || options.includes(got)).toBe(true);
    }),
  );
});

test('prompts cannot move the cursor or forge an ask in the list', async () => {
  raise({ prompt: 'real\u001b[2J\n⚑ forged-1 (web): send money\u202e', reference: 'a\nb' });
  approval();
  const { stdout } = await p.tend(['asks']);
  expect(stdout).not.toMatch(/[\u001b\u202e]/);
  expect(stdout.split('\n').filter((line) => line.startsWith('⚑'))).toHaveLength(2);
  expect(stdout).toContain('runs: git push');
  expect(stdout).toContain(`digest: ${digest(stableJson(move)).slice(0, 12)}`);
});

test('asks: JSON fields, oldest first, broken records once on stderr', async () => {
  expect(await p.tend(['asks'])).toEqual({ code: 0, stdout: 'no pending asks\n', stderr: '' });
  raiseAsk(p.disk, { worker: 'b', prompt: 'two', kind: 'question', urgency: 'normal' }, 2_000_000);
  raiseAsk(
    p.disk,
    { worker: 'a', prompt: 'one', kind: 'question', urgency: 'normal', options: ['x'], reference: 'r' },
    1_000_000,
  );
  p.disk.publish(askKey('bad-1'), 'garbage');
  const end = await p.tend(['asks', '--json']);
  expect(JSON.parse(end.stdout)).toEqual([
    {
      id: 'a-1',
      worker: 'a',
      prompt: 'one',
      options: ['x'],
      reference: 'r',
      ts: 1000,
      kind: 'question',
      urgency: 'normal',
    },
    { id: 'b-1', worker: 'b', prompt: 'two', ts: 2000, kind: 'question', urgency: 'normal' },
  ]);
  expect(end.stderr.match(/bad-1/g)).toHaveLength(1);
});
