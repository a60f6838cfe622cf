/** No model at all: the rules in goals decide, so tend works on a machine without an agent CLI. */
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';

export const embedded: Runner = {
  name: 'embedded',
  about: 'no model: the rules of your goals decide',
  isEmbedded: true,
  defaults: {},
  // It never runs a program; whoever feeds it a stream is told of its text as of anybody's.
  reader: (options) => streamReader(undefined, options),
};
