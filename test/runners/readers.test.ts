/** What no recorded stream shows: quotas, refused permissions, resumed sessions, prices, and commands of the user's own. */
import { expect, test } from 'vitest';
import { RUNNERS, runnerNamed, runnerOf } from '../../src/runners/registry.js';
import type { RunEnd, RunResult } from '../../src/runners/result.js';
import type { ReaderOptions } from '../../src/runners/runner.js';
import { takeUsageLines } from '../../src/runners/usage.js';

const NOW_S = 1_795_240_000;
const OK: RunEnd = { exit: 0, stderrTail: '' };

function read(
  name: string,
  events: readonly object[] | string,
  more: { end?: RunEnd; options?: Partial<ReaderOptions> } = {},
): RunResult {
  const reader = runnerNamed(name)!.reader({ nowS: NOW_S, ...more.options });
  const text = typeof events === 'string' ? events : events.map((event) => `${JSON.stringify(event)}\n`).join('');
  reader.write(Buffer.from(text));
  return reader.end(more.end ?? OK);
}

const init = { type: 'system', subtype: 'init', session_id: 's1' };
const result = (more: object) => ({ type: 'result', subtype: 'success', is_error: false, session_id: 's1', ...more });
const failed = (text: string, more: object = {}) =>
  result({ is_error: true, result: text, terminal_reason: 'api_error', ...more });
const turn = (...rest: object[]) => [{ type: 'thread.started', thread_id: 't1' }, { type: 'turn.started' }, ...rest];
const said = (text: string) => ({ type: 'item.completed', item: { id: 'i', type: 'agent_message', text } });
const turnFailed = (message: string) => turn({ type: 'turn.failed', error: { message } });
const counted = (input: number, cached: number, output: number) => ({
  type: 'turn.completed',
  usage: { input_tokens: input, cached_input_tokens: cached, output_tokens: output },
});
const step = (reason: string, tokens: object = {}) => ({
  type: 'step_finish',
  sessionID: 'o1',
  part: { messageID: 'm', reason, tokens },
});
const opened = { type: 'step_start', sessionID: 'o1', part: { messageID: 'm' } };
const refusedTool = {
  type: 'tool_use',
  part: { state: { status: 'error', error: 'The user rejected permission to use this tool' } },
};
const apiError = (data: object) => ({ type: 'error', sessionID: 'o1', error: { name: 'APIError', data } });
const message = (stopReason: string, more: object = {}) => ({
  type: 'message_end',
  message: { role: 'assistant', stopReason, content: [{ type: 'text', text: 'hi' }], ...more },
});
const settled = { type: 'agent_settled', aborted: false };

