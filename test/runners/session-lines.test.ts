import { expect, test } from 'vitest';
import { RUNNERS } from '../../src/runners/registry.js';
import type { ReaderOptions } from '../../src/runners/runner.js';

// What Claude Code keeps of a session: a line for each block of a message, with the usage that was known when it was written.
const M = 1_000_000;
const NONE = { input_tokens: 0, output_tokens: 0 };
const line = (id: string, usage: object, model = 'claude-opus-5-5', more: object = {}) =>
  `${JSON.stringify({ type: 'assistant', sessionId: 's-1', message: { id, model, role: 'assistant', usage }, ...more })}\n`;
const OPUS = line('m1', { input_tokens: M, output_tokens: M });
const SAID = '{"type":"user","message":{"role":"user","content":"the \\"assistant\\" said"}}\n';

const read = (text: string, options: Partial<ReaderOptions> = {}) => {
  const reader = RUNNERS.claude.sessionReader!({ nowS: 0, ...options });
  // In pieces that end anywhere.
  for (let at = 0; at < text.length; at += 7) reader.write(Buffer.from(text.slice(at, at + 7)));
  return reader.soFar();
};

test.each<[name: string, text: string, options: Partial<ReaderOptions>, wanted: object]>([
  ['nothing', '', {}, { usage: {} }],
  ['no line of it', 'garbage\n{"half":\n[]\n', {}, { usage: {} }],
  ['what was said', SAID, {}, { usage: {} }],
  ['one message', SAID + OPUS, {}, { usage: { input_tokens: M, output_tokens: M }, costUsd: 24, sessionId: 's-1' }],
  ['a line that has not ended', OPUS + OPUS.replace('m1', 'm2').trimEnd(), {}, { costUsd: 24 }],
  [
    'one message in three lines, its usage growing and then gone',
    line('m1', { input_tokens: M, output_tokens: 1 }) +
      line('m1', { input_tokens: M, output_tokens: M }) +
      line('m1', { output_tokens: 2 }),
    {},
    { usage: { input_tokens: M, output_tokens: M }, costUsd: 24 },
  ],
  ['messages of two models', OPUS + line('m2', { input_tokens: M }, 'claude-sonnet-5-5'), {}, { costUsd: 26 }],
  [
    'a model that is newer than the table',
    line('m1', { output_tokens: M }, 'claude-opus-9-20300101'),
    {},
    { costUsd: 20 },
  ],
  ['a price of the user', OPUS, { prices: { 'claude-opus-5-5': { input: 1, output: 2 } } }, { costUsd: 3 }],
  [
    'a message that tend or the CLI made up',
    OPUS + line('m2', { input_tokens: 0, output_tokens: 0 }, '<synthetic>'),
    {},
    { costUsd: 24 },
  ],
  ['what is read from a cache', line('m1', { ...NONE, cache_read_input_tokens: M }), {}, { costUsd: 0.2 }],
  ['what is kept for minutes', line('m1', { ...NONE, cache_creation_input_tokens: M }), {}, { costUsd: 5 }],
  [
    'what is kept for an hour',
    line('m1', { ...NONE, cache_creation_input_tokens: M, cache_creation: { ephemeral_1h_input_tokens: M } }),
    {},
    { costUsd: 8 },
  ],
  [
    'a session that was resumed',
    OPUS + line('m2', { input_tokens: M }),
    { since: { input_tokens: M, output_tokens: M, costUsd: 24 } },
    { usage: { input_tokens: M, output_tokens: 0 }, costUsd: 4 },
  ],
])('the session file of Claude Code: %s', (_name, text, options, wanted) => {
  expect(read(text, options)).toMatchObject(wanted);
});

test('a model whose price nobody knows leaves the cost unknown, and the tokens known', () => {
  const said = read(OPUS + line('m2', { input_tokens: 5 }, 'gpt-9'));
  expect(said.usage).toEqual({ input_tokens: M + 5, output_tokens: M });
  expect(said.costUsd).toBeUndefined();
});

test('a session of any length is counted in bounded memory: each message once', () => {
  const reader = RUNNERS.claude.sessionReader!({ nowS: 0 });
  for (let n = 0; n < 5_000; n++)
    reader.write(Buffer.from(line(`m${n}`, { input_tokens: 1, output_tokens: 1 }).repeat(2)));
  expect(reader.soFar().usage).toEqual({ input_tokens: 5_000, output_tokens: 5_000 });
});
