/** Any command of the user's own: stdout is the message, so `echo '{"action":"noop"}'` is a runner. */
import type { Runner } from './runner.js';

export const custom: Runner = {
  name: 'custom',
  isEmbedded: false,
  defaults: {},
  finalMessage: (stdout) => ({ state: 'text', text: stdout }),
  usage: () => ({}),
};
