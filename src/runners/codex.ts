/**
 * Codex CLI. The sandbox of a decision is read-only. `unbounded_connection_retries` would wait for ever while the endpoint is
 * down, analytics would hold the exit for five seconds. The model is the one of codex's own config; it reports no cost.
 * MCP servers of that config would start outside of the sandbox, and `-c mcp_servers={}` takes none away, so each is switched off
 * by its name. A decision whose servers cannot be listed is refused by codex itself, for a flag that it does not know.
 */
import { turnEvents } from './grammars/turn-events.js';
import { turnTeller } from './grammars/turn-told.js';
import { serverWords } from './mcp-words.js';
import { OPENAI_PRICES } from './openai-prices.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';
import { strictSchema } from './strict-schema.js';
import { userDir } from './user-dirs.js';

const QUIET = '-c analytics.enabled=false --disable unbounded_connection_retries';
const FLAGS = `--json --skip-git-repo-check ${QUIET}`;
/**
 * As codex lists them itself, from all layers of its config (a quarter of a second). It starts no server with other characters in
 * its name, and the names inside of a server's own settings stand further right.
 */
const NO_MCP =
  `$(codex mcp list --json </dev/null | sed -n 's/^    "name": "\\([A-Za-z0-9_-]*\\)",$/-c mcp_servers.\\1.enabled=false/p'; ` +
  '[ "$PIPESTATUS" = 0 ] || echo --mcp-servers-cannot-be-listed)';
/** The sandbox holds commands. */
const READ_ONLY = `--sandbox read-only --disable plugins ${NO_MCP}`;

const GRAMMAR = turnEvents(OPENAI_PRICES);

export const codex: Runner = {
  name: 'codex',
  about: 'Codex CLI',
  install: 'npm install -g @openai/codex',
  program: { name: 'codex', version: ['--version'] },
  isEmbedded: false,
  skillsDir: (env) => userDir(env, 'CODEX_HOME', ['.codex', 'skills']),
  mcpSetup: (server) => `codex mcp add ${server.name} ${serverWords(server, '--env')}`,
  tick: `codex exec ${FLAGS} --ephemeral ${READ_ONLY} {{answer_schema}} -`,
  // Headless: it ends with its turn and its events say how; the interactive screen never ends, and no hook tells its turns.
  worker: `codex exec ${FLAGS} --dangerously-bypass-approvals-and-sandbox - <{{prompt_file}}`,
  step: `codex exec ${FLAGS} --dangerously-bypass-approvals-and-sandbox -`,
  review: `codex exec ${FLAGS} ${READ_ONLY} -`,
  resume: `codex exec resume ${FLAGS} --dangerously-bypass-approvals-and-sandbox {{session}} - <{{prompt_file}}`,
  providerEnv: ['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'CODEX_API_KEY', 'CODEX_HOME'],
  // At TERM its tools live on.
  stop: ['SIGINT', 'SIGTERM'],
  prices: OPENAI_PRICES,
  defaults: {},
  // Measured with 0.169.0, calls of the model for one decision: 1, with a schema and without; the provider holds the model to it.
  answer: { words: '--output-schema {{schema_file}}', byDefault: true, shape: strictSchema },
  events: { isAskedBy: /\s--json(?:\s|$)/, teller: turnTeller },
  reader: (options) => streamReader(GRAMMAR, options),
};
