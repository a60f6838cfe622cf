/**
 * Streams that end in a `result` event (Claude Code, cursor-agent), also alone as one JSON object. One run may print several
 * `init` and `result` events: the last result counts, and a result after which the run went on is none. `subtype` says "success"
 * on API errors too; only `is_error` tells.
 */
import { isObject } from '../../lib/json.js';
import { at, type Event, numberAt, textAt } from '../event.js';
import type { Failure, Fold, Grammar, Said } from '../grammar.js';
import type { Reason, RunUsage } from '../result.js';
import { unixSecondsOf } from '../retry-at.js';
import type { ReaderOptions } from '../runner.js';
import { addTokens, tokens, tokensSince } from '../tokens.js';
import { amount } from '../usage.js';

export const RESULT_EVENTS: Grammar = {
  marks: ['result', 'init', 'is_api_error_message', 'isApiErrorMessage', 'rate_limit_event'],
  begin: (options) => new ResultFold(options),
};

class ResultFold implements Fold {
  readonly #options: ReaderOptions;
  readonly #seen = new Set<unknown>();
  #inits = 0;
  #results = 0;
  #last: Event | undefined;
  /** The main conversation went on after the last result. */
  #wentOn = false;
  #sessionId: string | undefined;
  /** Differences since the result before, summed; undefined when the CLI reports none. */
  #own: Spent | undefined;
  /** The code of the last API error that was told as a message. */
  #apiError: string | undefined;
  #resetsAt: number | undefined;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** After a result only the next line tells whether the run goes on. */
  isAttentive(): boolean {
    return this.#last !== undefined && !this.#wentOn;
  }

  take(event: Event): void {
    const type = event['type'];
    if (type === 'result') this.#result(event);
    else if (type === 'system' && event['subtype'] === 'init') this.#init(event);
    else if (type === 'assistant') this.#assistant(event);
    else if (type === 'rate_limit_event') {
      const info = event['rate_limit_info'];
      if (textAt(info, 'status') === 'rejected') {
        this.#resetsAt = unixSecondsOf(numberAt(info, 'resetsAt') ?? numberAt(info, 'resets_at'), this.#options.nowS);
      }
    }
  }

