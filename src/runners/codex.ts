/**
 * Codex CLI. The sandbox of a decision is read-only and no MCP server is started for it. `unbounded_connection_retries` would wait for ever while the endpoint is
 * down, analytics would hold the exit for five seconds. The model is the one of codex's own config; it reports no cost.
 */
import { at, eventLines, textAt } from './event-lines.js';
import type { Runner } from './runner.js';
import { knownUsage } from './usage.js';

export const codex: Runner = {
  name: 'codex',
  isEmbedded: false,
  tick:
    'codex exec --json --skip-git-repo-check --sandbox read-only --ephemeral -c analytics.enabled=false -c mcp_servers={} ' +
    '--disable unbounded_connection_retries --disable plugins -',
  // Headless: it ends with its turn and its events say how; the interactive screen never ends, and no hook tells its turns.
  worker:
    'codex exec --json --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox -c analytics.enabled=false ' +
    '--disable unbounded_connection_retries - <{{prompt_file}}',
  defaults: {},
  finalMessage(stdout) {
    const events = eventLines(stdout);
    if (!events.some((event) => String(event['type']).startsWith('turn.'))) return { state: 'text', text: stdout };
    const end = events.findLast((event) => event['type'] === 'turn.completed' || event['type'] === 'turn.failed');
    if (end?.['type'] === 'turn.failed') {
      return { state: 'failed', reason: textAt(end, 'error', 'message') ?? 'the turn failed' };
    }
    const text = events
      .map((event) => event['item'])
      .filter((item) => at(item, 'type') === 'agent_message')
      .map((item) => textAt(item, 'text') ?? '')
      .at(-1);
    if (!end || text === undefined) return { state: 'failed', reason: 'the stream ended without a completed turn' };
    return { state: 'text', text };
  },
  usage(stdout) {
    // The sum over the whole thread, and a decision is a thread of its own.
    const end = eventLines(stdout).findLast((event) => event['type'] === 'turn.completed');
    return end ? knownUsage(at(end, 'usage', 'input_tokens'), at(end, 'usage', 'output_tokens'), undefined) : {};
  },
};
