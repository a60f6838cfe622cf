/** What the events of whole messages (pi) tell a person. Messages are told at their end, tools when they begin and when they end. */
import { at, numberAt, textAt, textBlocks } from '../event.js';
import type { RunUsage } from '../result.js';
import { addTokens } from '../tokens.js';
import { type Teller, type Told, toolTold } from '../told.js';
import { amount } from '../usage.js';
import { messageTokens } from './message-events.js';

export const messageTeller = (): Teller => {
  let usage: RunUsage = {};
  let costUsd: number | undefined;

  const message = (said: unknown): readonly Told[] => {
    if (at(said, 'role') !== 'assistant') return [];
    usage = addTokens(usage, messageTokens(at(said, 'usage')));
    const cost = amount(at(said, 'usage', 'cost', 'total'));
    if (cost !== undefined) costUsd = (costUsd ?? 0) + cost;
    const stop = textAt(said, 'stopReason') ?? '';
    const isWell = stop === 'stop' || stop === 'toolUse';
    return [
      { kind: 'thought', text: thoughts(at(said, 'content')) },
      { kind: 'text', text: textBlocks(at(said, 'content')) },
      ...(isWell
        ? []
        : [{ kind: 'error', text: textAt(said, 'errorMessage') ?? `the message ended with "${stop}"` } as const]),
    ];
  };

  return (event) => {
    switch (event['type']) {
      case 'message_end':
        return message(event['message']);
      case 'tool_execution_start':
        return [toolTold(textAt(event, 'toolName') ?? 'tool', event['args'])];
      case 'tool_execution_end':
        return toolEnd(event);
      case 'auto_retry_start':
        return [{ kind: 'note', text: retryWords(event) }];
      case 'agent_end':
        return event['willRetry'] === true ? [] : [{ kind: 'usage', usage, costUsd }];
      default:
        return [];
    }
  };
};

function toolEnd(event: unknown): readonly Told[] {
  const exit = numberAt(event, 'result', 'structuredContent', 'exit_code');
  const output = { kind: 'output', text: textBlocks(at(event, 'result', 'content')) } as const;
  if (exit !== undefined && exit !== 0) return [output, { kind: 'note', text: `exit code ${exit}` }];
  return at(event, 'isError') === true ? [output, { kind: 'note', text: 'the tool failed' }] : [output];
}

const thoughts = (content: unknown): string =>
  (Array.isArray(content) ? content : [])
    .filter((block) => at(block, 'type') === 'thinking')
    .map((block) => textAt(block, 'thinking') ?? '')
    .join('\n');

const retryWords = (event: unknown): string =>
  `retry ${numberAt(event, 'attempt') ?? '?'} of ${numberAt(event, 'maxAttempts') ?? '?'} in ${Math.round((numberAt(event, 'delayMs') ?? 0) / 1_000)} s`;
