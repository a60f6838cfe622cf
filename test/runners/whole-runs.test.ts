/** Runs of codex, opencode and pi of kinds that no recorded stream shows. */
import { expect } from 'vitest';
import { checkRuns, type Expected, type Line, NOW_S, ownId, type Row, text } from './whole-runs.js';

const thread = { type: 'thread.started', thread_id: '0199-aa' };
const began = { type: 'turn.started' };
const item = (more: object, type = 'item.completed'): object => ({ type, item: { id: ownId('i'), ...more } });
const message = (words: string): object => item({ type: 'agent_message', text: words });
const ended = (input: number, cached: number, output: number, written = 0): object => ({
  type: 'turn.completed',
  usage: {
    input_tokens: input,
    cached_input_tokens: cached,
    cache_write_input_tokens: written,
    output_tokens: output,
    reasoning_output_tokens: 2,
  },
});
const broke = (words: string): Line[] => [
  thread,
  began,
  { type: 'error', message: words },
  { type: 'turn.failed', error: { message: words } },
];
const at = (words: string, expected: Expected): Row => [words, broke(words), 1, expected];

const CODEX: readonly Row[] = [
  [
    'every kind of item',
    [
      thread,
      item({ type: 'error', message: 'Model metadata for `x` not found' }),
      began,
      item({ type: 'reasoning', text: 'hm' }),
      item({ type: 'todo_list', items: [] }, 'item.started'),
      item({ type: 'mcp_tool_call', server: 'a', tool: 'b', status: 'failed', error: { message: '429' } }),
      item({ type: 'file_change', changes: [] }),
      message('vorläufig'),
      message('Fertig: größer ✓'),
      ended(1_000, 600, 50, 100),
    ],
    0,
    { ok: true, text: 'Fertig: größer ✓', usage: [300, 50, 600, 100], sessionId: '0199-aa' },
  ],
  [
    'trouble between the answer and the end',
    [thread, began, message('ok'), { type: 'error', message: 'Reconnecting... 1/5' }, ended(0, 0, 0)],
    0,
    { ok: true, text: 'ok', usage: [0, 0, 0, 0], costUsd: 0 },
  ],
  [
    'a turn that failed after a good one: what that one used was paid for',
    [thread, began, message('x'), ended(100, 0, 20), began, { type: 'turn.failed', error: { message: 'status 500' } }],
    1,
    { reason: 'error', retryable: true, usage: [100, 20, 0, 0] },
  ],
  at("You've hit your usage limit. Upgrade to Pro (https://x.test/pro) or try again at Nov 25th, 2026 3:15 PM.", {
    reason: 'rate_limit',
    retryAt: expect.any(Number),
  }),
  at('Rate limit reached for gpt-5 on tokens per min (TPM): Limit 30000. Please try again in 11.054s.', {
    reason: 'rate_limit',
    retryAt: NOW_S + 12,
  }),
  at('Selected model is at capacity. Please try a different model.', { reason: 'rate_limit' }),
  at(
    'Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.',
    {
      reason: 'auth',
      retryable: false,
    },
  ),
  at("Codex ran out of room in the model's context window. Start a new thread.", { reason: 'error', retryable: false }),
  at('stream disconnected before completion: error sending request for url (http://127.0.0.1:1/v1)', {
    reason: 'unreachable',
  }),
  at('interrupted (Ctrl-C). Something went wrong?', { reason: 'interrupted' }),
  ['an answer and no end', [thread, began, message('x')], 0, { reason: 'interrupted' }],
  ['a good end and a bad code', [thread, began, message('x'), ended(5, 0, 1)], 1, { reason: 'error' }],
];

const OPEN = 'ses_e0AAAA';
const part = (type: string, messageID: string | undefined, more: object = {}): object => ({
  type,
  sessionID: OPEN,
  part: { ...(messageID === undefined ? {} : { id: ownId('p'), messageID }), ...more },
});
const finish = (messageID: string | undefined, reason: string): object =>
  part('step_finish', messageID, {
    reason,
    tokens: { total: 45, input: 10, output: 5, reasoning: 0, cache: { read: 20, write: 10 } },
    cost: 0.25,
  });
const tool = (messageID: string, error?: string): object =>
  part('tool_use', messageID, {
    tool: 'bash',
    state: error === undefined ? { status: 'completed' } : { status: 'error', error },
  });
