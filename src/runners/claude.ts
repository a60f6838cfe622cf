/**
 * Claude Code. A decision gets read-only tools alone and no MCP server, so that a clipped file can be read and nothing can be done.
 * A worker is the interactive screen, which takes its prompt in argv only, and Linux limits one argument to 128 KiB: of a longer brief
 * it is told the file. The screen never ends by itself, so a Stop hook ends it when the turn is over, and that end is a success.
 */
import { at, eventLines, textAt } from './event-lines.js';
import type { Runner } from './runner.js';
import { knownUsage } from './usage.js';

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
  isEmbedded: false,
  // Its own ten retries take three minutes, also of a wrong key.
  tick:
    'CLAUDE_CODE_MAX_RETRIES=2 claude -p --output-format stream-json --verbose --no-session-persistence --strict-mcp-config ' +
    '--tools Read,Grep,Glob --model {{model}}',
  // IS_SANDBOX: root is refused otherwise. Without the file the turn did not come to its end, and the code is claude's own.
  worker:
    `TEND_TURN_END={{prompt_file}}.end IS_SANDBOX=1 ${PATIENCE} claude --dangerously-skip-permissions --model {{model}} ` +
    `--settings '${END_OF_TURN}' -- "${BRIEF}"; code=$?; [ -s {{prompt_file}}.end ] || exit $code`,
  defaults: { model: 'sonnet', workerModel: 'opus' },
  finalMessage(stdout) {
    const result = lastResult(stdout);
    // A command of the user's own may print plain text, then everything is the message.
    if (!result) return { state: 'text', text: stdout };
    const text = textAt(result, 'result');
    // `subtype` says "success" on API errors too: only `is_error` tells.
    if (result['is_error'] !== true && text !== undefined) return { state: 'text', text };
    const errors = at(result, 'errors');
    const said = text ?? (Array.isArray(errors) ? errors.map(String).join('; ') : undefined);
    return { state: 'failed', reason: said ?? textAt(result, 'subtype') ?? 'no result' };
  },
  usage(stdout) {
    const result = lastResult(stdout);
    if (!result) return {};
    const fields = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'];
    const input = fields.reduce((sum, field) => sum + Number(at(result, 'usage', field) ?? 0), 0);
    return knownUsage(input, at(result, 'usage', 'output_tokens'), result['total_cost_usd']);
  },
};

/** One run may print several results; the last one ends it. */
const lastResult = (stdout: string) => eventLines(stdout).findLast((event) => event['type'] === 'result');
