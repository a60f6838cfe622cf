/**
 * opencode. Its prompt comes on stdin because it alters argv. Its exit code is 0 when a permission was rejected or the answer
 * was cut, and there is no event that ends a run: the last `step_finish` tells.
 */
import { STEP_EVENTS } from './grammars/step-events.js';
import { stepTeller } from './grammars/step-told.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';
import { userDir } from './user-dirs.js';

/** Everything that is not named is denied: tools of plugins and MCP servers as well. */
const READ_ONLY = `OPENCODE_PERMISSION='{"*":"deny","read":"allow","grep":"allow","glob":"allow","list":"allow"}'`;

/** A blocked `tend ask` waits for a human, days perhaps; opencode ends a command after two minutes unless told otherwise. */
const PATIENCE_MS = 2_000_000_000;
const WORK = `OPENCODE_EXPERIMENTAL_BASH_DEFAULT_TIMEOUT_MS=${PATIENCE_MS} opencode run --format json --auto`;

export const opencode: Runner = {
  name: 'opencode',
  about: 'opencode',
  install: 'npm install -g opencode-ai',
  program: { name: 'opencode', version: ['--version'] },
  isEmbedded: false,
  skillsDir: (env) => userDir(env, 'XDG_CONFIG_HOME', ['.config', 'opencode/skills']),
  mcpSetup: ({ name, command, env }) => {
    const server = { type: 'local', command, ...(Object.keys(env).length > 0 ? { environment: env } : {}) };
    return `in ~/.config/opencode/opencode.json: ${JSON.stringify({ mcp: { [name]: server } })}`;
  },
  tick: `${READ_ONLY} opencode run --format json`,
  // Headless: it ends with its turn and its events say how. `--auto`: what would ask nobody is allowed instead of ending the run.
  worker: `${WORK} <{{prompt_file}}`,
  resume: `${WORK} -s {{session}} <{{prompt_file}}`,
  // Without --auto an outside path ends the run with exit 0.
  step: 'opencode run --format json --auto',
  review: `${READ_ONLY} opencode run --format json`,
  env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' },
  providerEnv: ['OPENCODE_CONFIG', 'OPENCODE_CONFIG_DIR', 'OPENCODE_CONFIG_CONTENT', 'OPENCODE_API_KEY'],
  anyProvider: true,
  defaults: {},
  events: { isAskedBy: /\s--format[\s=]json(?:\s|$)/, teller: stepTeller },
  reader: (options) => streamReader(STEP_EVENTS, options),
};
