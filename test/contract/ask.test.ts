import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { answerKey, askKey, consumeAnswer, isConsumed, raiseAsk, readAsk, recordAnswer } from '../../src/store/asks.js';
import { writeTell } from '../../src/store/tells.js';
import { makeProfile, type Profile, until } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

const isThere = (id: string) => until(`ask ${id}`, () => p.disk.stat(askKey(id)).state === 'present');
const pending = async () => (await p.json<{ id: string }[]>(['_', 'asks', '--json'])).map((ask) => ask.id);

test('stdout is the answer and nothing else, and the answer is marked as taken', async () => {
  const asker = p.start(['_', 'ask', 'web', '--prompt', 'Deploy?', '--options', 'yes,later']);
  await isThere('web-1');
  expect((await p.tend(['_', 'answer', 'web-1', '-'], { input: 'line one\n\n  line two  \n\n' })).code).toBe(0);
  expect(await asker.ended).toEqual({ code: 0, stdout: 'line one\n\n  line two\n', stderr: '' });
  expect(isConsumed(p.disk, 'web-1')).toBe(true);
  expect(await pending()).toEqual([]);
});

test('50 blocked asks each get their own answer', async () => {
  const askers = Array.from({ length: 50 }, (_, n) => p.start(['ask', `w${n % 5}`, '--prompt', `question ${n}`]));
  const asks = await until('50 asks', async () => {
    const list = await p.json<{ id: string; prompt: string }[]>(['asks', '--json']);
    return list.length === 50 && list;
  });
  for (const ask of asks)
    recordAnswer(
      p.disk,
      { id: ask.id, outcome: 'answered', answer: `to ${ask.prompt}`, by: 'ann', channel: 'cli' },
      Date.now(),
    );
  const got = await Promise.all(askers.map((asker) => asker.ended));
  expect(got.map((end) => end.stdout)).toEqual(askers.map((_, n) => `to question ${n}\n`));
});

test('two living askers of one worker and one prompt keep two asks', async () => {
  const askers = [p.start(['ask', 'web', '--prompt', 'same']), p.start(['ask', 'web', '--prompt', 'same'])];
  await isThere('web-2');
  await p.tend(['answer', 'web-1', 'one']);
  await p.tend(['answer', 'web-2', 'two']);
  const got = await Promise.all(askers.map((asker) => asker.ended));
  expect(got.map((end) => end.stdout).sort()).toEqual(['one\n', 'two\n']);
});

test('an ask survives kill -9 of its asker; the successor that asks the same gets the answer given meanwhile', async () => {
  const first = p.start(['ask', 'web', '--prompt', 'Which day?']);
  await isThere('web-1');
  first.child.kill('SIGKILL');
  await first.ended;
  expect(await pending()).toEqual(['web-1']);
  await p.tend(['answer', 'web-1', 'Monday']);
  expect(await p.tend(['ask', 'web', '--prompt', 'Which day?'])).toMatchObject({ code: 0, stdout: 'Monday\n' });
  expect(await p.json(['ask', 'show', 'web-1', '--json'])).toMatchObject({ consumed: true, answer: 'Monday' });
  // Taken once: the same question again is a new ask.
  expect((await p.tend(['ask', 'web', '--prompt', 'Which day?', '--timeout', '0'])).code).toBe(124);
  expect(await pending()).toEqual(['web-2']);
});

test('another prompt, another worker or an asker that lives is not taken over', async () => {
  const first = p.start(['ask', 'web', '--prompt', 'a']);
  await isThere('web-1');
  for (const args of [
    ['web', '--prompt', 'b'],
    ['api', '--prompt', 'a'],
    ['web', '--prompt', 'a'],
  ])
    expect((await p.tend(['ask', ...args, '--timeout', '0'])).code).toBe(124);
  expect((await pending()).sort()).toEqual(['api-1', 'web-1', 'web-2', 'web-3']);
  first.child.kill('SIGKILL');
});

test('a new generation takes the ask of the old one over, and the old asker gets nothing', async () => {
  const asWorker = (generation: string) => ({ env: { TEND_SESSION_ID: 'web', TEND_GENERATION: generation } });
  const old = p.start(['ask', '--prompt', 'Which day?'], asWorker('g1'));
  await isThere('web-1');
  const successor = p.start(['ask', '--prompt', 'Which day?'], asWorker('g2'));
  await until('the takeover', async () => {
    const ask = await readAsk(p.disk, 'web-1');
    return ask.state === 'present' && ask.value.generation === 'g2';
  });
  await p.tend(['answer', 'web-1', 'Monday']);
  expect(await successor.ended).toMatchObject({ code: 0, stdout: 'Monday\n' });
  expect(await old.ended).toMatchObject({ code: 1, stdout: '' });
});

