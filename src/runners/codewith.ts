/** codewith, which is called like codex and prints its stream. What is known of it is how others call it; it was not run here. */
import { turnEvents } from './grammars/turn-events.js';
import { turnTeller } from './grammars/turn-told.js';
import { OPENAI_PRICES } from './openai-prices.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';

const EXEC = 'codewith --ask-for-approval never exec --json --skip-git-repo-check';
const GRAMMAR = turnEvents(OPENAI_PRICES);

export const codewith: Runner = {
  name: 'codewith',
  about: 'codewith',
  program: { name: 'codewith', version: ['--version'] },
  isEmbedded: false,
  tick: `${EXEC} --ephemeral --sandbox read-only`,
  worker: `${EXEC} --sandbox workspace-write < {{prompt_file}}`,
  step: `${EXEC} --sandbox workspace-write`,
  review: `${EXEC} --ephemeral --sandbox read-only`,
  providerEnv: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'CODEWITH_HOME'],
  stop: ['SIGINT', 'SIGTERM'],
  prices: OPENAI_PRICES,
  defaults: {},
  events: { isAskedBy: /\s--json(?:\s|$)/, teller: turnTeller },
  reader: (options) => streamReader(GRAMMAR, options),
};
