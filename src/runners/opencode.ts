/**
 * opencode. Its prompt comes on stdin because it alters argv. Its exit code is 0 when a permission was rejected or the answer
 * was cut, and there is no event that ends a run: the last `step_finish` tells.
 */
import { at, eventLines, textAt } from './event-lines.js';
import type { Runner } from './runner.js';
import { addUsage, knownUsage } from './usage.js';

/** A blocked `tend ask` waits for a human, days perhaps; opencode ends a command after two minutes unless told otherwise. */
const PATIENCE_MS = 2_000_000_000;

export const opencode: Runner = {
  name: 'opencode',
  isEmbedded: false,
  tick: `OPENCODE_PERMISSION='{"*":"deny","read":"allow","grep":"allow","glob":"allow","list":"allow"}' opencode run --format json`,
  // Headless: it ends with its turn and its events say how. `--auto`: what would ask nobody is allowed instead of ending the run.
  worker: `OPENCODE_EXPERIMENTAL_BASH_DEFAULT_TIMEOUT_MS=${PATIENCE_MS} opencode run --format json --auto <{{prompt_file}}`,
  defaults: {},
  finalMessage(stdout) {
    const events = eventLines(stdout);
    const error = events.findLast((event) => event['type'] === 'error');
    if (error) {
      return { state: 'failed', reason: textAt(error, 'error', 'data', 'message') ?? 'the stream ended in an error' };
    }
    const end = events.findLast((event) => event['type'] === 'step_finish');
    if (!events.some((event) => event['type'] === 'step_start')) return { state: 'text', text: stdout };
    const reason = textAt(end, 'part', 'reason') ?? 'nothing';
    if (reason !== 'stop') return { state: 'failed', reason: `the last step ended with "${reason}" instead of "stop"` };
    return { state: 'text', text: lastMessage(events) };
  },
  usage(stdout) {
    return eventLines(stdout)
      .filter((event) => event['type'] === 'step_finish')
      .map((event) => {
        const tokens = at(event, 'part', 'tokens');
        return knownUsage(at(tokens, 'input'), at(tokens, 'output'), at(event, 'part', 'cost'));
      })
      .reduce(addUsage, {});
  },
};

/** The text parts of the last message; a run may have said other things before it called its tools. */
function lastMessage(events: readonly Readonly<Record<string, unknown>>[]): string {
  const texts = events.filter((event) => event['type'] === 'text');
  const last = textAt(texts.at(-1), 'part', 'messageID');
  return texts
    .filter((event) => textAt(event, 'part', 'messageID') === last)
    .map((event) => textAt(event, 'part', 'text') ?? '')
    .join('');
}
