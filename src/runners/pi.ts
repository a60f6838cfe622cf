/**
 * pi. In JSON mode it exits with 0 on every model error: the `stopReason` of the last assistant message tells. `-ne` because a
 * decision needs no extensions.
 */
import { MESSAGE_EVENTS } from './grammars/message-events.js';
import { messageTeller } from './grammars/message-told.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';
import { userDir } from './user-dirs.js';

const MODEL = '--model {{model}} --thinking {{thinking}}';

export const pi: Runner = {
  name: 'pi',
  about: 'pi',
  install: 'npm install -g @earendil-works/pi-coding-agent',
  program: { name: 'pi', version: ['--version'] },
  isEmbedded: false,
  skillsDir: (env) => userDir(env, 'PI_CODING_AGENT_DIR', ['.pi/agent', 'skills']),
  tick: 'pi -p --mode json -ne --no-session --tools read,grep,find,ls --model {{model}} --thinking {{thinking}}',
  // Headless: it ends with its turn and its events say how.
  worker: `pi -p --mode json ${MODEL} <{{prompt_file}}`,
  resume: `pi -p --mode json --session-id {{session}} ${MODEL} <{{prompt_file}}`,
  step: `pi -p --mode json -ne ${MODEL}`,
  review: `pi -p --mode json -ne --no-session --tools read,grep,find,ls ${MODEL}`,
  env: { PI_TELEMETRY: '0', PI_SKIP_VERSION_CHECK: '1' },
  providerEnv: ['PI_CODING_AGENT_DIR'],
  anyProvider: true,
  defaults: {
    model: 'claude-sonnet-4-5',
    thinking: 'low',
    workerModel: 'claude-opus-4-5',
    workerThinking: 'medium',
  },
  events: { isAskedBy: /\s--mode[\s=]json(?:\s|$)/, teller: messageTeller },
  reader: (options) => streamReader(MESSAGE_EVENTS, options),
};
