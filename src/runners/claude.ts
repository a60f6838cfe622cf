/**
 * Claude Code. A decision gets read-only tools alone, so that a clipped file can be read and nothing can be done. A worker is
 * the interactive screen, which takes its prompt in argv only: Linux limits one argument to 128 KiB, longer briefs fail to start.
 */
import { at, eventLines, textAt } from './event-lines.js';
import type { Runner } from './runner.js';
import { knownUsage } from './usage.js';

export const claude: Runner = {
  name: 'claude',
  isEmbedded: false,
  tick: 'claude -p --output-format stream-json --verbose --tools Read,Grep,Glob --model {{model}}',
  worker: 'claude --dangerously-skip-permissions --model {{model}} -- "$(cat {{prompt_file}})"',
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
