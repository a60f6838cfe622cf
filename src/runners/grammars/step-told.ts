/** What the events of steps (opencode and its kin) tell a person. A tool is told once, when it has ended; there is no event for its beginning. */
import { at, numberAt, textAt } from '../event.js';
import type { RunUsage } from '../result.js';
import { addTokens } from '../tokens.js';
import { type Teller, type Told, toolTold } from '../told.js';
import { amount } from '../usage.js';
import { stepTokens } from './step-events.js';

export const stepTeller = (): Teller => {
  /** The part under way: it may be told again when it has grown. */
  let last = { id: '', text: '' };
  let usage: RunUsage = {};
  let costUsd: number | undefined;

  const grown = (part: unknown): string => {
    const [id, text] = [textAt(part, 'id') ?? '', textAt(part, 'text') ?? ''];
    const isSame = id !== '' && id === last.id && text.startsWith(last.text);
    const fresh = isSame ? text.slice(last.text.length) : text;
    last = { id, text };
    return fresh;
  };
  const finish = (part: unknown): readonly Told[] => {
    usage = addTokens(usage, stepTokens(at(part, 'tokens')));
    const cost = amount(at(part, 'cost'));
    if (cost !== undefined) costUsd = (costUsd ?? 0) + cost;
    const reason = textAt(part, 'reason');
    if (reason === 'tool-calls') return [];
    const told: Told[] = [{ kind: 'usage', usage, costUsd }];
    return reason === 'stop' ? told : [...told, { kind: 'error', text: `the last step ended with "${reason}"` }];
  };

  return (event) => {
    const part = event['part'];
    switch (event['type']) {
      case 'text':
        return [{ kind: 'text', text: grown(part) }];
      case 'reasoning':
        return [{ kind: 'thought', text: grown(part) }];
      case 'tool_use':
        return toolUse(part);
      case 'step_finish':
        return finish(part);
      case 'error':
        return [{ kind: 'error', text: errorWords(event['error']) }];
      default:
        return [];
    }
  };
};

function toolUse(part: unknown): readonly Told[] {
  const state = at(part, 'state');
  const called = toolTold(textAt(part, 'tool') ?? 'tool', at(state, 'input'));
  if (at(state, 'status') === 'error') {
    return [called, { kind: 'error', text: textAt(state, 'error') ?? 'the tool failed' }];
  }
  const exit = numberAt(state, 'metadata', 'exit');
  return [
    called,
    { kind: 'output', text: textAt(state, 'output') ?? '' },
    ...(exit === undefined || exit === 0 ? [] : [{ kind: 'note', text: `exit code ${exit}` } as const]),
  ];
}

const errorWords = (error: unknown): string =>
  textAt(error, 'data', 'message') || textAt(error, 'name') || 'an error without words';
