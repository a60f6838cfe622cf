import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RUNNERS } from '../../src/runners/registry.js';
import { takeUsageLines } from '../../src/runners/usage.js';

/** Recorded stdout of the real programs. */
const STREAMS = new URL('../fakes/runners/streams', import.meta.url).pathname;
const text = (message: string) => ({ state: 'text', text: message });
const HELLO = text('Hello from the fake model. All good.');

test.each<[keyof typeof RUNNERS, string, object, object]>([
  ['claude', 'claude-text', HELLO, { input_tokens: 100, output_tokens: 20, usd: 0.0004 }],
  ['claude', 'claude-json', HELLO, { usd: expect.any(Number) }],
  ['claude', 'claude-e529-r0', { state: 'failed', reason: expect.stringContaining('529') }, { usd: 0 }],
  ['claude', 'claude-nokey', { state: 'failed', reason: expect.stringContaining('Not logged in') }, {}],
  ['claude', 'claude-budget', { state: 'failed' }, {}],
  ['codex', 'codex-text', HELLO, { input_tokens: 100, output_tokens: 20 }],
  ['codex', 'codex-shell', { state: 'text' }, {}],
  ['codex', 'codex-e401', { state: 'failed', reason: expect.stringContaining('401') }, {}],
  ['codex', 'codex-hang', { state: 'failed' }, {}],
  ['opencode', 'opencode-text', HELLO, { input_tokens: 100, output_tokens: 20, usd: 0.0006 }],
  ['opencode', 'opencode-shell', { state: 'text' }, {}],
  ['opencode', 'opencode-e401', { state: 'failed' }, {}],
  ['pi', 'pi-text', HELLO, { input_tokens: 100, output_tokens: 20, usd: expect.closeTo(0.0006, 9) }],
  ['pi', 'pi-shell', { state: 'text' }, {}],
  ['pi', 'pi-e500', { state: 'failed', reason: expect.stringContaining('500') }, {}],
  ['pi', 'pi-length', { state: 'failed', reason: expect.stringContaining('length') }, {}],
  ['pi', 'pi-old-shell', { state: 'text' }, {}],
])('the final message and the cost of a recorded %s run: %s', (name, file, message, usage) => {
  const stdout = readFileSync(`${STREAMS}/${file}.jsonl`, 'utf8');
  expect(RUNNERS[name].finalMessage(stdout)).toMatchObject(message);
  expect(RUNNERS[name].usage(stdout)).toMatchObject(usage);
});

test.each(['claude', 'codex', 'opencode', 'pi', 'custom'] as const)(
  '%s with a command that prints plain text: all of it is the message',
  (name) => {
    const plain = 'I think:\n{"action":"noop"}\n';
    expect(RUNNERS[name].finalMessage(plain)).toEqual(text(plain));
    expect(RUNNERS[name].usage(plain)).toEqual({});
  },
);

test('an error of the API is never taken for an answer', () => {
  const stdout = '{"type":"result","subtype":"success","is_error":true,"result":"{\\"action\\":\\"noop\\"}"}\n';
  expect(RUNNERS.claude.finalMessage(stdout)).toMatchObject({ state: 'failed' });
});

test('usage lines add up and are taken out; what is none stays', () => {
  const other = ['{"action":"noop","type":"usage"}', '{"type":"use"}', '{"type":"usage"', 'plain'];
  const lines = [
    '{"type":"usage","input_tokens":3,"cost_usd":0.5}',
    other[0],
    ' {"cost_usd":0.25,"type":"usage"} ',
    ...other.slice(1),
  ];
  expect(takeUsageLines(lines.join('\n'))).toEqual({ text: other.join('\n'), usage: { input_tokens: 3, usd: 0.75 } });
});

test.each([['-5'], ['"7"'], ['1e999'], ['null']])('a reported cost of %s is no cost', (value) => {
  expect(takeUsageLines(`{"type":"usage","cost_usd":${value}}`).usage).toEqual({});
});