  #init(event: Event): void {
    this.#inits += 1;
    this.#sessionId = textAt(event, 'session_id') ?? this.#sessionId;
  }

  #assistant(event: Event): void {
    // A line of a subagent may come late and changes nothing.
    if (textAt(event, 'parent_tool_use_id') !== undefined) return;
    this.#wentOn = true;
    const isError = event['is_api_error_message'] === true || event['isApiErrorMessage'] === true;
    this.#apiError = isError ? (textAt(event, 'error') ?? 'unknown') : undefined;
  }

  #result(event: Event): void {
    this.#last = event;
    this.#results += 1;
    this.#wentOn = false;
    this.#sessionId = textAt(event, 'session_id') ?? this.#sessionId;
    const key = event['uuid'] ?? `#${this.#seen.size}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const since = event['model_usage_since_last_result'];
    if (!isObject(since)) return;
    const own = spentByModel(since);
    this.#own = this.#own
      ? { usage: addTokens(this.#own.usage, own.usage), costUsd: this.#own.costUsd + own.costUsd }
      : own;
  }

  said(): Said {
    const session = this.#sessionId === undefined ? {} : { sessionId: this.#sessionId };
    const last = this.#last;
    if (!last) return { usage: {}, ...session };
    const spent = { ...this.#spent(last), ...session };
    const failed = this.#failure(last);
    if (failed) return { ...spent, failed };
    if (this.#wentOn || this.#inits > this.#results) return spent;
    const whenBlank: Reason = hasItems(last['permission_denials']) ? 'denied' : 'empty';
    return { ...spent, done: { text: answerOf(last), whenBlank } };
  }

  #failure(last: Event): Failure | undefined {
    const subtype = textAt(last, 'subtype') ?? '';
    const ended = textAt(last, 'terminal_reason') ?? 'completed';
    const text = textAt(last, 'result') ?? '';
    const isAborted = /^aborted/.test(ended);
    if (last['is_error'] !== true && !subtype.startsWith('error')) {
      // What was said by then is no answer, whether there is any or none.
      if (isAborted) return { words: `ended by ${ended}`, reason: 'interrupted', isFinal: true };
      if (CUT_STOPS.has(last['stop_reason'])) {
        return { words: 'the answer was cut at the token limit', reason: 'truncated', isFinal: true };
      }
      // Its text says why and is no answer.
      if (last['stop_reason'] === 'refusal') {
        return { words: text || 'the model refused to answer', reason: 'error', retryable: false, isFinal: true };
      }
      // A hook that halted the run leaves no text as a rule; with one it is still not the model's own end.
      return ended === 'completed' || text.trim() === '' ? undefined : { words: `ended by ${ended}`, isFinal: true };
    }
    const words = text || errorWords(last['errors']) || subtype || 'no result';
    const status = numberAt(last, 'api_error_status');
    const common = { words, status, isFinal: true, retryAt: this.#resetsAt };
    if (isAborted) return { ...common, reason: 'interrupted', retryable: true };
    // Its own limits: the same call meets them again.
    if (/^error_max/.test(subtype)) return { ...common, reason: 'error', retryable: false };
    return { ...common, ...(this.#apiError === undefined ? {} : API_ERRORS[this.#apiError]) };
  }

  #spent(last: Event): { usage: RunUsage; costUsd?: number } {
    const cost = amount(last['total_cost_usd']);
    const counted = resultTokens(last['usage']);
    if (this.#own) {
      const isCounted = Object.keys(this.#own.usage).length > 0;
      return { usage: isCounted ? this.#own.usage : counted, costUsd: this.#own.costUsd };
    }
    // Cumulative over the session, subagents included; `usage` is the main conversation of this turn alone.
    const byModel = isObject(last['modelUsage']) ? spentByModel(last['modelUsage']).usage : {};
    const isCumulative = Object.keys(byModel).length > 0;
    const since = this.#options.since ?? {};
    return {
      usage: isCumulative ? tokensSince(byModel, since) : counted,
      ...(cost === undefined ? {} : { costUsd: Math.max(0, cost - (since.costUsd ?? 0)) }),
    };
  }
}

/** Held to a schema, the answer stands apart; `result` is then what was said beside it, or the same once more. */
const answerOf = (last: Event): string => {
  const structured = last['structured_output'];
  const isApart = isObject(structured) || Array.isArray(structured);
  return isApart ? JSON.stringify(structured) : (textAt(last, 'result') ?? '');
};

/** What the model stops with when there is no more room for its answer. */
const CUT_STOPS: ReadonlySet<unknown> = new Set(['max_tokens', 'model_context_window_exceeded']);

/** `errors` of a result: texts as a rule; of an object its message, or all of it. */
export const errorWords = (errors: unknown): string =>
  (Array.isArray(errors) ? errors : [])
    .map((one: unknown) => (typeof one === 'string' ? one : (textAt(one, 'message') ?? JSON.stringify(one))))
    .join('; ');

/** Codes of messages that tell an API error, where they say more than status and words. */
const API_ERRORS: Readonly<Record<string, Partial<Failure>>> = {
  max_output_tokens: { reason: 'truncated', retryable: false },
  authentication_failed: { reason: 'auth', retryable: false },
  rate_limit: { reason: 'rate_limit', retryable: true },
  overloaded: { reason: 'rate_limit', retryable: true },
  billing_error: { reason: 'error', retryable: false },
  invalid_request: { reason: 'error', retryable: false },
};

interface Spent {
  usage: RunUsage;
  costUsd: number;
}

/** `{model: {inputTokens, …, costUSD}}` summed over the models; no model at all is nothing spent. */
function spentByModel(models: Readonly<Record<string, unknown>>): Spent {
  return Object.values(models).reduce<Spent>(
    ({ usage, costUsd }, one) => ({
      usage: addTokens(
        usage,
        tokens(
          at(one, 'inputTokens'),
          at(one, 'outputTokens'),
          at(one, 'cacheReadInputTokens'),
          at(one, 'cacheCreationInputTokens'),
        ),
      ),
      costUsd: costUsd + (amount(at(one, 'costUSD')) ?? 0),
    }),
    { usage: {}, costUsd: 0 },
  );
}

/** `usage` of a result, in the names of the Messages API or of cursor-agent. */
export function resultTokens(usage: unknown): RunUsage {
  const first = (...names: string[]): unknown =>
    names.map((name) => at(usage, name)).find((value) => value !== undefined);
  return tokens(
    first('input_tokens', 'inputTokens'),
    first('output_tokens', 'outputTokens'),
    first('cache_read_input_tokens', 'cacheReadTokens'),
    first('cache_creation_input_tokens', 'cacheWriteTokens'),
  );
}

const hasItems = (value: unknown): boolean => Array.isArray(value) && value.length > 0;
