/** No model at all: the rules in goals decide, so tend works on a machine without an agent CLI. */
import type { Runner } from './runner.js';

export const embedded: Runner = {
  name: 'embedded',
  isEmbedded: true,
  defaults: {},
  finalMessage: () => ({ state: 'failed', reason: 'the embedded runner has no model' }),
  usage: () => ({}),
};
