/** What the events of a thread (Codex CLI and its kin) tell a person. An item is told when it begins, its result when it ends. */
import { at, type Event, numberAt, textAt } from '../event.js';
import { bareCommand, type Teller, type Told, toolTold } from '../told.js';
import { turnTokens } from './turn-events.js';

export const turnTeller = (): Teller => {
  /** Items that were told when they began; each leaves at its end. */
  const begun = new Set<string>();
  return (event) => {
    switch (event['type']) {
      case 'item.started':
      case 'item.completed':
        return itemTold(event, begun);
      case 'turn.completed':
        return [{ kind: 'usage', usage: turnTokens(event['usage']) }];
      case 'turn.failed':
        return [{ kind: 'error', text: textAt(event, 'error', 'message') ?? 'the turn failed' }];
      case 'error':
        return [{ kind: 'note', text: textAt(event, 'message') ?? 'an error without words' }];
      default:
        return [];
    }
  };
};

function itemTold(event: Event, begun: Set<string>): readonly Told[] {
  const item = event['item'];
  const id = textAt(item, 'id') ?? '';
  const isEnd = event['type'] === 'item.completed';
  const isNew = !begun.has(id);
  if (isEnd) begun.delete(id);
  else begun.add(id);
  return [...(isNew ? beginning(item, isEnd) : []), ...(isEnd ? ending(item) : [])];
}

/** What it does. `isWhole`: it is told of only now that it has ended. */
function beginning(item: unknown, isWhole: boolean): Told[] {
  switch (at(item, 'type')) {
    case 'command_execution':
      return [{ kind: 'command', text: bareCommand(textAt(item, 'command') ?? '') }];
    case 'mcp_tool_call':
      return [
        toolTold([textAt(item, 'server'), textAt(item, 'tool')].filter(Boolean).join('.'), at(item, 'arguments')),
      ];
    case 'collab_tool_call':
      return [{ kind: 'tool', name: textAt(item, 'tool') ?? 'agent', args: at(item, 'prompt') }];
    case 'web_search':
      return isWhole ? [{ kind: 'tool', name: 'web search', args: textAt(item, 'query') }] : [];
    default:
      return [];
  }
}

function ending(item: unknown): Told[] {
  const text = textAt(item, 'text') ?? '';
  switch (at(item, 'type')) {
    case 'agent_message':
      return [{ kind: 'text', text }];
    case 'reasoning':
      return [{ kind: 'thought', text }];
    case 'command_execution':
      return [
        { kind: 'output', text: textAt(item, 'aggregated_output') ?? '' },
        ...exitTold(numberAt(item, 'exit_code')),
      ];
    case 'file_change':
      return changes(at(item, 'changes'));
    case 'mcp_tool_call':
      return failureTold(textAt(item, 'error', 'message'));
    case 'todo_list':
      return [{ kind: 'note', text: todos(at(item, 'items')) }];
    case 'error':
      return [{ kind: 'note', text: textAt(item, 'message') ?? '' }];
    case 'web_search':
    case 'collab_tool_call':
      return [];
    default:
      return [{ kind: 'note', text: String(at(item, 'type') ?? '') }];
  }
}

const exitTold = (exit: number | undefined): Told[] =>
  exit === undefined || exit === 0 ? [] : [{ kind: 'note', text: `exit code ${exit}` }];

const failureTold = (words: string | undefined): Told[] =>
  words === undefined ? [] : [{ kind: 'error', text: words }];

const changes = (list: unknown): Told[] =>
  (Array.isArray(list) ? list : []).map((change) => ({
    kind: 'tool',
    name: textAt(change, 'kind') ?? 'change',
    args: textAt(change, 'path'),
  }));

const todos = (items: unknown): string =>
  (Array.isArray(items) ? items : [])
    .map((one) => `[${at(one, 'completed') === true ? 'x' : ' '}] ${textAt(one, 'text') ?? ''}`)
    .join('\n');
