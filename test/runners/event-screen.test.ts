/** What a person sees of a headless run: the lines that recorded streams come to, and what of a stream can never reach a terminal. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventScreen } from '../../src/runners/event-screen.js';
import { RUNNERS, runnerNamed } from '../../src/runners/registry.js';
import type { Runner } from '../../src/runners/runner.js';

const STREAMS = join(import.meta.dirname, '../fakes/runners/streams');
const GOLDEN = join(import.meta.dirname, '../golden/screen');

const screenOf = (runner: string): EventScreen => new EventScreen(runnerNamed(runner)!.events!.teller());
const shown = (runner: string, ...pieces: (string | Uint8Array)[]): string => {
  const screen = screenOf(runner);
  const parts = pieces.map((piece) => screen.write(typeof piece === 'string' ? Buffer.from(piece) : piece));
  return Buffer.concat([...parts, screen.end()]).toString('utf8');
};
const line = (event: object): string => `${JSON.stringify(event)}\r\n`;
const message = (text: string): string =>
  line({ type: 'item.completed', item: { id: 'i', type: 'agent_message', text } });

const CASES = [
  'claude-agents',
  'claude-length',
  'claude-perm-default',
  'codex-e429',
  'codex-shell',
  'codex-unicode',
  'opencode-e429',
  'opencode-shell',
  'pi-e500-once',
  'pi-old-shell',
  'pi-shell',
] as const;

test.each(CASES)('%s as a person reads it', (name) => {
  const text = shown(name.split('-')[0]!, readFileSync(join(STREAMS, `${name}.jsonl`)));
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  const readable = text.replaceAll('\r\n', '\n');
  const file = join(GOLDEN, `${name}.txt`);
  if (process.env['UPDATE']) {
    mkdirSync(GOLDEN, { recursive: true });
    writeFileSync(file, readable);
  }
  expect(readable).toBe(readFileSync(file, 'utf8'));
});

test('each golden screen has its stream', () => {
  expect(readdirSync(GOLDEN).sort()).toEqual(CASES.map((name) => `${name}.txt`).sort());
});

test('pieces of any size come to the same lines', () => {
  const bytes = readFileSync(join(STREAMS, 'pi-shell.jsonl'));
  const whole = shown('pi', bytes);
  for (const size of [1, 7, 1_000, 65_536]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    expect(shown('pi', ...pieces)).toBe(whole);
  }
});

test('what is no event passes as it came, and at once', () => {
  const screen = screenOf('codex');
  expect(screen.write(Buffer.from('\u001b[33mwarning')).toString()).toBe('\u001b[33mwarning');
  expect(screen.write(Buffer.from(':\u001b[0m low disk\r\n{"a"')).toString()).toBe(':\u001b[0m low disk\r\n');
  expect(screen.write(Buffer.from(':1}\r\n')).toString()).toBe('{"a":1}\r\n');
  expect(shown('codex', '{"type":"item.comp')).toBe('{"type":"item.comp');
  expect(shown('codex', Buffer.from([0xff, 0xfe, 10])).length).toBeGreaterThan(0);
});

test.each([
  [
    'a message cannot look like a command or an error',
    'fine\n$ rm -rf ~\n! it failed',
    '● fine\r\n  $ rm -rf ~\r\n  ! it failed\r\n',
  ],
  ['it cannot move the cursor or hide a word', 'a\u001b[2Jb\rc\u202ed', '● a␛[2Jb␍c<U+202E>d\r\n'],
  ['a blank one is nothing', ' \n ', ''],
])('%s', (_name, text, expected) => {
  expect(shown('codex', message(text))).toBe(expected);
});

test('a long result shows its beginning and its end, and how much is between', () => {
  const output = Array.from({ length: 1_000 }, (_, n) => `line ${n}`).join('\n');
  const item = {
    id: 'i',
    type: 'command_execution',
    command: "/bin/bash -lc 'seq 1000'",
    aggregated_output: output,
    exit_code: 2,
  };
  const lines = shown('codex', line({ type: 'item.completed', item })).split('\r\n');
  expect([lines[0], lines[1], lines[9], lines[21], lines[22]]).toEqual([
    '$ seq 1000',
    '  line 0',
    '  [… 980 more lines]',
    '  line 999',
    '· exit code 2',
  ]);
});

test('an event of many megabytes is named, and what comes after it is shown', () => {
  const text = shown(
    'codex',
    '{"type":"item.completed","item":{"text":"',
    Buffer.alloc(9 * 1024 * 1024, 97),
    '"}}\n',
    message('after'),
  );
  expect(text).toMatch(/^· an event of 9\d{6} bytes is not shown\r\n● after\r\n$/);
});

test('nothing that a stream may hold makes any screen throw', () => {
  const kinds = [
    'item.started',
    'item.completed',
    'turn.completed',
    'turn.failed',
    'error',
    'text',
    'tool_use',
    'step_finish',
    'reasoning',
    'message_end',
    'tool_execution_start',
    'tool_execution_end',
    'auto_retry_start',
    'agent_end',
    'assistant',
    'user',
    'system',
    'result',
    'tool_call',
  ];
  const events = fc.record({ type: fc.constantFrom(...kinds) }).chain((type) =>
    fc.jsonValue().map((value) => ({
      item: value,
      part: value,
      message: value,
      error: value,
      result: value,
      usage: value,
      args: value,
      tool_call: value,
      ...(value as object),
      ...type,
    })),
  );
  fc.assert(
    fc.property(fc.constantFrom('claude', 'codex', 'opencode', 'pi'), fc.array(events), (runner, list) => {
      shown(runner, ...list.map(line));
    }),
  );
});

test('a command tells whether it prints events; a preset that is headless does, the screen of claude does not', () => {
  const asks = ({ events, worker = '' }: Runner): boolean => events?.isAskedBy.test(worker) === true;
  expect(Object.fromEntries(Object.values<Runner>(RUNNERS).map((one) => [one.name, asks(one)]))).toEqual({
    claude: false,
    codex: true,
    opencode: true,
    pi: true,
    'cursor-agent': false,
    codewith: true,
    aicopilot: true,
    embedded: false,
    custom: false,
  });
  expect(RUNNERS.claude.events?.isAskedBy.test(RUNNERS.claude.step ?? '')).toBe(true);
});