test.each<[string, string, readonly object[], Partial<RunResult>]>([
  [
    'claude: a quota with the time of its reset',
    'claude',
    [init, failed(`Claude AI usage limit reached|${NOW_S + 3600}`)],
    { reason: 'rate_limit', retryAt: NOW_S + 3600, retryable: true },
  ],
  [
    'claude: a quota whose reset stands in an event',
    'claude',
    [
      init,
      { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt: NOW_S + 60 } },
      failed("You've hit your limit", { api_error_status: 429 }),
    ],
    { reason: 'rate_limit', retryAt: NOW_S + 60 },
  ],
  [
    'claude: a quota that only warned',
    'claude',
    [
      init,
      { type: 'rate_limit_event', rate_limit_info: { status: 'allowed_warning', resetsAt: NOW_S + 60 } },
      result({ result: 'hi' }),
    ],
    { reason: 'done', ok: true },
  ],
  [
    'claude: no connection',
    'claude',
    [init, failed('API Error: Connection refused', { api_error_status: null })],
    { reason: 'unreachable', retryable: true },
  ],
  [
    'claude: a request that is refused',
    'claude',
    [init, failed('API Error: 400 bad', { api_error_status: 400 })],
    { reason: 'error', retryable: false },
  ],
  [
    'claude: no text because nothing was allowed',
    'claude',
    [init, result({ result: '', permission_denials: [{ tool_name: 'Bash' }] })],
    { reason: 'denied' },
  ],
  ['claude: no text at the cap of a Stop hook', 'claude', [init, result({ result: ' \n' })], { reason: 'empty' }],
  [
    'claude: an answer that was cut',
    'claude',
    [init, result({ result: 'half an', stop_reason: 'max_tokens' })],
    { reason: 'truncated', text: '' },
  ],
  [
    'claude: the run went on after its result',
    'claude',
    [init, result({ result: 'early' }), { type: 'assistant', parent_tool_use_id: null, message: {} }],
    { reason: 'interrupted' },
  ],
  [
    'claude: a subagent that ends after the result',
    'claude',
    [init, result({ result: 'hi' }), { type: 'assistant', parent_tool_use_id: 'toolu_1', message: {} }],
    { reason: 'done', text: 'hi' },
  ],
  [
    'codex: a quota',
    'codex',
    turnFailed("You've hit your usage limit. Try again in 2 hours 5 minutes."),
    { reason: 'rate_limit', retryAt: NOW_S + 7500 },
  ],
  [
    'codex: cut at the token limit',
    'codex',
    turnFailed('Incomplete response returned, reason: max_output_tokens'),
    { reason: 'truncated' },
  ],
  [
    'codex: trouble that passed',
    'codex',
    turn({ type: 'error', message: 'Reconnecting... 1/5 (429)' }, said('hi'), counted(1, 0, 1)),
    { reason: 'done', text: 'hi' },
  ],
  [
    'codex: a turn that is over after another failed',
    'codex',
    [...turnFailed('overloaded'), ...turn(said('hi'), counted(1, 0, 1))],
    { reason: 'done', text: 'hi' },
  ],
  ['codex: a turn without a message', 'codex', turn(counted(1, 0, 1)), { reason: 'empty' }],
  [
    'opencode: a permission that was rejected',
    'opencode',
    [opened, refusedTool, step('tool-calls')],
    { reason: 'denied', text: '' },
  ],
  ['opencode: ended at a tool', 'opencode', [opened, step('tool-calls')], { reason: 'empty' }],
  [
    'opencode: cut at the token limit',
    'opencode',
    [opened, { type: 'text', part: { messageID: 'm', text: 'half' } }, step('length')],
    { reason: 'truncated', text: '' },
  ],
  [
    'opencode: a limit with a header',
    'opencode',
    [apiError({ message: 'slow down', statusCode: 429, isRetryable: true, responseHeaders: { 'retry-after': '90' } })],
    { reason: 'rate_limit', retryAt: NOW_S + 90 },
  ],
  ['pi: aborted', 'pi', [{ type: 'session', id: 'p1' }, message('aborted'), settled], { reason: 'interrupted' }],
  ['pi: no prompt', 'pi', [{ type: 'session', id: 'p1' }], { reason: 'empty', sessionId: 'p1' }],
  [
    'pi: will try again',
    'pi',
    [{ type: 'session', id: 'p1' }, message('stop'), { type: 'agent_end', willRetry: false }],
    { reason: 'interrupted' },
  ],
  [
    'cursor-agent: tokens and no cost',
    'cursor-agent',
    [init, result({ result: 'hi', usage: { inputTokens: 7, outputTokens: 3 } })],
    { reason: 'done', usage: { input_tokens: 7, output_tokens: 3 } },
  ],
])('%s', (_, name, events, expected) => {
  expect(read(name, events)).toMatchObject(expected);
});

test.each<[string, RunEnd, Partial<RunResult>]>([
  [
    'a bad flag',
    { exit: 2, stderrTail: "error: unexpected argument '--x' found" },
    { reason: 'error', retryable: false },
  ],
  [
    'no login',
    { exit: 1, stderrTail: 'Error: Not logged in. Please run /login' },
    { reason: 'auth', retryable: false },
  ],
  [
    'no such program',
    { exit: 127, stderrTail: 'bash: claude: command not found' },
    { reason: 'spawn', retryable: false },
  ],
  ['it never started', { exit: null, ended: 'spawn', stderrTail: '' }, { reason: 'spawn' }],
  ['our deadline', { exit: null, ended: 'timeout', stderrTail: '' }, { reason: 'timeout', retryable: true }],
  ['we stop', { exit: null, ended: 'aborted', stderrTail: '' }, { reason: 'interrupted' }],
  ['nothing at all', OK, { reason: 'empty' }],
  [
    'a crash without words',
    { exit: 3, stderrTail: '' },
    { reason: 'error', error: expect.stringContaining('exit code 3') },
  ],
])('without any output: %s', (_, end, expected) => {
  for (const name of ['claude', 'codex', 'opencode', 'pi', 'custom'])
    expect(read(name, '', { end })).toMatchObject(expected);
});

