/**
 * cursor-agent. Its stream ends in a `result` event, and a failure in none: then stderr says why. It reports no cost, and its
 * models are priced by subscription, so a run counts by the estimate. Written from its documentation; it was not run here.
 */
import { ARGV_BRIEF } from './argv-brief.js';
import { RESULT_EVENTS } from './grammars/result-events.js';
import { resultTeller } from './grammars/result-told.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';

const PRINT = 'cursor-agent -p --trust --output-format stream-json';

export const cursorAgent: Runner = {
  name: 'cursor-agent',
  about: 'Cursor CLI',
  install: 'see https://cursor.com/cli',
  program: { name: 'cursor-agent', version: ['--version'] },
  isEmbedded: false,
  // In "ask" mode it has tools that read and none that write.
  tick: `${PRINT} --mode ask`,
  worker: `cursor-agent --force -- "${ARGV_BRIEF}"`,
  step: `${PRINT} --force`,
  review: `${PRINT} --mode ask`,
  resume: `cursor-agent --force --resume {{session}} -- "${ARGV_BRIEF}"`,
  providerEnv: ['CURSOR_API_KEY', 'CURSOR_CONFIG_DIR'],
  defaults: {},
  events: { isAskedBy: /\s--output-format[\s=]stream-json(?:\s|$)/, teller: resultTeller },
  reader: (options) => streamReader(RESULT_EVENTS, options),
};
