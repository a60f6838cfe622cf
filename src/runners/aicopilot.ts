/** aicopilot, which is called like opencode and prints its stream. What is known of it is how others call it; it was not run here. */
import { STEP_EVENTS } from './grammars/step-events.js';
import { stepTeller } from './grammars/step-told.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';

const RUN = 'aicopilot run --format json';
const READ_ONLY = `AICOPILOT_PERMISSION='{"edit":"deny","bash":"deny","webfetch":"deny"}' ${RUN} --pure`;

export const aicopilot: Runner = {
  name: 'aicopilot',
  about: 'aicopilot',
  program: { name: 'aicopilot', version: ['--version'] },
  isEmbedded: false,
  tick: READ_ONLY,
  worker: `${RUN} < {{prompt_file}}`,
  step: RUN,
  review: READ_ONLY,
  providerEnv: ['AICOPILOT_CONFIG_DIR', 'ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY'],
  defaults: {},
  events: { isAskedBy: /\s--format[\s=]json(?:\s|$)/, teller: stepTeller },
  reader: (options) => streamReader(STEP_EVENTS, options),
};
