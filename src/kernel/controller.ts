import type { Instant } from '../model/instant.js';
import type { Outcome } from '../model/outcome.js';

/** One reconcile contract for everything that keeps files true. Level-triggered: safe at any moment, any number of times. */
export interface Controller<Key extends string = string> {
  readonly name: string;
  /** Which keys to look at again; never why. Ends when `signal` aborts. Yields every existing key at the start. */
  keys(signal: AbortSignal): AsyncIterable<Key>;
  /** Looks at files and makes them right. A throw means "unexpected: retry with backoff". */
  reconcile(key: Key, now: Instant): Promise<Outcome>;
}
