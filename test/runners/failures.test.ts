/** Failures that no recorded stream shows, as each CLI and its provider word them, through the reader of that CLI. */
import { describe, expect, test } from 'vitest';
import { RUNNERS, runnerNamed } from '../../src/runners/registry.js';
import type { Reason, RunEnd, RunResult } from '../../src/runners/result.js';

const NOW_S = 1_795_240_000;

type Words = readonly [words: string, status: number | undefined, expected: readonly [Reason, retryable: boolean]];

const AUTH = ['auth', false] as const;
const LIMIT = ['rate_limit', true] as const;
const DOWN = ['unreachable', true] as const;
const REFUSED = ['error', false] as const;
const ERROR = ['error', true] as const;
const CUT = ['truncated', false] as const;
const ABORTED = ['interrupted', true] as const;

/** What a provider or the network says, with the status where there was an answer. */
const FAILURES: readonly Words[] = [
  ['Your credit balance is too low to access the Anthropic API.', 400, REFUSED],
  ['{"error":{"message":"Insufficient credits","code":402}}', 402, REFUSED],
  ['Payment Required', 402, REFUSED],
  ['{"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission"}}', 403, AUTH],
  ['Forbidden', 403, AUTH],
  ['Input was flagged by moderation', 403, REFUSED],
  ['quota exceeded for this organization', 403, LIMIT],
  ['{"type":"error","error":{"type":"not_found_error","message":"model: nope-1"}}', 404, REFUSED],
  ['The model `nope` does not exist or you do not have access to it.', 404, REFUSED],
  ['Request Timeout', 408, ERROR],
  ['{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}', 413, REFUSED],
  ['prompt is too long: 210000 tokens > 200000 maximum', 400, REFUSED],
  ["This model's maximum context length is 128000 tokens. (context_length_exceeded)", 400, REFUSED],
  ['max_tokens: 64000 > 32000, which is the maximum allowed number of output tokens', 400, REFUSED],
  ['The response was filtered due to the prompt triggering content management policy (content_filter)', 400, REFUSED],
  ['You exceeded your current quota, please check your plan and billing details. (insufficient_quota)', 429, LIMIT],
  ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 529, LIMIT],
  ['Service Unavailable', 503, LIMIT],
  ['The engine is currently overloaded, please try again later', 500, LIMIT],
  ["Claude's response exceeded the 32000 output token maximum.", 400, CUT],
  ['Internal server error', 500, ERROR],
  ['Bad Gateway', 502, ERROR],
];

/** Words alone: nothing came from the provider, or the CLI does not say its status. */
const PROSE: readonly Words[] = [
  ['connect ECONNREFUSED 127.0.0.1:4000', undefined, DOWN],
  ['getaddrinfo EAI_AGAIN api.example.com', undefined, DOWN],
  ['getaddrinfo ENOTFOUND api.example.com', undefined, DOWN],
  ['Connection timed out', undefined, DOWN],
  ['fetch failed', undefined, DOWN],
  ['self-signed certificate in certificate chain', undefined, DOWN],
  ['Your input exceeds the context window of this model. Please adjust your input and try again.', undefined, REFUSED],
  ["There's an issue with the selected model (nope). It may not exist or you may not have access.", undefined, REFUSED],
  ["The 'nope' model is not supported when using this plan.", undefined, REFUSED],
  ['The request was rejected as a result of our safety system', undefined, REFUSED],
  ['Could not load credentials from any providers', undefined, AUTH],
  ['OAuth token has been revoked', undefined, AUTH],
  ['This organization has been disabled.', undefined, AUTH],
  ['ThrottlingException: Too many tokens, please wait before trying again.', undefined, LIMIT],
  ['RESOURCE_EXHAUSTED: Resource has been exhausted (e.g. check quota).', undefined, LIMIT],
  ['Concurrency limit exceeded for account', undefined, LIMIT],
  ['Daily token limit exceeded', undefined, LIMIT],
  ['Request rate increased too quickly. To ensure system stability, raise it gradually.', undefined, LIMIT],
  ['invalid x-api-key', undefined, AUTH],
  ['No auth credentials found', undefined, AUTH],
  ['You must be logged in to use this.', undefined, AUTH],
  ['Your authentication token has been invalidated. Please try signing in again.', undefined, AUTH],
  ['Unable to reach the model provider', undefined, DOWN],
  ['certificate has expired', undefined, DOWN],
  ['Connection closed by the server in the middle of an answer', undefined, ERROR],
  ['Model stopped because it reached the maximum output tokens', undefined, CUT],
  ['The answer ended with finish_reason: length', undefined, CUT],
  ['Conversation too long. Press esc twice to go up a few messages.', undefined, REFUSED],
  ['model_not_supported', undefined, REFUSED],
  ['The operation was aborted.', undefined, ABORTED],
  ['something that nobody has ever said', undefined, ERROR],
];

