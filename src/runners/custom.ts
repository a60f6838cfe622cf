/** Any command of the user's own: stdout is the message, so `echo '{"action":"noop"}'` is a runner. */
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';

export const custom: Runner = {
  name: 'custom',
  about: 'any program: a prompt goes in, one JSON move comes out',
  isEmbedded: false,
  defaults: {},
  reader: (options) => streamReader(undefined, options),
};
