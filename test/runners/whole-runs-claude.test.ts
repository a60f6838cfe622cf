/** Runs of Claude Code of kinds that no recorded stream shows. */
import { checkRuns, NOW_S, ownId, type Row, text } from './whole-runs.js';

const SESSION = '9b1c7d52-1111-4c7e-8f00-aa55aa55aa55';
const init = (): object => ({ type: 'system', subtype: 'init', session_id: SESSION, model: 'claude-sonnet-5-5' });
const spoke = (...content: object[]): object => ({
  type: 'assistant',
  message: { id: ownId('m'), role: 'assistant', content, usage: { input_tokens: 3, output_tokens: 1 } },
  parent_tool_use_id: null,
  session_id: SESSION,
});
const apiError = (words: string, error: string): object => ({
  ...spoke(text(words)),
  is_api_error_message: true,
  error,
});
const models = (costUSD: number, scale = 1): object => ({
  'claude-sonnet-5-5': {
    inputTokens: 10 * scale,
    outputTokens: 7 * scale,
    cacheReadInputTokens: 100 * scale,
    cacheCreationInputTokens: 5 * scale,
    costUSD,
  },
});
const result = (more: object = {}): object => ({
  duration_api_ms: 1,
  stop_reason: 'end_turn',
  session_id: SESSION,
  total_cost_usd: 0.5,
  usage: { input_tokens: 10, cache_creation_input_tokens: 5, cache_read_input_tokens: 100, output_tokens: 7 },
  modelUsage: models(0.5),
  permission_denials: [],
  terminal_reason: 'completed',
  is_error: false,
  subtype: 'success',
  result: 'fine',
  type: 'result',
  uuid: ownId('u'),
  model_usage_since_last_result: models(0.5),
  ...more,
});
const failed = (words: string, status: number | null, more: object = {}): object =>
  result({ is_error: true, terminal_reason: 'api_error', result: words, api_error_status: status, ...more });

const CLAUDE: readonly Row[] = [
  [
    'thinking, tools side by side, one of them of a server and failed; another language',
    [
      init(),
      spoke({ type: 'thinking', thinking: 'hm' }),
      spoke({ type: 'tool_use', id: 'a', name: 'Read', input: {} }),
      spoke({ type: 'tool_use', id: 'b', name: 'mcp__x__y', input: {} }),
      {
        type: 'user',
        message: { content: [{ type: 'tool_result', tool_use_id: 'b', is_error: true, content: '429' }] },
      },
      spoke(text('答えは42です。')),
      result({ result: '答えは42です。\nОтвет' }),
      { type: 'system', subtype: 'session_state_changed' },
      '{"type":"sys',
    ],
    0,
    { text: '答えは42です。\nОтвет', usage: [10, 7, 100, 5], costUsd: 0.5, sessionId: SESSION, ok: true },
  ],
  [
    'a resumed session, whose totals are of all its runs',
    [init(), spoke(text('x')), result({ total_cost_usd: 30, modelUsage: models(30, 60) })],
    0,
    { ok: true, usage: [10, 7, 100, 5], costUsd: 0.5 },
  ],
  ['an answer apart that is a list', [init(), result({ structured_output: [1, 2], result: '' })], 0, { text: '[1,2]' }],
  ['no answer apart', [init(), result({ structured_output: null, result: 'said' })], 0, { ok: true, text: 'said' }],
  [
    'no answer that fits its schema',
    [
      init(),
      result({ subtype: 'error_max_structured_output_retries', is_error: true, result: undefined, errors: ['No'] }),
    ],
    1,
    { reason: 'error', retryable: false, error: 'No' },
  ],
  [
    'interrupted while it spoke',
    [init(), spoke(text('par')), result({ terminal_reason: 'aborted_streaming', result: 'par' })],
    0,
    { reason: 'interrupted', retryable: true, usage: [10, 7, 100, 5] },
  ],
  [
    'interrupted before it spoke',
    [init(), result({ terminal_reason: 'aborted_streaming', result: '' })],
    0,
    { reason: 'interrupted' },
  ],
  [
    'no more room in its context',
    [init(), result({ stop_reason: 'model_context_window_exceeded', result: 'half' })],
    0,
    { reason: 'truncated', text: '' },
  ],
  [
    'errors that are objects',
    [
      init(),
      result({
        subtype: 'error_during_execution',
        is_error: true,
        result: undefined,
        errors: [{ message: 'Overloaded' }],
      }),
    ],
    1,
    { reason: 'rate_limit', error: 'Overloaded' },
  ],
  [
    'a limit of the plan',
    [
      init(),
      { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt: NOW_S + 3_000 } },
      apiError("You've hit your session limit · resets 3pm (UTC)", 'rate_limit'),
      failed("You've hit your session limit · resets 3pm (UTC)", 429),
    ],
    1,
    { reason: 'rate_limit', retryAt: NOW_S + 3_000 },
  ],
  [
    'more than the plan',
    [init(), failed("You're out of extra usage · resets 3pm (UTC)", null)],
    1,
    { reason: 'rate_limit' },
  ],
  ['a prompt that is too long', [init(), failed('Prompt is too long', 400)], 1, { reason: 'error', retryable: false }],
  ['a login that has expired', [init(), failed('Login expired · Please run /login', null)], 1, { reason: 'auth' }],
  ['no money', [init(), failed('Credit balance is too low', 400)], 1, { reason: 'error', retryable: false }],
  [
    'a name that nobody knows',
    [init(), failed('API Error: Unable to connect to API (ENOTFOUND)', null)],
    1,
    { reason: 'unreachable', retryable: true },
  ],
  ['a good result and a bad end', [init(), result()], 1, { reason: 'error', usage: [10, 7, 100, 5] }],
  ['a good result and a kill', [init(), result()], 'SIGKILL', { reason: 'interrupted' }],
  [
    'a result that is cut',
    [init(), '{"type":"result","is_error":false,"resu'],
    0,
    { reason: 'interrupted', sessionId: SESSION },
  ],
  [
    'nothing used',
    [
      init(),
      result({
        usage: { input_tokens: 0, output_tokens: 0 },
        total_cost_usd: 0,
        modelUsage: {},
        model_usage_since_last_result: {},
      }),
    ],
    0,
    { ok: true, costUsd: 0 },
  ],
];

checkRuns('claude', CLAUDE);
