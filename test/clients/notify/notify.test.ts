/** The relay as its user meets it: the built program, and servers that behave like the real ones. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../contract/tend-process.js';
import { startNtfy } from '../../fakes/ntfy.js';
import { startSlack } from '../../fakes/slack.js';
import { makeStage, type Stage } from './relay.js';

let at: Stage;
const open: { close(): Promise<void> }[] = [];
beforeEach(() => {
  at = makeStage();
});
afterEach(async () => {
  at.remove();
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function slackOf() {
  const slack = await startSlack();
  open.push(slack);
  return slack;
}
async function ntfyOf(options: Parameters<typeof startNtfy>[0] = {}) {
  const ntfy = await startNtfy(options);
  open.push(ntfy);
  return ntfy;
}

test('each new ask is pushed once by the webhook, also over a restart, and the address is nowhere to be read', async () => {
  const slack = await slackOf();
  const env = { TEND_SLACK_WEBHOOK_URL: slack.hookUrl };
  const first = at.ask({ prompt: 'Is <!channel> & co ready?', options: ['yes', 'not yet'] });
  const relay = at.relay([], env);
  await until('the first', () => slack.hooked.length === 1);
  const second = at.ask({ prompt: 'And this?' });
  await until('the second', () => slack.hooked.length === 2);
  const ended = await relay.stop();
  expect(ended.code).toBe(0);
  const again = at.relay([], env);
  const third = at.ask({ prompt: 'And that?' });
  await until('the third', () => slack.hooked.length === 3);
  const last = await again.stop();
  const texts = slack.hooked.map((payload) => JSON.stringify(payload));
  for (const [n, ask] of [first, second, third].entries()) expect(texts[n]).toContain(ask.id);
  expect(texts[0]).toContain('Is &lt;!channel&gt; &amp; co ready?');
  expect(texts[0]).toContain('tend answer web-1');
  const written = readdirSync(at.root, { recursive: true, encoding: 'utf8' })
    .map((name) => at.disk.read(name))
    .map((read) => (read.state === 'present' ? read.text : ''));
  for (const text of [ended.stdout, ended.stderr, last.stdout, last.stderr, ...written])
    expect(text).not.toContain('secret-of-the-hook');
});

test('ntfy gets title, priority, tags and a page to open; a rate limit is waited out and nothing comes twice', async () => {
  const ntfy = await ntfyOf({ token: 'tk_1' });
  at.config({ ntfy: { url: ntfy.topicUrl, token: { env: 'PHONE' }, click: 'https://tend.example/asks/{id}' } });
  ntfy.fail('/', { status: 429, headers: { 'Retry-After': '3' } }, { status: 503 });
  const ask = at.ask({ prompt: 'Die Türen 界 schließen?', urgency: 'high', options: ['ja'] });
  const { code, stdout } = await at.tend(['notify', '--once', '--json'], { env: { PHONE: 'tk_1' } });
  expect({ code, json: JSON.parse(stdout) }).toEqual({
    code: 0,
    json: [{ channel: 'ntfy', held: 0, problems: [], sent: [ask.id] }],
  });
  expect(ntfy.messages).toMatchObject([
    {
      topic: 'my-topic',
      title: 'URGENT: Question web-1',
      message: expect.stringMatching(/^Die Türen 界 schließen\?[\s\S]*1\. ja[\s\S]*tend answer web-1/),
      priority: 5,
      tags: ['rotating_light', 'question'],
      click: 'https://tend.example/asks/web-1',
      actions: [{ action: 'view', label: 'Open', url: 'https://tend.example/asks/web-1' }],
    },
  ]);
  const [limited, next] = ntfy.posted;
  // The pause that the server asked for was kept; by itself the relay would have come again after one second.
  expect(next!.at - limited!.at).toBeGreaterThanOrEqual(2_950);
  expect((await at.tend(['notify', '--once'], { env: { PHONE: 'tk_1' } })).stdout).toBe('ntfy: 0 sent\n');
  expect(ntfy.messages).toHaveLength(1);
});

test('a connection that breaks after the message was taken: it comes again, says so, and replaces the first', async () => {
  const ntfy = await ntfyOf();
  ntfy.fail('/', 'cut-after');
  at.ask();
  const { code } = await at.tend(['notify', '--once'], { env: { TEND_NTFY_URL: ntfy.topicUrl } });
  expect(code).toBe(0);
  expect(ntfy.messages).toHaveLength(2);
  expect(ntfy.messages[0]!.message).not.toContain('Sent again');
  expect(ntfy.messages[1]).toMatchObject({
    message: expect.stringContaining('Sent again'),
    tags: expect.arrayContaining(['repeat']),
  });
  expect(ntfy.messages[1]!.sequence_id).toBe(ntfy.messages[0]!.sequence_id);
});

test('a command gets the ask by environment and stdin, and nothing of it is run', async () => {
  const [out, owned] = [join(at.root, 'out'), join(at.root, 'owned')];
  const hostile = `$(touch ${owned}); \`touch ${owned}\`\n"'; touch ${owned} #`;
  const ask = at.ask({ prompt: hostile, options: ['a b', "c'd"] });
  const command = `cat > '${out}'; env > '${out}.env'; printf %s "$TEND_ASK_PROMPT" > '${out}.prompt'`;
  const env = {
    TEND_SLACK_BOT_TOKEN: 'xoxb-9',
    TEND_SLACK_CHANNEL: 'C1',
    MY_SECRET: 'hush',
    ANTHROPIC_API_KEY: 'sk-9',
  };
  at.config({ ntfy: { url: { env: 'MY_SECRET' } } });
  const { code } = await at.tend(['notify', '--once', '--to', 'exec', '--exec', command], {
    env: { ...env, MY_SECRET: 'https://n.example/t' },
  });
  expect(code).toBe(0);
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
    id: ask.id,
    prompt: hostile,
    options: ['a b', "c'd"],
    repeat: false,
    step: 0,
  });
  expect(readFileSync(`${out}.prompt`, 'utf8')).toBe(hostile);
  expect(readFileSync(`${out}.env`, 'utf8')).toMatch(/^TEND_ASK_OPTIONS=a b\nc'd$/m);
  expect(readFileSync(`${out}.env`, 'utf8')).not.toMatch(/xoxb-9|n\.example|sk-9/);
  expect(readdirSync(at.root)).not.toContain('owned');
});

test('a command that fails is tried again, and what it said is said', async () => {
  const tally = join(at.root, 'tally');
  at.ask();
  const { code, stderr } = await at.tend([
    'notify',
    '--once',
    '--exec',
    `printf x >> '${tally}'; [ $(wc -c < '${tally}') -ge 2 ] || { echo 'no route' >&2; exit 7; }`,
  ]);
  expect({ code, tally: readFileSync(tally, 'utf8') }).toEqual({ code: 0, tally: 'xx' });
  expect(stderr).toContain('exec: it ended with 7: no route');
});

test('a command that fails for one ask again and again keeps no other from arriving', async () => {
  const out = join(at.root, 'out');
  const [bad, good] = [at.ask({ prompt: 'bad' }), at.ask({ prompt: 'good' })];
  const relay = at.relay(['--exec', `[ "$TEND_ASK_PROMPT" != bad ] && echo "$TEND_ASK_ID" > '${out}'`]);
  await until('the other arrived', () => at.disk.stat('out').state === 'present' && relay.said().includes('pushed'));
  expect(readFileSync(out, 'utf8')).toBe(`${good.id}\n`);
  await relay.stop();
  expect(at.disk.stat(`notify/exec/sent/${bad.id}~0.json`).state).toBe('absent');
});

test('the desktop shows title and text as arguments, with their markup taken', async () => {
  const bin = join(dirname(at.root), 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'notify-send'), `#!/bin/sh\nprintf '%s\\0' "$@" > '${bin}/shown'\n`);
  chmodSync(join(bin, 'notify-send'), 0o755);
  at.ask({ prompt: 'Ship <b>1.0</b>?', urgency: 'high' });
  const { code } = await at.tend(['notify', '--once', '--desktop'], { env: { PATH: `${bin}:${process.env['PATH']}` } });
  expect(code).toBe(0);
  const [app, urgency, dash, title, body] = readFileSync(join(bin, 'shown'), 'utf8').split('\0');
  expect([app, urgency, dash, title]).toEqual([
    '--app-name=tend',
    '--urgency=critical',
    '--',
    'URGENT: Question web-1',
  ]);
  expect(body).toContain('Ship &lt;b&gt;1.0&lt;/b&gt;?');
});

test('in quiet hours only what is urgent comes through; the rest comes when they end', async () => {
  const ntfy = await ntfyOf();
  const env = { TEND_NTFY_URL: ntfy.topicUrl };
  const clock = (hours: number) => {
    const time = new Date(Date.now() + hours * 3_600_000);
    return `${time.getHours()}:${String(time.getMinutes()).padStart(2, '0')}`;
  };
  const calm = at.ask({ prompt: 'Later?' });
  const urgent = at.ask({ prompt: 'Now?', urgency: 'high' });
  const quiet = await at.tend(['notify', '--once', '--quiet', `${clock(-1)}-${clock(1)}`], { env });
  expect(quiet.stdout).toBe('ntfy: 1 sent, 1 held until the quiet hours end\n');
  await at.tend(['notify', '--once', '--quiet', `${clock(1)}-${clock(2)}`], { env });
  expect(ntfy.messages.map(({ title }) => title)).toEqual([`URGENT: Question ${urgent.id}`, `Question ${calm.id}`]);
});

test('an ask that waits is pushed again, more urgently, and not more often than it may be; one that was answered is not', async () => {
  const ntfy = await ntfyOf();
  const env = {
    TEND_NTFY_URL: ntfy.topicUrl,
    TEND_NOTIFY_AGAIN_NORMAL: '1',
    TEND_NOTIFY_PUSHES: '2',
    TEND_WAIT_POLL_MS: '50',
  };
  const waits = at.ask();
  const relay = at.relay([], env);
  await until('the escalation', () => ntfy.messages.length === 2);
  const answered = at.ask();
  await until('the other', () => ntfy.messages.length === 3);
  expect((await at.tend(['answer', answered.id, 'done'])).code).toBe(0);
  const last = at.ask();
  await until(
    'the escalation of the last',
    () => ntfy.messages.filter(({ title }) => title.includes(last.id)).length === 2,
  );
  await relay.stop();
  expect(ntfy.messages.map(({ title, priority }) => `${priority} ${title.replace(/\d+s$/, 'Ns')}`)).toEqual([
    `3 Question ${waits.id}`,
    `5 URGENT: Question ${waits.id}, waits Ns`,
    `3 Question ${answered.id}`,
    `3 Question ${last.id}`,
    `5 URGENT: Question ${last.id}, waits Ns`,
  ]);
});

test('a channel that is told to wait holds up no other', async () => {
  const slack = await slackOf();
  const ntfy = await ntfyOf();
  slack.fail('secret-of-the-hook', { status: 429, headers: { 'Retry-After': '3600' } });
  at.ask();
  const relay = at.relay([], { TEND_SLACK_WEBHOOK_URL: slack.hookUrl, TEND_NTFY_URL: ntfy.topicUrl });
  await until('the other channel', () => ntfy.messages.length === 1);
  await until('the word about it', () => relay.said().includes('slack-webhook: rate limit (429)'));
  expect((await relay.stop()).code).toBe(0);
  expect(slack.hooked).toEqual([]);
});

test('a webhook that is gone is said without its address, and with --once the exit code says it too', async () => {
  const slack = await slackOf();
  slack.fail('secret-of-the-hook', { status: 404, body: 'no_service' });
  at.ask();
  const { code, stdout, stderr } = await at.tend(['notify', '--once'], {
    env: { TEND_SLACK_WEBHOOK_URL: slack.hookUrl },
  });
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: 'slack-webhook: 0 sent, failed: the webhook answered 404: no_service\n',
  });
  expect(stderr).not.toContain('secret-of-the-hook');
  // Nothing was lost by it.
  await at.tend(['notify', '--once'], { env: { TEND_SLACK_WEBHOOK_URL: slack.hookUrl } });
  expect(slack.hooked).toHaveLength(1);
});

test('blocks that Slack refuses are left away, so that the ask arrives all the same', async () => {
  const slack = await slackOf();
  slack.fail('secret-of-the-hook', { status: 400, body: 'invalid_blocks' });
  const ask = at.ask();
  expect((await at.tend(['notify', '--once'], { env: { TEND_SLACK_WEBHOOK_URL: slack.hookUrl } })).code).toBe(0);
  expect(slack.hooked).toEqual([{ text: `Question ${ask.id}: Which day?` }]);
});

test('one relay at a time; when it dies the next one begins at once and sends nothing twice', async () => {
  const ntfy = await ntfyOf();
  const env = { TEND_NTFY_URL: ntfy.topicUrl };
  at.ask();
  const first = at.relay([], env);
  await until('the push', () => ntfy.messages.length === 1);
  const second = await at.tend(['notify', '--once'], { env });
  expect({ code: second.code, stderr: second.stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('another "tend notify" does'),
  });
  await first.kill();
  expect((await at.tend(['notify', '--once'], { env })).stdout).toBe('ntfy: 0 sent\n');
  expect(ntfy.messages).toHaveLength(1);
});

test('"notify test" says of each channel what came of it', async () => {
  const slack = await slackOf();
  const ntfy = await ntfyOf({ token: 'right' });
  const env = { ...slack.env, ...slack.appEnv, TEND_NTFY_URL: ntfy.topicUrl, TEND_NTFY_TOKEN: 'wrong' };
  at.ask();
  const { code, stdout } = await at.tend(['notify', 'test', '--exec', 'cat >/dev/null', '--json'], { env });
  expect({ code, rows: JSON.parse(stdout) }).toEqual({
    code: 1,
    rows: [
      { channel: 'exec', ok: true, why: 'sent' },
      { channel: 'ntfy', ok: false, why: expect.stringContaining('403') },
      { channel: 'slack', ok: true, why: 'sent' },
    ],
  });
  expect(slack.sockets).toHaveLength(1);
  expect(slack.messages.map(({ text }) => text)).toEqual([expect.stringContaining('a test')]);
  const deaf = await at.tend(['notify', 'test', '--to', 'slack'], {
    env: { ...env, TEND_SLACK_APP_TOKEN: 'xapp-wrong' },
  });
  expect({ code: deaf.code, stdout: deaf.stdout }).toEqual({
    code: 1,
    stdout: expect.stringContaining('replies are not heard: apps.connections.open: Slack says invalid_auth'),
  });
  expect(deaf.stdout + deaf.stderr).not.toContain('xapp-wrong');
});

test.each<[string, Record<string, string>, string[], number, RegExp]>([
  ['nothing is set up', {}, [], 2, /no channel is set up/],
  [
    'a channel that is named is not set up',
    {},
    ['--to', 'desktop,slack', '--desktop'],
    2,
    /not set up: "slack" \(set up by TEND_SLACK_BOT_TOKEN/,
  ],
  [
    'an address is none',
    { TEND_NTFY_URL: 'ntfy.sh' },
    [],
    3,
    /Cannot use the URL of ntfy \(TEND_NTFY_URL or notify.ntfy.url\): server and topic/,
  ],
  ['a worker asks', { TEND_SESSION_ID: 'web' }, ['--desktop'], 1, /only a human may use it/],
])('refused when %s', async (_what, env, flags, wanted, words) => {
  const { code, stderr } = await at.tend(['notify', '--once', ...flags], { env });
  expect({ code, stderr }).toEqual({ code: wanted, stderr: expect.stringMatching(words) });
});
