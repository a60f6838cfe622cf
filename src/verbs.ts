/**
 * Every verb of the program: those of the contract, and those that open a client. A verb that a client brings is one file in
 * that client's folder and one line here; help, completion and the reference are made from both.
 */
import { VERBS as CONTRACT } from './contract/registry.js';
import type { Verb } from './contract/verb.js';

export const VERBS: Readonly<Record<string, () => Promise<{ verb: Verb }>>> = {
  ...CONTRACT,
  client: () => import('./clients/tui/verb.js'),
  mcp: () => import('./clients/mcp/verb.js'),
  notify: () => import('./clients/notify/verb.js'),
  'notify test': () => import('./clients/notify/test-verb.js'),
  watch: () => import('./clients/watch/verb.js'),
};
