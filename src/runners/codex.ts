/**
 * Codex CLI. The sandbox of a decision is read-only and no MCP server is started for it. `unbounded_connection_retries` would wait for ever while the endpoint is
 * down, analytics would hold the exit for five seconds. The model is the one of codex's own config; it reports no cost.
 */
import { turnEvents } from './grammars/turn-events.js';
import { OPENAI_PRICES } from './openai-prices.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';

const QUIET = '-c analytics.enabled=false --disable unbounded_connection_retries';
const FLAGS = `--json --skip-git-repo-check ${QUIET}`;

const GRAMMAR = turnEvents(OPENAI_PRICES);

export const codex: Runner = {
  name: 'codex',
  about: 'Codex CLI',
  install: 'npm install -g @openai/codex',
  program: { name: 'codex', version: ['--version'] },
  isEmbedded: false,
  tick:
    'codex exec --json --skip-git-repo-check --sandbox read-only --ephemeral -c analytics.enabled=false -c mcp_servers={} ' +
    '--disable unbounded_connection_retries --disable plugins -',
  // Headless: it ends with its turn and its events say how; the interactive screen never ends, and no hook tells its turns.
  worker:
    'codex exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox -c analytics.enabled=false ' +
    '--disable unbounded_connection_retries - <{{prompt_file}}',
  step: `codex exec ${FLAGS} --dangerously-bypass-approvals-and-sandbox -`,
  review: `codex exec ${FLAGS} --sandbox read-only -`,
  resume: `codex exec resume ${FLAGS} --dangerously-bypass-approvals-and-sandbox {{session}} -`,
  schema: '--output-schema {{schema_file}}',
  providerEnv: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'CODEX_API_KEY', 'CODEX_HOME'],
  // At TERM its tools live on.
  stop: ['SIGINT', 'SIGTERM', 'SIGKILL'],
  prices: OPENAI_PRICES,
  defaults: {},
  reader: (options) => streamReader(GRAMMAR, options),
};