test('an ask whose asker has died is waited for by its id; one whose asker lives, of another worker, or of nobody is refused', async () => {
  const asWorker = (id: string, generation: string) => ({ env: { TEND_SESSION_ID: id, TEND_GENERATION: generation } });
  const draft = { worker: 'web', prompt: "It's a\nlong one?", kind: 'escalation', urgency: 'high' } as const;
  const { id } = raiseAsk(p.disk, { ...draft, generation: 'g2', waiter: '0123456789abcdef' }, Date.now());
  const again = p.start(['ask', '--again', id], asWorker('web', 'g2'));
  await until('it waits for it', async () => {
    const ask = await readAsk(p.disk, id);
    return ask.state === 'present' && ask.value.waiter !== '0123456789abcdef';
  });
  expect(await p.tend(['ask', '--again', id], asWorker('web', 'g2'))).toMatchObject({ code: 1, stdout: '' });
  expect((await p.tend(['ask', '--again', id], asWorker('api', 'g2'))).stderr).toContain('"api" has no such ask');
  expect((await p.tend(['ask', '--again', '../x'], asWorker('web', 'g2'))).code).toBe(2);
  expect(await pending()).toEqual([id]);
  await p.tend(['answer', id, 'yes']);
  expect(await again.ended).toMatchObject({ code: 0, stdout: 'yes\n' });
});

test('an asker whose reader is gone does not take the answer', async () => {
  const asker = p.start(['ask', 'web', '--prompt', 'hello']);
  await isThere('web-1');
  asker.child.stdout?.destroy();
  await p.tend(['answer', 'web-1', 'hi']);
  await asker.ended;
  expect(isConsumed(p.disk, 'web-1')).toBe(false);
});

test('time up: exit 124, and the ask stays', async () => {
  expect(await p.tend(['ask', 'web', '--prompt', 'a', '--timeout', '1'])).toMatchObject({ code: 124, stdout: '' });
  const byKnob = await p.tend(['ask', 'web', '--prompt', 'b'], { env: { TEND_ASK_TIMEOUT_S: '1' } });
  expect(byKnob.code).toBe(124);
  expect(await pending()).toEqual(['web-1', 'web-2']);
});

test('TERM ends the wait with 130, and the ask stays', async () => {
  const asker = p.start(['ask', 'web', '--prompt', 'a']);
  await isThere('web-1');
  await new Promise((resolve) => setTimeout(resolve, 100));
  asker.child.kill('SIGTERM');
  expect((await asker.ended).code).toBe(130);
  expect(await pending()).toEqual(['web-1']);
});

test('a close ends the asker with exit 1 and the reason on stderr', async () => {
  const asker = p.start(['ask', 'web', '--prompt', 'a']);
  await isThere('web-1');
  expect((await p.tend(['ask', 'close', 'web-1', '--reason', 'solved by hand'])).stdout).toBe('closed web-1\n');
  const end = await asker.ended;
  expect(end).toMatchObject({ code: 1, stdout: '' });
  expect(end.stderr).toContain('solved by hand');
});

test('a corrupt answer is said once and waited out; a good one ends the wait', async () => {
  const asker = p.start(['ask', 'web', '--prompt', 'a'], { env: { TEND_WAIT_POLL_MS: '20' } });
  await isThere('web-1');
  p.disk.publish(answerKey('web-1'), 'garbage');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await pending()).toEqual(['web-1']);
  expect((await p.tend(['answer', 'web-1', 'x'])).code).toBe(1);
  expect((await p.tend(['answer', 'web-1', 'good', '--force'])).code).toBe(0);
  const end = await asker.ended;
  expect(end.stdout).toBe('good\n');
  expect(end.stderr.match(/still waiting/g)).toHaveLength(1);
  expect(p.disk.stat('quarantine/answers__web-1.md.1').state).toBe('present');
});

