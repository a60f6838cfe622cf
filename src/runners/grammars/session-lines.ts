/**
 * The file that Claude Code keeps of a session, line by line. A message of the API stands in as many lines as it has blocks, each with what
 * was known of its usage by then: it is counted once, by its largest numbers. The file is that of the whole session, resumed runs included.
 */
import type { Prices } from '../../model/config.js';
import { at, type Event, numberAt, textAt } from '../event.js';
import type { Fold, Grammar, Said } from '../grammar.js';
import { priced } from '../prices.js';
import type { RunUsage } from '../result.js';
import type { ReaderOptions } from '../runner.js';
import { addTokens, tokens, tokensSince } from '../tokens.js';

/** `table`: what the tokens cost, since the file does not say; a model that has no row counts as the row that its name contains. */
export const sessionLines = (table: Prices): Grammar => ({
  marks: ['assistant'],
  begin: (options) => new SessionFold(table, options),
});

/** Lines of one message stand together, but for those of agents beside each other: nobody has as many at work. */
const RECENT_MESSAGES = 1_000;
/** What is kept in a cache for an hour costs twice the input, what is kept for five minutes one and a quarter. */
const HOUR_TO_MINUTES = 2 / 1.25;

interface Message {
  usage: RunUsage;
  /** Tokens of `cache_write_tokens` that are kept for an hour. */
  hourly: number;
  model: string | undefined;
}

interface Sum {
  usage: RunUsage;
  /** Undefined: a message is in it whose price is not known. */
  costUsd: number | undefined;
}

class SessionFold implements Fold {
  readonly #table: Prices;
  readonly #options: ReaderOptions;
  #sessionId: string | undefined;
  readonly #recent = new Map<string, Message>();
  /** Of the messages that are no longer among the recent ones. */
  #settled: Sum = { usage: {}, costUsd: 0 };
  #hasMessages = false;

  constructor(table: Prices, options: ReaderOptions) {
    this.#table = table;
    this.#options = options;
  }

  take(event: Event): void {
    this.#sessionId = textAt(event, 'sessionId') ?? this.#sessionId;
    if (event['type'] !== 'assistant') return;
    const message = at(event, 'message');
    const usage = at(message, 'usage');
    const counted = tokens(
      at(usage, 'input_tokens'),
      at(usage, 'output_tokens'),
      at(usage, 'cache_read_input_tokens'),
      at(usage, 'cache_creation_input_tokens'),
    );
    if (Object.keys(counted).length === 0) return;
    this.#hasMessages = true;
    const key = textAt(message, 'id') ?? textAt(event, 'uuid') ?? `#${this.#recent.size}`;
    const known = this.#recent.get(key);
    this.#recent.set(key, {
      usage: known ? largest(known.usage, counted) : counted,
      hourly: Math.max(known?.hourly ?? 0, numberAt(usage, 'cache_creation', 'ephemeral_1h_input_tokens') ?? 0),
      model: textAt(message, 'model') ?? known?.model,
    });
    if (this.#recent.size > RECENT_MESSAGES) this.#settleOldest();
  }

  #settleOldest(): void {
    for (const [key, message] of this.#recent) {
      this.#settled = this.#plus(this.#settled, message);
      this.#recent.delete(key);
      return;
    }
  }

  #plus(sum: Sum, message: Message): Sum {
    const cost = this.#costOf(message);
    return {
      usage: addTokens(sum.usage, message.usage),
      costUsd: sum.costUsd === undefined || cost === undefined ? undefined : sum.costUsd + cost,
    };
  }

  #costOf({ usage, hourly, model }: Message): number | undefined {
    if (Object.values(usage).every((count) => count === 0)) return 0;
    const written = usage.cache_write_tokens ?? 0;
    const billed = { ...usage, cache_write_tokens: written + Math.min(hourly, written) * (HOUR_TO_MINUTES - 1) };
    const row = Object.keys(this.#table).find((name) => model?.includes(name));
    const table =
      model !== undefined && row !== undefined ? { [model]: this.#table[row]!, ...this.#table } : this.#table;
    const { prices } = this.#options;
    return priced(billed, { table, ...(model === undefined ? {} : { model }), ...(prices ? { own: prices } : {}) });
  }

  said(): Said {
    const { since = {} } = this.#options;
    const session = this.#sessionId === undefined ? {} : { sessionId: this.#sessionId };
    if (!this.#hasMessages) return { usage: {}, ...session };
    const all = [...this.#recent.values()].reduce((sum, message) => this.#plus(sum, message), this.#settled);
    return {
      usage: tokensSince(all.usage, since),
      ...(all.costUsd === undefined ? {} : { costUsd: Math.max(0, all.costUsd - (since.costUsd ?? 0)) }),
      ...session,
    };
  }
}

function largest(a: RunUsage, b: RunUsage): RunUsage {
  const most = { ...a };
  for (const field of Object.keys(b) as (keyof RunUsage)[]) most[field] = Math.max(a[field] ?? 0, b[field] ?? 0);
  return most;
}
