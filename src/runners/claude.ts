/**
 * Claude Code. A decision gets read-only tools alone and no MCP server, so that a clipped file can be read and nothing can be done.
 * A worker is the interactive screen, which takes its prompt in argv only. The screen never ends by itself, so a Stop hook ends it when
 * the turn is over, and that end is a success. It reports no usage either: a hook at its start names the file that it keeps of the
 * session, and that is read.
 */
import { ARGV_BRIEF } from './argv-brief.js';
import { CLAUDE_PRICES } from './claude-prices.js';
import { RESULT_EVENTS } from './grammars/result-events.js';
import { resultTeller } from './grammars/result-told.js';
import { sessionLines } from './grammars/session-lines.js';
import { serverWords } from './mcp-words.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';
import { userDir } from './user-dirs.js';

const SESSION_LINES = sessionLines(CLAUDE_PRICES);

const HEADLESS = 'claude -p --output-format stream-json --verbose';
/** Tools of MCP servers are not among those that `--tools` names. */
const READ_ONLY = '--strict-mcp-config --tools Read,Grep,Glob';

const hook = (command: string) => [{ hooks: [{ type: 'command', command }] }];
/**
 * `$PPID` of a hook is claude. What claude tells the hooks stays beside the brief: of the second it proves that the turn came to its end. A
 * helper of claude goes on when the turn is over, and its end is another turn: until then nothing is ended (2.1.329 names helpers in
 * `background_tasks`). The second of waiting lets claude write down its last message, which it has been seen to lose at TERM on a busy machine.
 */
const HOOKS = JSON.stringify({
  hooks: {
    SessionStart: hook('cat >"$TEND_SESSION_FILE"'),
    Stop: hook(
      'end=$(cat); case "$end" in *\\"type\\":\\"subagent\\",\\"status\\":\\"running\\"*) exit 0;; esac; ' +
        'printf "%s\\n" "$end" >"$TEND_TURN_END"; sleep 1; kill -TERM $PPID',
    ),
  },
});

/** A blocked `tend ask` waits for a human, days perhaps; claude ends a command after two minutes unless told otherwise. */
const PATIENCE = 'BASH_DEFAULT_TIMEOUT_MS=2000000000 BASH_MAX_TIMEOUT_MS=2000000000';

/** Without the file of the end the turn did not come to its end, and the code is claude's own. */
const screen = (session: string): string =>
  `TEND_TURN_END={{prompt_file}}.end TEND_SESSION_FILE={{prompt_file}}.session ${PATIENCE} ` +
  `claude --dangerously-skip-permissions --model {{model}} ${session} ` +
  `--settings '${HOOKS}' -- "${ARGV_BRIEF}"; code=$?; [ -s {{prompt_file}}.end ] || exit $code`;

export const claude: Runner = {
  name: 'claude',
  about: 'Claude Code',
  install: 'npm install -g @anthropic-ai/claude-code',
  program: { name: 'claude', version: ['--version'] },
  isEmbedded: false,
  skillsDir: (env) => userDir(env, 'CLAUDE_CONFIG_DIR', ['.claude', 'skills']),
  mcpSetup: (server) => `claude mcp add --scope user ${server.name} ${serverWords(server, '-e')}`,
  tick: `${HEADLESS} --no-session-persistence ${READ_ONLY} --model {{model}} {{answer_schema}}`,
  worker: screen('--session-id {{session}}'),
  resume: screen('--resume {{session}}'),
  step: `${HEADLESS} --dangerously-skip-permissions --model {{model}}`,
  review: `${HEADLESS} ${READ_ONLY} --model {{model}}`,
  env: {
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  },
  decideEnv: {
    // Ten by default, three minutes: tend itself retries, and sees what happens meanwhile.
    CLAUDE_CODE_MAX_RETRIES: '2',
    API_TIMEOUT_MS: '120000',
  },
  // Root may not skip permissions otherwise.
  rootEnv: { IS_SANDBOX: '1' },
  providerEnv: [
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_AUTH_TOKEN',
    'ANTHROPIC_BASE_URL',
    'CLAUDE_CODE_OAUTH_TOKEN',
    'CLAUDE_CONFIG_DIR',
  ],
  defaults: { model: 'sonnet', workerModel: 'opus' },
  // Measured with 2.1.329, calls of the model for one decision: without a schema 1; with one 1 when the model answers in the tool that
  // claude makes of it, 2 when it answers in words (claude tells it once to use the tool, then takes the words). The provider
  // enforces nothing, and our own judge has its repair call only where it is needed, so it is left to the config.
  answer: { words: '--json-schema {{schema}}', byDefault: false },
  events: { isAskedBy: /\s--output-format[\s=]stream-json(?:\s|$)/, teller: resultTeller },
  prices: CLAUDE_PRICES,
  reader: (options) => streamReader(RESULT_EVENTS, options),
  sessionReader: (options) => streamReader(SESSION_LINES, options),
};
