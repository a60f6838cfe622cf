/**
 * Codex CLI. The sandbox of a decision is read-only. `unbounded_connection_retries` would wait for ever while the endpoint is
 * down, analytics would hold the exit for five seconds. The model is the one of codex's own config; it reports no cost.
 */
import { turnEvents } from './grammars/turn-events.js';
import { OPENAI_PRICES } from './openai-prices.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';

const QUIET = '-c analytics.enabled=false --disable unbounded_connection_retries';
const FLAGS = `--json --skip-git-repo-check ${QUIET}`;
/** It holds commands. MCP servers of the user's own config start all the same and run outside of it: no flag takes them away alone. */
const READ_ONLY = '--sandbox read-only --disable plugins';

const GRAMMAR = turnEvents(OPENAI_PRICES);

export const codex: Runner = {
  name: 'codex',
  about: 'Codex CLI',
  install: 'npm install -g @openai/codex',
  program: { name: 'codex', version: ['--version'] },
  isEmbedded: false,
  tick: `codex exec ${FLAGS} --ephemeral ${READ_ONLY} -`,
  // Headless: it ends with its turn and its events say how; the interactive screen never ends, and no hook tells its turns.
  worker: `codex exec ${FLAGS} --dangerously-bypass-approvals-and-sandbox - <{{prompt_file}}`,
  step: `codex exec ${FLAGS} --dangerously-bypass-approvals-and-sandbox -`,
  review: `codex exec ${FLAGS} ${READ_ONLY} -`,
  resume: `codex exec resume ${FLAGS} --dangerously-bypass-approvals-and-sandbox {{session}} -`,
  schema: '--output-schema {{schema_file}}',
  providerEnv: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'CODEX_API_KEY', 'CODEX_HOME'],
  // At TERM its tools live on.
  stop: ['SIGINT', 'SIGTERM', 'SIGKILL'],
  prices: OPENAI_PRICES,
  defaults: {},
  reader: (options) => streamReader(GRAMMAR, options),
};
