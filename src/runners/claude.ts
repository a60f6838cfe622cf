/**
 * Claude Code. A decision gets read-only tools alone, so that a clipped file can be read and nothing can be done. A worker is
 * the interactive screen, which takes its prompt in argv only: Linux limits one argument to 128 KiB, longer briefs fail to start.
 */
import { RESULT_EVENTS } from './grammars/result-events.js';
import type { Runner } from './runner.js';
import { streamReader } from './stream-reader.js';

const HEADLESS = 'claude -p --output-format stream-json --verbose';

export const claude: Runner = {
  name: 'claude',
  about: 'Claude Code',
  install: 'npm install -g @anthropic-ai/claude-code',
  program: { name: 'claude', version: ['--version'] },
  isEmbedded: false,
  tick: 'claude -p --output-format stream-json --verbose --tools Read,Grep,Glob --model {{model}}',
  worker: 'claude --dangerously-skip-permissions --model {{model}} -- "$(cat {{prompt_file}})"',
  step: `${HEADLESS} --dangerously-skip-permissions --model {{model}}`,
  review: `${HEADLESS} --tools Read,Grep,Glob --model {{model}}`,
  resume: `${HEADLESS} --dangerously-skip-permissions --model {{model}} --resume {{session}}`,
  // The schema itself is the value, so the file is read by the shell.
  schema: '--json-schema "$(cat {{schema_file}})"',
  env: {
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
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
  stop: ['SIGTERM', 'SIGKILL'],
  defaults: { model: 'sonnet', workerModel: 'opus' },
  reader: (options) => streamReader(RESULT_EVENTS, options),
};
