/**
 * Claude Code. A decision gets read-only tools alone and no MCP server, so that a clipped file can be read and nothing can be done.
 * A worker is the interactive screen, which takes its prompt in argv only, and Linux limits one argument to 128 KiB: of a longer brief
 * it is told the file. The screen never ends by itself, so a Stop hook ends it when the turn is over, and that end is a success.
 */
import { RESULT_EVENTS } from './grammars/result-events.js';
import { serverWords } from './mcp-words.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';
import { userDir } from './user-dirs.js';

const HEADLESS = 'claude -p --output-format stream-json --verbose';
/** Tools of MCP servers are not among those that `--tools` names. */
const READ_ONLY = '--strict-mcp-config --tools Read,Grep,Glob';

/** `$PPID` of a hook is claude. What claude tells the hook stays beside the brief: it proves that the turn came to its end. */
const END_OF_TURN = JSON.stringify({
  hooks: { Stop: [{ hooks: [{ type: 'command', command: 'cat >"$TEND_TURN_END"; kill -TERM $PPID' }] }] },
});

/** A blocked `tend ask` waits for a human, days perhaps; claude ends a command after two minutes unless told otherwise. */
const PATIENCE = 'BASH_DEFAULT_TIMEOUT_MS=2000000000 BASH_MAX_TIMEOUT_MS=2000000000';

const BRIEF =
  '$([ $(wc -c <{{prompt_file}}) -lt 130000 ] && cat {{prompt_file}} || ' +
  'echo Your task stands in the file {{prompt_file}}: read all of it and do it.)';

export const claude: Runner = {
  name: 'claude',
  about: 'Claude Code',
  install: 'npm install -g @anthropic-ai/claude-code',
  program: { name: 'claude', version: ['--version'] },
  isEmbedded: false,
  skillsDir: (env) => userDir(env, 'CLAUDE_CONFIG_DIR', ['.claude', 'skills']),
  mcpSetup: (server) => `claude mcp add --scope user ${server.name} ${serverWords(server, '-e')}`,
  tick: `${HEADLESS} --no-session-persistence ${READ_ONLY} --model {{model}}`,
  // Without the file the turn did not come to its end, and the code is claude's own.
  worker:
    `TEND_TURN_END={{prompt_file}}.end ${PATIENCE} claude --dangerously-skip-permissions --model {{model}} ` +
    `--settings '${END_OF_TURN}' -- "${BRIEF}"; code=$?; [ -s {{prompt_file}}.end ] || exit $code`,
  step: `${HEADLESS} --dangerously-skip-permissions --model {{model}}`,
  review: `${HEADLESS} ${READ_ONLY} --model {{model}}`,
  resume: `${HEADLESS} --dangerously-skip-permissions --model {{model}} --resume {{session}}`,
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
  reader: (options) => streamReader(RESULT_EVENTS, options),
};
