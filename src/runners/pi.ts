/**
 * pi. In JSON mode it exits with 0 on every model error: the `stopReason` of the last assistant message tells. `-ne` because a
 * decision needs no extensions.
 */
import { at, eventLines, textAt, textBlocks } from './event-lines.js';
import type { Runner } from './runner.js';
import { addUsage, knownUsage } from './usage.js';

export const pi: Runner = {
  name: 'pi',
  isEmbedded: false,
  tick: 'pi -p --mode json -ne --no-session --tools read,grep,find,ls --model {{model}} --thinking {{thinking}}',
  // Headless: it ends with its turn and its events say how.
  worker: 'pi -p --mode json --model {{model}} --thinking {{thinking}} <{{prompt_file}}',
  defaults: {
    model: 'claude-sonnet-4-5',
    thinking: 'low',
    workerModel: 'claude-opus-4-5',
    workerThinking: 'medium',
  },
  finalMessage(stdout) {
    const events = eventLines(stdout);
    if (!events.some((event) => event['type'] === 'session')) return { state: 'text', text: stdout };
    const message = assistantMessages(events).at(-1);
    if (!message) return { state: 'failed', reason: 'the stream has no assistant message' };
    const stop = textAt(message, 'stopReason');
    if (stop !== 'stop') {
      return { state: 'failed', reason: textAt(message, 'errorMessage') ?? `the message ended with "${stop}"` };
    }
    return { state: 'text', text: textBlocks(at(message, 'content')) };
  },
  usage(stdout) {
    return assistantMessages(eventLines(stdout))
      .map((message) => at(message, 'usage'))
      .map((usage) => knownUsage(at(usage, 'input'), at(usage, 'output'), at(usage, 'cost', 'total')))
      .reduce(addUsage, {});
  },
};

const assistantMessages = (events: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
  events
    .filter((event) => event['type'] === 'message_end' && at(event['message'], 'role') === 'assistant')
    .map((event) => event['message']);
