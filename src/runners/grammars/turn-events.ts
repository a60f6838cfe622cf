/**
 * Streams of turns within a thread (Codex CLI and its kin): `turn.completed` or `turn.failed` ends one. `error` events are
 * notices of retries until the last of them; an item of type `error` is a warning. Token counts are sums over the whole thread,
 * resumed turns included, and there is no cost in the stream.
 */
import type { Prices } from '../../model/config.js';
import { at, type Event, numberAt, textAt } from '../event.js';
import type { Failure, Fold, Grammar, Said } from '../grammar.js';
import { priced } from '../prices.js';
import type { RunUsage } from '../result.js';
import type { ReaderOptions } from '../runner.js';
import { tokens, tokensSince } from '../tokens.js';

/** `table`: what the tokens of this CLI cost, since it does not say. */
export const turnEvents = (table: Prices): Grammar => ({
  marks: ['thread.started', 'turn.started', 'turn.completed', 'turn.failed', 'agent_message', 'error'],
  begin: (options) => new TurnFold(table, options),
});

class TurnFold implements Fold {
  readonly #table: Prices;
  readonly #options: ReaderOptions;
  #sessionId: string | undefined;
  #text: string | undefined;
  #end: 'completed' | undefined;
  #failed: Failure | undefined;
  /** `usage` of the last completed turn. */
  #counted: unknown;

  constructor(table: Prices, options: ReaderOptions) {
    this.#table = table;
    this.#options = options;
  }

  /** While a notice of trouble is the last word, any event at all may be the sign that it is over; after an end, that it was none. */
  isAttentive(): boolean {
    return this.#failed?.isFinal === false || this.#end !== undefined;
  }

  take(event: Event): void {
    const type = String(event['type']);
    if (type === 'error') this.#notice(textAt(event, 'message') ?? 'an error without words');
    else if (type === 'turn.failed') this.#fail(textAt(event, 'error', 'message'));
    else if (type === 'turn.completed') this.#complete(event['usage']);
    else if (type === 'thread.started') this.#sessionId = textAt(event, 'thread_id') ?? this.#sessionId;
    else if (type === 'turn.started') this.#begin();
    else if (type.startsWith('item.')) this.#item(type, event['item']);
  }

  #begin(): void {
    this.#text = undefined;
    this.#end = undefined;
    this.#failed = undefined;
  }

  #item(type: string, item: unknown): void {
    if (at(item, 'type') === 'error') return;
    // The turn went on after its end: that was none.
    this.#end = undefined;
    if (this.#failed?.isFinal === false) this.#failed = undefined;
    if (type === 'item.completed' && at(item, 'type') === 'agent_message') this.#text = textAt(item, 'text') ?? '';
  }

  #notice(words: string): void {
    // The real one comes last, and `turn.failed` says it again.
    if (this.#failed?.isFinal !== true) this.#failed = { words, isFinal: false };
  }

  #fail(words: string | undefined): void {
    this.#end = undefined;
    this.#failed = { words: words ?? this.#failed?.words ?? 'the turn failed', isFinal: true };
  }

  #complete(usage: unknown): void {
    this.#failed = undefined;
    this.#end = 'completed';
    this.#counted = usage;
  }

  said(): Said {
    const { since = {}, model, prices } = this.#options;
    const usage = tokensSince(turnTokens(this.#counted), since);
    const costUsd = priced(usage, {
      table: this.#table,
      ...(model ? { model } : {}),
      ...(prices ? { own: prices } : {}),
    });
    return {
      usage,
      ...(costUsd === undefined ? {} : { costUsd }),
      ...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }),
      ...(this.#failed ? { failed: this.#failed } : {}),
      ...(this.#end ? { done: { text: this.#text ?? '' } } : {}),
    };
  }
}

/** Their input includes what came from a cache or went into one. */
export function turnTokens(usage: unknown): RunUsage {
  const [input, cached] = [numberAt(usage, 'input_tokens'), numberAt(usage, 'cached_input_tokens')];
  const written = numberAt(usage, 'cache_write_input_tokens');
  const fresh = input === undefined ? undefined : Math.max(0, input - (cached ?? 0) - (written ?? 0));
  return tokens(fresh, at(usage, 'output_tokens'), cached, written);
}
