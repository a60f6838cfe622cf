/** What the relay is told, and how it is refused in words that quote no secret. Real files; no process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NotifySettings, readNotifySettings } from '../../src/contract/notify/settings.js';
import type { Context } from '../../src/contract/verb.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-ns-'));
  writeFileSync(join(dir, 'secret'), 'xoxb-of-file\n', { mode: 0o600 });
  writeFileSync(join(dir, 'open'), 'xoxb-of-file\n', { mode: 0o644 });
  writeFileSync(join(dir, 'two'), 'xoxb-SECRET and more\n', { mode: 0o600 });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function read(notify: unknown, env: Record<string, string> = {}, quiet?: string): NotifySettings {
  const configPath = join(dir, 'config.json');
  writeFileSync(configPath, JSON.stringify({ notify }).replaceAll('DIR', dir));
  const context = { env, profile: { configPath }, warn: () => {} } as unknown as Context;
  return readNotifySettings(context, { desktop: false, ...(quiet === undefined ? {} : { quiet }) });
}

test('variables go before the config, which names variables and files', () => {
  const notify = {
    quiet: '22:00-07:00',
    again_high: 60,
    slack: { bot_token: { file: 'DIR/secret' }, app_token: { env: 'APP' }, channel: 'C1', users: ['U1', 'U2'] },
    ntfy: { url: 'https://ntfy.example/base/topic', click: 'https://x/{id}' },
  };
  expect(read(notify, { APP: 'xapp-1', TEND_SLACK_CHANNEL: 'C2', TEND_NOTIFY_AGAIN_LOW: '5' })).toEqual({
    quiet: { fromMin: 1320, untilMin: 420 },
    again: { high: 60, normal: 14_400, low: 5 },
    pushes: 4,
    desktop: false,
    slack: {
      bot: { token: 'xoxb-of-file', channel: 'C2' },
      appToken: 'xapp-1',
      users: ['U1', 'U2'],
      api: 'https://slack.com/api/',
    },
    ntfy: { server: 'https://ntfy.example/base', topic: 'topic', click: 'https://x/{id}' },
  });
});

test.each<[string, object, Record<string, string>, RegExp, string?]>([
  [
    'a secret in the config itself',
    { slack: { webhook: 'https://hooks.example/SECRET' } },
    {},
    /notify\.slack\.webhook: wanted is \{"env": "NAME"\}/,
  ],
  ['two places of a secret', { slack: { webhook: { env: 'A', file: '/b' } } }, {}, /notify\.slack\.webhook/],
  ['a word that is not known', { nfty: {} }, {}, /notify\.record: unknown field nfty/],
  [
    'a variable that is not set',
    { slack: { webhook: { env: 'NO_SUCH' } } },
    {},
    /notify\.slack\.webhook: variable "NO_SUCH" is not set/,
  ],
  [
    'a file that is not there',
    { slack: { webhook: { file: '/no/such' } } },
    {},
    /from "\/no\/such": there is no such file/,
  ],
  ['a file that others may read', { slack: { bot_token: { file: 'DIR/open' } } }, {}, /its mode is 644/],
  ['a file with more than a secret', { slack: { bot_token: { file: 'DIR/two' } } }, {}, /one word is wanted/],
  ['a bot without a channel', {}, { TEND_SLACK_BOT_TOKEN: 'xoxb-SECRET' }, /slack\.channel is missing/],
  ['an ear without a mouth', {}, { TEND_SLACK_APP_TOKEN: 'xapp-SECRET' }, /bot_token is missing/],
  [
    'an address that is not encrypted',
    {},
    { TEND_SLACK_WEBHOOK_URL: 'http://hooks.example/SECRET' },
    /must begin with https/,
  ],
  [
    'a name that only begins like this machine',
    {},
    { TEND_SLACK_WEBHOOK_URL: 'http://127.0.0.1.evil.example/SECRET' },
    /must begin with https/,
  ],
  [
    'a token that would travel in the open',
    { ntfy: { url: 'http://ntfy.example/t' } },
    { TEND_NTFY_TOKEN: 'tk_SECRET' },
    /must begin with https/,
  ],
  ['an ntfy address without a topic', {}, { TEND_NTFY_URL: 'https://ntfy.example' }, /server and topic are wanted/],
  ['hours that are none', {}, {}, /Cannot keep quiet in "22-7"/, '22-7'],
])('refused: %s', (_what, notify, env, words, quiet) => {
  const refusal = (() => {
    try {
      read(notify, env, quiet);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  })();
  expect(refusal).toMatch(words);
  expect(refusal).not.toContain('SECRET');
});
