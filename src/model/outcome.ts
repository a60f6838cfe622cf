import type { Instant } from './instant.js';

/** What a reconcile says about its key. A throw means "unexpected: retry with backoff". */
export type Outcome =
  | { state: 'settled'; why?: string }
  | { state: 'later'; at: Instant; why: string }
  | { state: 'waiting'; on: string; recheckAt?: Instant }
  | { state: 'stalled'; until: string };

export const settled = (why?: string): Outcome =>
  why === undefined ? { state: 'settled' } : { state: 'settled', why };
export const later = (at: Instant, why: string): Outcome => ({ state: 'later', at, why });
/** Another process or a human will change a file; `recheckAt` looks again even if that event is lost. */
export const waiting = (on: string, recheckAt?: Instant): Outcome =>
  recheckAt === undefined ? { state: 'waiting', on } : { state: 'waiting', on, recheckAt };
/** Retrying cannot help until a file is edited. */
export const stalled = (until: string): Outcome => ({ state: 'stalled', until });