test('the events of one array are read like lines', () => {
  expect(read('claude', JSON.stringify([init, result({ result: 'hi', total_cost_usd: 0.5 })]))).toMatchObject({
    ok: true,
    text: 'hi',
    costUsd: 0.5,
  });
});

test('a resumed session counts what is new', () => {
  const events = turn(said('hi'), counted(300, 100, 60));
  const since = { input_tokens: 100, output_tokens: 20, cache_read_tokens: 100 };
  expect(read('codex', events, { options: { since } }).usage).toMatchObject({
    input_tokens: 100,
    output_tokens: 40,
    cache_read_tokens: 0,
  });
  const json = [
    result({ result: 'hi', total_cost_usd: 0.75, modelUsage: { m: { inputTokens: 300, outputTokens: 60 } } }),
  ];
  expect(read('claude', json, { options: { since: { ...since, costUsd: 0.5 } } })).toMatchObject({
    costUsd: 0.25,
    usage: { input_tokens: 200, output_tokens: 40 },
  });
});

test.each<[string, Partial<ReaderOptions>, number | undefined]>([
  ['a model of the table', { model: 'gpt-5.3-codex' }, 1.75 + 14],
  ['the same with its provider in front', { model: 'openai/gpt-5.3-codex' }, 1.75 + 14],
  ['no model: what codex takes by itself', {}, 5 + 30],
  ['a model that no table knows', { model: 'llama' }, undefined],
  ['a price of the config', { model: 'llama', prices: { llama: { input: 1, output: 2 } } }, 3],
  ['a price of the config goes first', { model: 'gpt-5', prices: { 'gpt-5': { input: 1, output: 1 } } }, 2],
  ["the config's word for all others", { model: 'llama', prices: { default: { input: 0, output: 0 } } }, 0],
])('a million tokens each way, %s', (_, options, usd) => {
  const { costUsd } = read('codex', turn(said('hi'), counted(1e6, 0, 1e6)), { options });
  expect(costUsd).toBe(usd);
});

test('what came from a cache is no fresh input, and cheaper', () => {
  const { usage, costUsd } = read('codex', turn(said('hi'), counted(1e6, 1e6, 0)), { options: { model: 'gpt-5' } });
  expect({ usage, costUsd }).toMatchObject({ usage: { input_tokens: 0, cache_read_tokens: 1e6 }, costUsd: 0.125 });
});

test.each([
  [{ reasoning: 5, total: 33 }, 15],
  [{ reasoning: 5, total: 28 }, 10],
])('opencode: reasoning is output, counted once (%j)', (more, output) => {
  const tokens = { input: 11, output: 10, cache: { read: 4, write: 3 }, ...more };
  const events = [opened, { type: 'text', part: { messageID: 'm', text: 'hi' } }, step('stop', tokens)];
  expect(read('opencode', events).usage).toEqual({
    input_tokens: 11,
    output_tokens: output,
    cache_read_tokens: 4,
    cache_write_tokens: 3,
  });
});

test.each(['claude', 'codex', 'opencode', 'pi', 'custom'])(
  "%s with a command of the user's own: all that it prints is the message",
  (name) => {
    for (const plain of [
      'I think:\n{"action":"noop"}\n',
      '{"action":"noop","type":"x"}\n',
      '{\n  "action": "noop"\n}\n',
    ])
      expect(read(name, plain)).toMatchObject({ ok: true, text: plain.trimEnd(), usage: {} });
  },
);

test('usage lines of a command are its account and no part of its message', () => {
  const plain =
    'done\n{"type":"usage","input_tokens":3,"output_tokens":1,"cost_usd":0.5}\n{"type":"usage","cost_usd":0.25}\n';
  expect(read('custom', plain)).toMatchObject({
    text: 'done',
    costUsd: 0.75,
    usage: { input_tokens: 3, output_tokens: 1 },
  });
});

test('the first line of a stream that was cut is no message', () => {
  expect(read('claude', '{"type":"system","subty')).toMatchObject({ ok: false, reason: 'interrupted' });
  expect(read('custom', '{"type":"system","subty')).toMatchObject({ ok: true });
});

test('an error of the API is never taken for an answer', () => {
  expect(read('claude', [init, failed('{"action":"noop"}')])).toMatchObject({ ok: false, text: '' });
});

test('a runner that does not exist is an error that names those that do', () => {
  expect(() => runnerOf({ runner: 'cluade' })).toThrow(/"cluade".*claude, codex.*custom/);
  for (const [name, runner] of Object.entries(RUNNERS)) expect(runner.name).toBe(name);
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
