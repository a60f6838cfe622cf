/** Slack as an app: who presses and writes there, and what becomes of it in the mailbox. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../contract/tend-process.js';
import { type Slack, type SlackMessage, startSlack } from '../../fakes/slack.js';
import { makeStage, type Relay, type Stage } from './relay.js';

let at: Stage;
let slack: Slack;
beforeEach(async () => {
  at = makeStage();
  slack = await startSlack();
});
afterEach(async () => {
  at.remove();
  await slack.close();
});

const relay = (env: Record<string, string> = {}): Relay => at.relay([], { ...slack.env, ...slack.appEnv, ...env });
const about = (id: string): Promise<SlackMessage> =>
  until(`the message of ${id}`, () => slack.roots().find(({ text }) => text.includes(id)));
const ended = (message: SlackMessage) => until('the message says how it ended', () => message.edits > 0);
const labels = (message: SlackMessage) => slack.buttonsOf(message).map(({ text }) => text.text);
const textsIn = (message: SlackMessage) => slack.thread(message.ts).map(({ text }) => text);

test('a button answers: by whom and from where is in the record, and the message says so and has no button any more', async () => {
  relay();
  const ask = at.ask({ prompt: 'Refund 3 duplicates?', options: ['refund', 'hold until Monday'] });
  const message = await about(ask.id);
  expect(labels(message)).toEqual(['refund', 'hold until Monday', 'Answer…']);
  const ack = await slack.press('U0ANN', message, 'hold until Monday');
  expect(ack).toEqual({ envelope_id: ack['envelope_id'] });
  // Recorded before it was acknowledged.
  expect(await at.answer(ask.id)).toMatchObject({ answer: 'hold until Monday', by: 'U0ANN', channel: 'slack' });
  await ended(message);
  expect(labels(message)).toEqual([]);
  expect(JSON.stringify(message.blocks)).toMatch(/answered by <@U0ANN> \(slack\): hold until Monday/);
  expect((await at.tend(['ask', 'show', ask.id])).stdout).toContain('answered by U0ANN (slack): hold until Monday');
});

test('a word in the thread answers, as it was typed; the same envelope again changes nothing and tells nobody', async () => {
  relay();
  const ask = at.ask();
  const message = await about(ask.id);
  await slack.write('U0BEN', message.ts, 'not before &lt;v2&gt; &amp; see <https://x.example/a|x.example>');
  expect((await at.answer(ask.id))?.answer).toBe('not before <v2> & see https://x.example/a');
  const event = {
    type: 'message',
    user: 'U0BEN',
    text: 'again',
    channel: message.channel,
    ts: '9.1',
    thread_ts: message.ts,
  };
  const other = at.ask();
  const second = await about(other.id);
  const same = { type: 'event_callback', event_id: 'Ev-same', event: { ...event, thread_ts: second.ts } };
  await slack.deliver('events_api', same);
  await slack.deliver('events_api', same);
  expect((await at.answer(other.id))?.answer).toBe('again');
  await ended(second);
  expect(textsIn(second)).toEqual([]);
});

test('the same word once more, as after a death between recording and acknowledging, tells nobody anything; another word does', async () => {
  relay();
  const ask = at.ask({ options: ['refund', 'hold'] });
  const message = await about(ask.id);
  const event = {
    type: 'message',
    user: 'U0ANN',
    text: '2',
    channel: message.channel,
    ts: '9.1',
    thread_ts: message.ts,
  };
  for (const id of ['Ev-1', 'Ev-2']) await slack.deliver('events_api', { type: 'event_callback', event_id: id, event });
  await slack.write('U0BEN', message.ts, 'refund');
  await until('Ben is told', () => textsIn(message).length > 0);
  await slack.write('U0BEN', message.ts, 'ah, I see');
  await slack.write('U0EVE', message.ts, 'so do I');
  const last = at.ask();
  await about(last.id);
  expect(textsIn(message)).toEqual(['web-1 was answered by U0ANN (slack) already: hold']);
});

test('an envelope that Slack sends again, because nobody acknowledged it in time, is handled once', async () => {
  await slack.close();
  slack = await startSlack({ ackWithinMs: 300 });
  const { child, ended: over } = at.start(['notify'], { env: { ...slack.env, ...slack.appEnv } });
  const ask = at.ask();
  const message = await about(ask.id);
  await slack.open();
  child.kill('SIGSTOP');
  const heard = [slack.write('U0EVE', message.ts, 'me first'), slack.press('U0ANN', message, 'Answer…')];
  await until('both were sent again', () => slack.delivered() >= 6);
  child.kill('SIGCONT');
  await Promise.all(heard);
  await until('the window', () => slack.views.length > 0);
  await slack.write('U0ANN', message.ts, 'Monday');
  await ended(message);
  await until('Eve is told', () => textsIn(message).length > 0);
  expect(textsIn(message)).toHaveLength(1);
  expect(slack.views).toHaveLength(1);
  child.kill('SIGTERM');
  expect((await over).code).toBe(0);
});

test('others are refused: told so in the thread, once, and on record; the ask still waits', async () => {
  const running = relay();
  const ask = at.ask({ options: ['yes', 'no'] });
  const message = await about(ask.id);
  await slack.press('U0EVE', message, 'yes');
  await until('Eve is told', () => textsIn(message).length === 1);
  await slack.write('U0EVE', message.ts, 'yes');
  await until('Eve is told again', () => textsIn(message).length === 2);
  await slack.press('U0EVE', message, 'Answer…');
  await until('and no window opens', () => textsIn(message).length === 3);
  expect(slack.views).toEqual([]);
  for (const text of textsIn(message)) expect(text).toMatch(/<@U0EVE> may not answer web-1/);
  expect(at.events('notify-refused')).toMatchObject(Array(3).fill({ ask: ask.id, by: 'U0EVE', channel: 'slack' }));
  expect(await at.answer(ask.id)).toBeUndefined();
  // A new relay reads the thread again, and lectures nobody twice.
  await running.stop();
  relay();
  await until('it listens', () => slack.sockets.length === 2);
  await slack.write('U0ANN', message.ts, '1');
  expect((await at.answer(ask.id))?.answer).toBe('yes');
  await ended(message);
  expect(textsIn(message)).toHaveLength(3);
});

test('an approval shows the exact move with its digest, and takes a plain yes to exactly that', async () => {
  relay();
  const ask = at.approval('git push --force origin release\u200b');
  const message = await about(ask.id);
  const shown = JSON.stringify(message.blocks);
  expect(shown).toContain('git push --force origin release<U+200B>');
  expect(shown).toContain(ask.proposal!.digest);
  expect(labels(message)).toEqual(['Approve', 'Deny…']);
  await slack.write('U0ANN', message.ts, 'yes, but not on main');
  await until('it is said why not', () => textsIn(message).length === 1);
  expect(textsIn(message)[0]).toContain('it takes a plain yes');
  expect(await at.answer(ask.id)).toBeUndefined();
  await slack.press('U0ANN', message, 'Approve');
  expect(await at.answer(ask.id)).toMatchObject({
    answer: 'yes',
    by: 'U0ANN',
    channel: 'slack',
    digest: ask.proposal!.digest,
  });
});

test('a no is asked for its reason in a window, or given in the thread', async () => {
  relay();
  const [ask, other] = [at.approval('npm publish'), at.approval('npm deprecate x')];
  const message = await about(ask.id);
  await slack.press('U0ANN', message, 'Deny…');
  const view = await until('the window', () => slack.views[0]);
  expect(await slack.submit('U0EVE', view, 'because')).not.toHaveProperty('payload');
  expect(await at.answer(ask.id)).toBeUndefined();
  await slack.submit('U0ANN', view, 'not on a Friday');
  expect((await at.answer(ask.id))?.answer).toBe('no not on a Friday');
  // A second window for the same ask, sent later, is told that it came too late.
  expect(await slack.submit('U0BEN', view, 'nor on a Monday')).toMatchObject({
    payload: { response_action: 'errors', errors: { text: expect.stringContaining('answered by U0ANN') } },
  });
  const second = await about(other.id);
  await slack.press('U0ANN', second, 'Deny…', 'T-old');
  await until('the window could not be opened', () => textsIn(second).length === 1);
  await slack.write('U0ANN', second.ts, 'no: it is used');
  expect((await at.answer(other.id))?.answer).toBe('no: it is used');
});

test('a move that cannot be shown whole gets no yes in Slack, by button or by word', async () => {
  relay();
  const ask = at.approval(`echo ${'x'.repeat(7_000)}`);
  const message = await about(ask.id);
  expect(labels(message)).toEqual(['Deny…']);
  await slack.write('U0ANN', message.ts, 'yes');
  await until('it is said why not', () => textsIn(message).length === 1);
  expect(textsIn(message)[0]).toMatch(/too long to be shown whole.*tend answer gate-1 yes/);
  expect(await at.answer(ask.id)).toBeUndefined();
});

test('what was answered elsewhere is said on the message, and to whom answers after that', async () => {
  relay();
  const ask = at.ask({ options: ['a', 'b'] });
  const message = await about(ask.id);
  const before = structuredClone(message);
  await at.tend(['answer', ask.id, 'b']);
  await ended(message);
  expect(JSON.stringify(message.blocks)).toMatch(/answered by \S+ \(cli\): b/);
  await slack.press('U0ANN', before, 'a');
  await until('it is said', () => textsIn(message).length === 1);
  expect(textsIn(message)[0]).toMatch(/web-1 was answered by \S+ \(cli\) already: b/);
  expect((await at.answer(ask.id))?.answer).toBe('b');
});

test('the connection is renewed before the old one ends, and made anew when it breaks; what was said meanwhile is heard', async () => {
  relay();
  const ask = at.ask();
  const message = await about(ask.id);
  await slack.open();
  await slack.disconnect('warning');
  await until('a second connection', () => slack.sockets.length === 2);
  await slack.write('U0ANN', message.ts, 'first');
  expect((await at.answer(ask.id))?.answer).toBe('first');
  const other = at.ask();
  const second = await about(other.id);
  slack.fail('apps.connections.open', { status: 429, headers: { 'Retry-After': '1' } }, { status: 500 });
  await slack.write('U0BEN', second.ts, 'while nobody listened', 'unheard');
  for (const socket of slack.sockets) socket.terminate();
  await until('it is heard', async () => (await at.answer(other.id))?.answer === 'while nobody listened');
});

test('a wrong app token is said, and asks are pushed all the same', async () => {
  const running = relay({ TEND_SLACK_APP_TOKEN: 'xapp-wrong' });
  await about(at.ask().id);
  await until('it is said', () => /invalid_auth; replies are not heard/.test(running.said()));
  expect(running.said()).not.toContain('xapp-wrong');
});

test('without anybody who may answer there is no button, and no word is taken', async () => {
  relay({ TEND_SLACK_USERS: '' });
  const ask = at.ask({ options: ['a'] });
  const message = await about(ask.id);
  expect(labels(message)).toEqual([]);
  await slack.write('U0ANN', message.ts, 'a');
  await until('they are told', () => textsIn(message).length === 1);
  expect(await at.answer(ask.id)).toBeUndefined();
});

test('a further push is a word in the thread that calls those who may answer; blocks that do not please are left away', async () => {
  slack.fail('chat.postMessage', { status: 200, body: '{"ok":false,"error":"invalid_blocks"}' });
  relay({ TEND_NOTIFY_AGAIN_HIGH: '1', TEND_NOTIFY_PUSHES: '2', TEND_WAIT_POLL_MS: '50' });
  const ask = at.ask({ urgency: 'high' });
  const message = await about(ask.id);
  expect(message.blocks).toBeUndefined();
  const [again] = await until('the escalation', () => slack.thread(message.ts).length > 0 && slack.thread(message.ts));
  expect(again).toMatchObject({
    reply_broadcast: true,
    text: expect.stringMatching(/^<@U0ANN> <@U0BEN> web-1 still waits, \d+s: Which day\?$/),
  });
  await slack.write('U0ANN', message.ts, 'Monday');
  expect((await at.answer(ask.id))?.answer).toBe('Monday');
});