test('an ask whose record is proven gone ends with an error; one that cannot be looked at is waited for', async () => {
  const asker = p.start(['ask', 'web', '--prompt', 'a'], { env: { TEND_WAIT_POLL_MS: '20' } });
  await isThere('web-1');
  const asks = join(p.root, 'asks');
  // A file in place of the directory: looking gives ENOTDIR, which is not "no such file".
  const kept = p.disk.read(askKey('web-1'));
  asker.child.kill('SIGSTOP');
  rmSync(asks, { recursive: true });
  writeFileSync(asks, '');
  asker.child.kill('SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(asker.child.exitCode).toBe(null);
  asker.child.kill('SIGSTOP');
  rmSync(asks);
  mkdirSync(asks);
  if (kept.state === 'present') p.disk.publish(askKey('web-1'), kept.text);
  asker.child.kill('SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, 100));
  rmSync(join(asks, 'web-1.md'));
  const end = await asker.ended;
  expect(end.code).toBe(1);
  expect(end.stderr).toMatch(/cannot be looked at.*still waiting[\s\S]*vanished/);
});

test('an answer that the decider took and that was archived meanwhile still reaches the asker', async () => {
  const asker = p.start(['ask', 'web', '--prompt', 'a']);
  await isThere('web-1');
  asker.child.kill('SIGSTOP');
  recordAnswer(p.disk, { id: 'web-1', outcome: 'answered', answer: 'hi', by: 'ann', channel: 'cli' }, Date.now());
  consumeAnswer(p.disk, 'web-1', 'decider', Date.now());
  p.disk.move(askKey('web-1'), 'asks/archive/web-1.md');
  p.disk.move(answerKey('web-1'), 'answers/archive/web-1.md');
  asker.child.kill('SIGCONT');
  expect(await asker.ended).toMatchObject({ code: 0, stdout: 'hi\n' });
});

test('tells that were not fetched come before the answer, once', async () => {
  const asker = p.start(['ask', 'web', '--prompt', 'a']);
  await isThere('web-1');
  for (const message of ['use the staging key', 'and hurry'])
    writeTell(p.disk, { worker: 'web', message, by: 'ann' }, Date.now());
  await p.tend(['answer', 'web-1', 'go']);
  expect((await asker.ended).stdout).toBe(
    '[steering from the human since you asked]\n• use the staging key\n• and hurry\n---\ngo\n',
  );
});

test('the prompt may come from stdin and the worker from the session', async () => {
  const terms = { input: 'Which\nday?\n', env: { TEND_SESSION_ID: 'web', TEND_GENERATION: 'g1' } };
  expect(
    (await p.tend(['ask', '--prompt', '-', '--ref', 'r.md', '--urgency', 'high', '--timeout', '0'], terms)).code,
  ).toBe(124);
  const ask = await readAsk(p.disk, 'web-1');
  expect(ask.state === 'present' && ask.value).toMatchObject({
    prompt: 'Which\nday?',
    worker: 'web',
    generation: 'g1',
    reference: 'r.md',
    urgency: 'high',
  });
});

test.each([
  ['no worker and no session', ['--prompt', 'x'], {}, 2],
  ['a blank prompt', ['web', '--prompt', '  '], {}, 2],
  ['no prompt', ['web'], {}, 2],
  ['an unsafe worker id', ['../x', '--prompt', 'x'], {}, 2],
  ['a name of tend itself', ['gate', '--prompt', 'x'], {}, 2],
  ['a kind that carries a move', ['web', '--prompt', 'x', '--kind', 'approval'], {}, 2],
  ['too many options', ['web', '--prompt', 'x', '--options', Array.from({ length: 21 }, (_, n) => n).join()], {}, 2],
  ['the name of another worker', ['api', '--prompt', 'x'], { TEND_SESSION_ID: 'web' }, 1],
])('refused before anything is written: %s', async (_what, args, env, code) => {
  const end = await p.tend(['ask', ...args], { env });
  expect(end).toMatchObject({ code, stdout: '' });
  expect(end.stderr).toMatch(/^tend: Cannot/);
  expect(p.disk.list('asks').state).toBe('absent');
});

test('reassign raises the question for the other worker, who gets the answer; the first asker is told', async () => {
  const first = p.start(['ask', 'web', '--prompt', 'Which day?', '--options', 'Mon,Tue']);
  await isThere('web-1');
  expect(await p.json(['ask', 'reassign', 'web-1', 'api', '--json'])).toEqual({
    id: 'api-1',
    from: 'web-1',
    worker: 'api',
  });
  expect((await first.ended).stderr).toContain('reassigned to api as api-1');
  expect(await p.json(['asks', '--json'])).toMatchObject([{ id: 'api-1', from: 'web-1', options: ['Mon', 'Tue'] }]);
  const other = p.start(['ask', 'api', '--prompt', 'Which day?']);
  await p.tend(['answer', 'api-1', 'Tue']);
  expect((await other.ended).stdout).toBe('Tue\n');
  expect((await p.tend(['ask', 'reassign', 'web-1', 'x'])).code).toBe(1);
  expect(await pending()).toEqual([]);
});

test('20 processes reassign and close one ask: one end, and the question is pending at most once', async () => {
  raiseAsk(p.disk, { worker: 'web', prompt: 'q', kind: 'question', urgency: 'normal' }, Date.now());
  const ends = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      p.tend(n % 2 ? ['ask', 'close', 'web-1'] : ['ask', 'reassign', 'web-1', `w${n}`]),
    ),
  );
  expect(ends.filter((end) => end.code === 0)).toHaveLength(1);
  expect(ends.filter((end) => end.code !== 0 && end.code !== 1)).toEqual([]);
  const won = ends.find((end) => end.code === 0)!.stdout;
  expect(await pending()).toHaveLength(won.startsWith('reassigned') ? 1 : 0);
});
