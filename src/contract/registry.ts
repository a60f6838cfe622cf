import type { Verb } from './verb.js';

/**
 * Every verb of the contract by its words. A new verb is one file in verbs/ and one line here; parser, help, man text,
 * completion and the reference in README are made from what the files say. Values load lazily: a verb pays for itself alone.
 */
export const VERBS: Readonly<Record<string, () => Promise<{ verb: Verb }>>> = {
  __complete: () => import('./verbs/complete.js'),
  answer: () => import('./verbs/answer.js'),
  ask: () => import('./verbs/ask.js'),
  'ask close': () => import('./verbs/ask-close.js'),
  'ask reassign': () => import('./verbs/ask-reassign.js'),
  'ask show': () => import('./verbs/ask-show.js'),
  asks: () => import('./verbs/asks.js'),
  down: () => import('./verbs/down.js'),
  init: () => import('./verbs/init.js'),
  pulse: () => import('./verbs/pulse.js'),
  status: () => import('./verbs/status.js'),
  up: () => import('./verbs/up.js'),
  state: () => import('./verbs/state.js'),
  wait: () => import('./verbs/wait.js'),
};