const wrong = (name: string, data: object): object => ({ type: 'error', sessionID: OPEN, error: { name, data } });
const REFUSED = 'The user rejected permission to use this specific tool call.';
const RULE = 'The user has specified a rule which prevents you from using this specific tool call.';

/** A tool is called with some words before it, then the answer is given. */
const twoSteps = (first: string | undefined, second: string | undefined): Line[] => [
  part('step_start', first),
  part('text', first, { text: 'I go. ' }),
  part('tool_use', first, { state: { status: 'completed' } }),
  finish(first, 'tool-calls'),
  part('step_start', second),
  part('text', second, { text: 'Готово ✓' }),
  finish(second, 'stop'),
];

const OPENCODE: readonly Row[] = [
  ...(
    [
      ['each in a message of its own', 'a', 'b'],
      ['of one message', 'a', 'a'],
      ['without any ids', undefined, undefined],
    ] as const
  ).map(
    ([name, first, second]): Row => [
      `two steps ${name}`,
      twoSteps(first, second),
      0,
      { ok: true, text: 'Готово ✓', usage: [20, 10, 40, 20], costUsd: 0.5, sessionId: OPEN },
    ],
  ),
  ...(
    [
      [[REFUSED, 'Tool execution aborted'], 0],
      [['Tool execution aborted', REFUSED], 0],
      [[REFUSED, undefined], 0],
      [[REFUSED], 1],
      [[RULE], 0],
    ] as const
  ).map(
    ([errors, exit]): Row => [
      `tools that end with ${JSON.stringify(errors)}`,
      [
        part('step_start', 'a'),
        part('text', 'a', { text: 'x' }),
        ...errors.map((error) => tool('a', error)),
        finish('a', 'tool-calls'),
      ],
      exit,
      { reason: 'denied', retryable: false, error: expect.stringContaining('permissions'), costUsd: 0.25 },
    ],
  ),
  [
    'a tool that a rule refused, and an answer all the same',
    [part('step_start', 'a'), tool('a', RULE), finish('a', 'tool-calls'), ...twoSteps('b', 'c').slice(4)],
    0,
    { ok: true, text: 'Готово ✓' },
  ],
  [
    'a prompt that is too long',
    [wrong('ContextOverflowError', { message: 'Input is big' })],
    1,
    { reason: 'error', retryable: false },
  ],
  [
    'a quota that no waiting helps',
    [wrong('APIError', { message: 'You exceeded your current quota', statusCode: 429, isRetryable: false })],
    1,
    { reason: 'rate_limit', retryable: false },
  ],
];

const said = (stopReason: string, words: string, more: object = {}): object => ({
  type: 'message_end',
  message: {
    role: 'assistant',
    content: [{ type: 'thinking', thinking: 'hm' }, text(words)],
    usage: { input: 10, output: 5, cacheRead: 20, cacheWrite: 3, cost: { total: 0.25 } },
    stopReason,
    timestamp: NOW_S * 1_000,
    ...more,
  },
});
const session = { type: 'session', version: 3, id: '01a1-pi' };
const settled: Line[] = [
  { type: 'agent_end', willRetry: false },
  { type: 'agent_settled', aborted: false },
];

const PI: readonly Row[] = [
  [
    'two messages of one millisecond are two',
    [session, { type: 'agent_start' }, said('toolUse', 'I go'), said('stop', 'Listo ñ'), ...settled],
    0,
    { ok: true, text: 'Listo ñ', usage: [20, 10, 40, 6], costUsd: 0.5, sessionId: '01a1-pi' },
  ],
  [
    'a retry that helped',
    [
      session,
      said('error', '', { errorMessage: '529: overloaded', usage: { input: 0, output: 0 } }),
      { type: 'agent_end', willRetry: true },
      { type: 'auto_retry_start', attempt: 1 },
      { type: 'agent_start' },
      said('stop', 'ok'),
      ...settled,
    ],
    0,
    { ok: true, text: 'ok' },
  ],
  ['an end that is cut', [session, said('stop', 'x'), settled[0]!, '{"type":"agent_set'], 0, { reason: 'interrupted' }],
];

checkRuns('codex', CODEX);
checkRuns('opencode', OPENCODE);
checkRuns('pi', PI);