const lines = (...events: object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

/** How each CLI tells a failure: as an event with the status apart, or with both in one string. */
const TOLD: Readonly<Record<string, readonly [exit: number, stream: (words: string, status?: number) => string]>> = {
  claude: [
    1,
    (words, status) =>
      lines(
        { type: 'system', subtype: 'init', session_id: 's' },
        {
          type: 'result',
          subtype: 'success',
          is_error: true,
          terminal_reason: 'api_error',
          api_error_status: status ?? null,
          result: status ? `API Error: ${status} ${words}` : words,
        },
      ),
  ],
  codex: [
    1,
    (words, status) => {
      const message = status ? `unexpected status ${status} : ${words}` : words;
      return lines(
        { type: 'thread.started', thread_id: 't' },
        { type: 'turn.started' },
        { type: 'error', message: `Reconnecting... 1/5 (${message})` },
        { type: 'error', message },
        { type: 'turn.failed', error: { message } },
      );
    },
  ],
  opencode: [
    1,
    (message, statusCode) =>
      lines({ type: 'error', sessionID: 'o', error: { name: 'APIError', data: { message, statusCode } } }),
  ],
  pi: [
    0,
    (words, status) =>
      lines(
        { type: 'session', version: 3, id: 'p' },
        {
          type: 'message_end',
          message: {
            role: 'assistant',
            content: [],
            stopReason: 'error',
            errorMessage: status ? `${status}: ${words}` : words,
          },
        },
        { type: 'agent_settled', aborted: false },
      ),
  ],
};

const SAME: Readonly<Record<string, string>> = {
  'cursor-agent': 'claude',
  codewith: 'codex',
  aicopilot: 'opencode',
};

function read(name: string, stream: string, end: Partial<RunEnd> = {}): RunResult {
  const reader = runnerNamed(name)!.reader({ nowS: NOW_S });
  reader.write(Buffer.from(stream));
  return reader.end({ exit: 0, stderrTail: '', ...end });
}

const agents = Object.values(RUNNERS).filter(({ name }) => (SAME[name] ?? name) in TOLD);

describe.each(agents.map(({ name }) => name))('%s', (name) => {
  const [exit, stream] = TOLD[SAME[name] ?? name]!;

  test.each([...FAILURES, ...PROSE])('%s (%s) is %j', (words, status, [reason, retryable]) => {
    const result = read(name, stream(words, status), { exit });
    expect(result).toMatchObject({ ok: false, text: '', reason, retryable, exit });
    expect(result.error).toContain(words.slice(0, 20));
  });

  test.each([
    ['Rate limit reached. Please try again in 20s.', NOW_S + 20],
    ['{"error":{"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34s"}]}}', NOW_S + 34],
    [`usage limit reached, resets at ${new Date((NOW_S + 7_200) * 1000).toISOString()}`, NOW_S + 7_200],
    ['429 Too Many Requests', undefined],
  ])('the time in %j is read', (words, retryAt) => {
    expect(read(name, stream(words, 429), { exit })).toMatchObject({ reason: 'rate_limit', retryable: true });
    expect(read(name, stream(words, 429), { exit }).retryAt).toBe(retryAt);
  });

  test.each([
    [{ signal: 'SIGINT', exit: null }, 'SIGINT'],
    [{ signal: 'SIGTERM', exit: null }, 'SIGTERM'],
    [{ signal: 'SIGKILL', exit: null }, 'SIGKILL'],
    [{ exit: 130 }, '130'],
    [{ exit: 137 }, '137'],
  ])('a run that was ended from outside (%j) is interrupted, and says how', (end, word) => {
    const begun = stream('x').split('\n').slice(0, 1).join('');
    // The first event of opencode's is the failure itself.
    for (const text of ['', (SAME[name] ?? name) === 'opencode' ? '' : `${begun}\n`])
      expect(read(name, text, end)).toMatchObject({
        ok: false,
        reason: 'interrupted',
        retryable: true,
        error: expect.stringContaining(word),
      });
  });

  test.each([
    ["error: unexpected argument '--nope' found", 2, REFUSED],
    ['Error: Model not found: fake/nope', 1, REFUSED],
    ['Error: Session not found', 1, REFUSED],
    ['Error: No API key found for provider fake', 1, AUTH],
    ['Error: 429 too many requests', 1, LIMIT],
  ] as const)('with nothing but %j on stderr it is judged by that', (stderrTail, code, [reason, retryable]) => {
    expect(read(name, '', { exit: code, stderrTail })).toMatchObject({
      ok: false,
      reason,
      retryable,
      error: stderrTail,
    });
  });
});

test.each<[string, string, string, Partial<RunResult>, number?]>([
  [
    'claude: it refused to answer',
    'claude',
    lines({ type: 'result', subtype: 'success', is_error: false, stop_reason: 'refusal', result: 'I cannot help.' }),
    { reason: 'error', retryable: false, text: '', error: 'I cannot help.' },
  ],
  [
    'codex: filtered, in the words of a cut answer',
    'codex',
    TOLD['codex']![1]('Incomplete response returned, reason: content_filter'),
    { reason: 'error', retryable: false },
    1,
  ],
  [
    'codex: the turn went on after its end',
    'codex',
    lines(
      { type: 'thread.started', thread_id: 't' },
      { type: 'turn.started' },
      { type: 'turn.completed', usage: { input_tokens: 5, output_tokens: 1 } },
      { type: 'item.completed', item: { type: 'agent_message', text: 'later' } },
    ),
    { reason: 'interrupted', usage: { input_tokens: 5, output_tokens: 1 } },
  ],
  [
    'codex: several turns, whose counts are of the whole thread',
    'codex',
    lines(
      { type: 'thread.started', thread_id: 't' },
      { type: 'turn.started' },
      { type: 'item.completed', item: { type: 'agent_message', text: 'first' } },
      { type: 'turn.completed', usage: { input_tokens: 100, cached_input_tokens: 40, output_tokens: 20 } },
      { type: 'turn.started' },
      { type: 'item.completed', item: { type: 'agent_message', text: 'second' } },
      { type: 'turn.completed', usage: { input_tokens: 300, cached_input_tokens: 90, output_tokens: 60 } },
    ),
    { ok: true, text: 'second', usage: { input_tokens: 210, output_tokens: 60, cache_read_tokens: 90 } },
  ],
  [
    'opencode: the provider filtered the answer',
    'opencode',
    lines({ type: 'step_finish', sessionID: 'o', part: { messageID: 'm', reason: 'content-filter' } }),
    { reason: 'error', retryable: false },
  ],
  [
    'opencode: aborted',
    'opencode',
    lines({ type: 'error', sessionID: 'o', error: { name: 'MessageAbortedError', data: { message: 'x' } } }),
    { reason: 'interrupted', retryable: true },
    1,
  ],
  [
    'opencode: its provider is not set up',
    'opencode',
    lines({ type: 'error', error: { name: 'ProviderAuthError', data: { providerID: 'fake', message: 'x' } } }),
    { reason: 'auth', retryable: false },
    1,
  ],
  [
    'pi: an answer that was cut, over several turns that cost',
    'pi',
    lines(
      { type: 'session', id: 'p' },
      ...(['toolUse', 'length'] as const).map((stopReason, timestamp) => ({
        type: 'message_end',
        message: {
          role: 'assistant',
          stopReason,
          timestamp,
          content: [{ type: 'text', text: 'half' }],
          usage: { input: 10, output: 5, cacheRead: 3, cacheWrite: 2, cost: { total: 0.25 } },
        },
      })),
      { type: 'agent_settled', aborted: false },
    ),
    {
      reason: 'truncated',
      costUsd: 0.5,
      usage: { input_tokens: 20, output_tokens: 10, cache_read_tokens: 6, cache_write_tokens: 4 },
    },
  ],
  [
    'claude: what subagents say and fail at is not the run',
    'claude',
    lines(
      { type: 'system', subtype: 'init', session_id: 's' },
      {
        type: 'assistant',
        parent_tool_use_id: 'toolu_1',
        is_api_error_message: true,
        error: 'rate_limit',
        message: {},
      },
      { type: 'weather', forecast: { result: 'init' } },
      {
        type: 'result',
        subtype: 'success',
        is_error: false,
        result: 'hi',
        session_id: 's',
        usage: { input_tokens: 7, output_tokens: 3, cache_read_input_tokens: 90 },
        modelUsage: {
          a: { inputTokens: 7, outputTokens: 3, cacheReadInputTokens: 90, costUSD: 0.1 },
          b: { inputTokens: 50, outputTokens: 5, costUSD: 0.2 },
        },
        total_cost_usd: 0.3,
      },
    ),
    { ok: true, text: 'hi', costUsd: 0.3, usage: { input_tokens: 57, output_tokens: 8, cache_read_tokens: 90 } },
  ],
])('%s', (_, name, stream, expected, exit = 0) => {
  expect(read(name, stream, { exit })).toMatchObject(expected);
});

test('what a run has reported so far is known while it runs', () => {
  const reader = RUNNERS.opencode.reader({ nowS: NOW_S, keepBytes: 4 * 1024 * 1024 });
  const step = { type: 'step_finish', part: { reason: 'tool-calls', tokens: { input: 10, output: 5 }, cost: 0.5 } };
  reader.write(Buffer.from(`${'chatter'.repeat(1000)}\n${JSON.stringify(step)}`));
  expect(reader.soFar()).toEqual({ usage: {} });
  reader.write(Buffer.from('\r\n'));
  expect(reader.soFar()).toMatchObject({ usage: { input_tokens: 10, output_tokens: 5 }, costUsd: 0.5 });
  reader.write(Buffer.from(lines(step)));
  expect(reader.soFar().costUsd).toBe(1);
});
