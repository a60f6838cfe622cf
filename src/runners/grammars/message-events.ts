/**
 * Streams of whole messages (pi). The exit code is 0 on every model error: the `stopReason` of the last assistant message tells,
 * once the agent has settled. Up to 0.73 there is no `agent_settled`; there an `agent_end` that says nothing of a retry is the end.
 */
import { at, type Event, textAt, textBlocks } from '../event.js';
import type { Failure, Fold, Grammar, Said } from '../grammar.js';
import type { Reason, RunUsage } from '../result.js';
import { addTokens, tokens } from '../tokens.js';
import { amount } from '../usage.js';

export const MESSAGE_EVENTS: Grammar = {
  marks: ['session', 'message_end', 'agent_start', 'agent_end', 'agent_settled'],
  begin: () => new MessageFold(),
};

interface Spoken {
  text: string;
  stop: string;
  error: string | undefined;
}

class MessageFold implements Fold {
  #sessionId: string | undefined;
  #hasBegun = false;
  #isSettled = false;
  #isAborted = false;
  #last: Spoken | undefined;
  #usage: RunUsage = {};
  #cost: number | undefined;
  readonly #counted = new Set<string>();

  take(event: Event): void {
    if (event['type'] === 'message_end') this.#message(event['message']);
    else if (event['type'] === 'session') this.#sessionId = textAt(event, 'id') ?? this.#sessionId;
    else if (event['type'] === 'agent_start') this.#begin();
    else if (event['type'] === 'agent_end') this.#isSettled ||= !('willRetry' in event);
    else if (event['type'] === 'agent_settled') {
      this.#isSettled = true;
      this.#isAborted = event['aborted'] === true;
    }
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#isSettled = false;
  }

  #message(message: unknown): void {
    if (at(message, 'role') !== 'assistant') return;
    this.#begin();
    this.#last = {
      text: textBlocks(at(message, 'content')),
      stop: textAt(message, 'stopReason') ?? 'nothing',
      error: textAt(message, 'errorMessage'),
    };
    if (!this.#isNew(message)) return;
    const usage = at(message, 'usage');
    this.#usage = addTokens(this.#usage, messageTokens(usage));
    const cost = amount(at(usage, 'cost', 'total'));
    if (cost !== undefined) this.#cost = (this.#cost ?? 0) + cost;
  }

  /** A message that is told twice was paid for once; two of the same millisecond are two. */
  #isNew(message: unknown): boolean {
    const [id, time] = [textAt(message, 'responseId'), at(message, 'timestamp')];
    if (id === undefined && time === undefined) return true;
    const { text, stop } = this.#last!;
    const key = JSON.stringify([id, time, stop, text.length, at(message, 'usage')]);
    const isNew = !this.#counted.has(key);
    this.#counted.add(key);
    return isNew;
  }

  said(): Said {
    const last = this.#last;
    const failed = last && this.#failure(last);
    const isDone = last !== undefined && this.#isSettled && !failed;
    return {
      usage: this.#usage,
      ...(this.#cost === undefined ? {} : { costUsd: this.#cost }),
      ...(this.#sessionId === undefined ? {} : { sessionId: this.#sessionId }),
      ...(failed ? { failed } : {}),
      ...(isDone ? { done: { text: last.stop === 'stop' ? last.text : '' } } : {}),
      // Without a prompt it prints its first line and ends well.
      ...(this.#hasBegun ? {} : { whenCut: 'empty' }),
    };
  }

  #failure({ stop, error }: Spoken): Failure | undefined {
    const isFinal = this.#isSettled;
    if (this.#isAborted || stop === 'aborted') {
      return { words: error ?? 'the agent was aborted', reason: 'interrupted', isFinal };
    }
    const reason: Reason | undefined = stop === 'length' ? 'truncated' : undefined;
    if (stop === 'stop' || stop === 'toolUse') return undefined;
    return { words: error ?? `the message ended with "${stop}"`, reason, isFinal };
  }
}

/** `usage` of one message. */
export const messageTokens = (usage: unknown): RunUsage =>
  tokens(at(usage, 'input'), at(usage, 'output'), at(usage, 'cacheRead'), at(usage, 'cacheWrite'));
