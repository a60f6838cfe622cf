/**
 * Streams of steps with no event that ends a run (opencode and its kin). It has ended well when the last step finished with
 * "stop" and there was no `error`. The exit code is 0 also when a permission was rejected or the answer was cut.
 */
import { at, type Event, numberAt, textAt } from '../event.js';
import type { Failure, Fold, Grammar, Said } from '../grammar.js';
import type { Reason, RunUsage } from '../result.js';
import { retryAfter } from '../retry-at.js';
import type { ReaderOptions } from '../runner.js';
import { addTokens, tokens } from '../tokens.js';
import { amount } from '../usage.js';

export const STEP_EVENTS: Grammar = {
  // A tool that was refused has the status "error"; other tool events say nothing that counts.
  marks: ['step_start', 'step_finish', 'text', 'error'],
  begin: (options) => new StepFold(options),
};

class StepFold implements Fold {
  readonly #options: ReaderOptions;
  #sessionId: string | undefined;
  #message: string | undefined;
  /** Text parts of the message under way; a part may be told again when it has grown. */
  #parts = new Map<string, string>();
  /** Why the last step finished; undefined while one is under way. */
  #reason: string | undefined;
  #wasDenied = false;
  #failed: Failure | undefined;
  #usage: RunUsage = {};
  #cost: number | undefined;
  readonly #counted = new Set<string>();

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  take(event: Event): void {
    this.#sessionId = textAt(event, 'sessionID') ?? this.#sessionId;
    const part = event['part'];
    if (event['type'] === 'step_start') {
      // Several steps may share a message; what was said before this one was said on the way to a tool.
      this.#parts = new Map();
      this.#message = textAt(part, 'messageID');
      this.#reason = undefined;
      this.#wasDenied = false;
    } else if (event['type'] === 'text') this.#text(part);
    else if (event['type'] === 'step_finish') this.#finish(part);
    else if (event['type'] === 'tool_use') this.#tool(part);
    else if (event['type'] === 'error') this.#fail(event['error']);
  }

  /** What was said before the last message was said on the way to a tool, and is no answer. */
  #enter(message: string | undefined): void {
    if (message !== this.#message) this.#parts = new Map();
    this.#message = message;
  }

  #text(part: unknown): void {
    this.#enter(textAt(part, 'messageID'));
    this.#parts.set(textAt(part, 'id') ?? `#${this.#parts.size}`, textAt(part, 'text') ?? '');
  }

  #finish(part: unknown): void {
    this.#enter(textAt(part, 'messageID') ?? this.#message);
    this.#reason = textAt(part, 'reason') ?? 'nothing';
    const id = textAt(part, 'id');
    if (id !== undefined && this.#counted.has(id)) return;
    if (id !== undefined) this.#counted.add(id);
    this.#usage = addTokens(this.#usage, stepTokens(at(part, 'tokens')));
    const cost = amount(at(part, 'cost'));
    if (cost !== undefined) this.#cost = (this.#cost ?? 0) + cost;
  }

  #tool(part: unknown): void {
    if (textAt(part, 'state', 'status') !== 'error') return;
    // Of tools that were called together one refused is enough to end the run; the others are told as aborted.
    this.#wasDenied ||= /reject|permission|denied|not allowed|prevents you/i.test(textAt(part, 'state', 'error') ?? '');
  }

  #fail(error: unknown): void {
    const data = at(error, 'data');
    const status = numberAt(data, 'statusCode');
    const name = textAt(error, 'name');
    const words = textAt(data, 'message') || name || 'an error without words';
    const isRetryable = at(data, 'isRetryable');
    const said = status !== undefined && typeof isRetryable === 'boolean' ? isRetryable : undefined;
    const headers = at(data, 'responseHeaders');
    this.#failed = {
      words: this.#clearer(words, textAt(data, 'responseBody')),
      status,
      isFinal: true,
      reason: reasonOfName(name),
      // The same prompt is too long again.
      retryable: /contextoverflow/i.test(name ?? '') ? false : said,
      retryAt: retryAfter(at(headers, 'retry-after'), this.#options.nowS),
    };
  }

  /** The body of the answer says more where it names a limit or a reset; its message is in `words` already. */
  #clearer(words: string, body: string | undefined): string {
    return body && /reset|retry|limit/i.test(body) && body.length < 4_000 ? `${words} ${body}` : words;
  }

  said(): Said {
    const text = [...this.#parts.values()].join('');
    const failed = this.#failed ?? this.#unfinished();
    return {
      usage: this.#usage,
      ...(this.#cost === undefined ? {} : { costUsd: this.#cost }),
      ...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }),
      ...(failed ? { failed } : {}),
      ...(this.#reason === 'stop' ? { done: { text, whenBlank: this.#wasDenied ? 'denied' : 'empty' } } : {}),
      ...(this.#wasDenied ? { whenCut: 'denied' } : this.#reason === 'tool-calls' ? { whenCut: 'empty' } : {}),
    };
  }

  /** A last step that ended otherwise than well, and not at a tool either. */
  #unfinished(): Failure | undefined {
    const reason = this.#reason;
    if (reason === undefined || reason === 'stop' || reason === 'tool-calls') return undefined;
    const words = `the last step ended with "${reason}" instead of "stop"`;
    return { words, reason: reason === 'length' ? 'truncated' : undefined, isFinal: true };
  }
}

/** What the name of an error says outright, whatever its words are. */
function reasonOfName(name = ''): Reason | undefined {
  if (/output ?length/i.test(name)) return 'truncated';
  if (/abort/i.test(name)) return 'interrupted';
  return /providerauth|apikey/i.test(name) ? 'auth' : undefined;
}

/** Output and reasoning stand apart or together, by version: their `total` tells. */
export function stepTokens(counts: unknown): RunUsage {
  const n = (...path: string[]): number => numberAt(counts, ...path) ?? 0;
  const [read, written] = [n('cache', 'read'), n('cache', 'write')];
  const isApart = n('total') >= n('input') + n('output') + n('reasoning') + read + written;
  const output = numberAt(counts, 'output');
  return tokens(
    at(counts, 'input'),
    output === undefined ? undefined : output + (isApart ? n('reasoning') : 0),
    at(counts, 'cache', 'read'),
    at(counts, 'cache', 'write'),
  );
}
