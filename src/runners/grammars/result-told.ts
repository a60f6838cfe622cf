/** What the events of a run that ends in a `result` (Claude Code headless, cursor-agent) tell a person. */
import { at, type Event, numberAt, textAt, textBlocks } from '../event.js';
import { type Teller, type Told, toolTold } from '../told.js';
import { amount } from '../usage.js';
import { errorWords, resultTokens } from './result-events.js';

export const resultTeller = (): Teller => (event) => {
  switch (event['type']) {
    case 'assistant':
      // The result says it again, and says it as what it is.
      return isApiError(event) ? [] : blocks(at(event, 'message', 'content'));
    case 'user':
      return toolResults(at(event, 'message', 'content'));
    case 'tool_call':
      return event['subtype'] === 'started' ? cursorTool(event['tool_call']) : [];
    case 'system':
      return systemTold(event);
    case 'result':
      return resultTold(event);
    default:
      return [];
  }
};

const isApiError = (event: Event): boolean =>
  event['is_api_error_message'] === true || event['isApiErrorMessage'] === true;

function blocks(content: unknown): readonly Told[] {
  if (!Array.isArray(content)) return typeof content === 'string' ? [{ kind: 'text', text: content }] : [];
  return content.flatMap((block): Told[] => {
    switch (at(block, 'type')) {
      case 'text':
        return [{ kind: 'text', text: textAt(block, 'text') ?? '' }];
      case 'thinking':
        return [{ kind: 'thought', text: textAt(block, 'thinking') ?? '' }];
      case 'tool_use':
        return [toolTold(textAt(block, 'name') ?? 'tool', at(block, 'input'))];
      default:
        return [];
    }
  });
}

function toolResults(content: unknown): readonly Told[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((block): Told[] => {
    if (at(block, 'type') === 'text') return [{ kind: 'note', text: textAt(block, 'text') ?? '' }];
    if (at(block, 'type') !== 'tool_result') return [];
    const output = { kind: 'output', text: textBlocks(at(block, 'content')) } as const;
    return at(block, 'is_error') === true ? [output, { kind: 'note', text: 'the tool failed' }] : [output];
  });
}

/** `{shellToolCall: {args: {command}}}`. */
const cursorTool = (call: unknown): readonly Told[] =>
  Object.entries((call ?? {}) as Record<string, unknown>)
    .slice(0, 1)
    .map(([name, value]) => toolTold(name.replace(/ToolCall$/, ''), at(value, 'args')));

function systemTold(event: Event): readonly Told[] {
  if (event['subtype'] === 'permission_denied') return [{ kind: 'error', text: textAt(event, 'message') ?? 'refused' }];
  if (event['subtype'] !== 'api_retry') return [];
  const [attempt, most] = [numberAt(event, 'attempt') ?? '?', numberAt(event, 'max_retries') ?? '?'];
  const why = [textAt(event, 'error'), numberAt(event, 'error_status')].filter((part) => part !== undefined).join(' ');
  const inS = ((numberAt(event, 'retry_delay_ms') ?? 0) / 1_000).toFixed(1);
  return [{ kind: 'note', text: `retry ${attempt} of ${most} in ${inS} s: ${why}` }];
}

function resultTold(event: Event): readonly Told[] {
  const words = textAt(event, 'result') || errorWords(event['errors']);
  const isError = event['is_error'] === true || (textAt(event, 'subtype') ?? '').startsWith('error');
  return [
    ...(isError ? [{ kind: 'error', text: words || (textAt(event, 'subtype') ?? 'it failed') } as const] : []),
    { kind: 'usage', usage: resultTokens(event['usage']), costUsd: amount(event['total_cost_usd']) },
  ];
}
