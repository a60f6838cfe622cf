/**
 * What a run came to: the end of its process and what its stream says of it, weighed by one rule for all CLIs. Success is exit
 * code 0 AND a final event AND that event says so AND there is a text; anything less has a reason. Pure.
 */
import { type Meaning, meaningOf, UNKNOWN_ERROR } from './failure-words.js';
import type { Failure, Said } from './grammar.js';
import type { Reason, RunEnd, RunResult } from './result.js';
import { retryAtIn } from './retry-at.js';

/** What was read: events, or a text with no events in it at all. `isCut`: that text is the beginning of an event. */
export type Heard = { said: Said } | { plain: string; isCut: boolean; said: Said };

/** A reason's own word on trying again, where no failure says otherwise. */
const RETRYABLE: Readonly<Record<Reason, boolean>> = {
  done: false,
  error: true,
  rate_limit: true,
  auth: false,
  unreachable: true,
  truncated: false,
  denied: false,
  interrupted: true,
  timeout: true,
  spawn: false,
  empty: true,
};

/** Characters of `error`: a line to read, the whole stands in the output log. */
const ERROR_CHARS = 600;

export function verdict(heard: Heard, end: RunEnd, nowS: number): RunResult {
  const { said } = heard;
  const { reason, text = '', error, retryable, retryAt } = outcome(heard, end, nowS);
  const ok = reason === 'done';
  return {
    ok,
    reason,
    text: ok ? text : '',
    usage: said.usage,
    ...(said.costUsd === undefined ? {} : { costUsd: said.costUsd }),
    ...(said.sessionId === undefined ? {} : { sessionId: said.sessionId }),
    exit: end.exit,
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    ...(ok ? {} : { error: oneLine(error ?? '') || DEFAULT_ERROR[reason] }),
    retryable: retryable ?? RETRYABLE[reason],
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}

interface Outcome {
  reason: Reason;
  text?: string;
  error?: string | undefined;
  retryable?: boolean;
  retryAt?: number | undefined;
}

function outcome(heard: Heard, end: RunEnd, nowS: number): Outcome {
  const { failed, done } = heard.said;
  const killed = killedBy(end);
  if (end.ended === 'spawn') return { reason: 'spawn', error: end.stderrTail };
  if (end.ended === 'aborted') return { reason: 'interrupted', error: 'ended because tend stops' };
  if (failed && (failed.isFinal || !killed)) return failure(failed, nowS);
  // It says itself that it waits for something that only the network can give: more telling than who ended it.
  if (failed && killed && /waiting for network/i.test(failed.words)) return failure(failed, nowS);
  if (killed) return { ...killed, error: [killed.error, failed?.words].filter(Boolean).join('; it had said: ') };
  if (end.exit !== 0) return exited(heard, end, nowS);
  if ('plain' in heard) return plainOutcome(heard);
  if (!done) {
    const reason = heard.said.whenCut ?? 'interrupted';
    return {
      reason,
      error: reason === 'interrupted' ? 'the stream ended without a final event' : DEFAULT_ERROR[reason],
    };
  }
  if (done.text.trim() === '') return { reason: done.whenBlank ?? 'empty', error: 'it ended well and left no text' };
  return { reason: 'done', text: done.text };
}

/** Ended from outside: by our deadline, by a signal, or by a signal that it caught and told as 128 + its number. */
function killedBy({ ended, signal, exit }: RunEnd): { reason: Reason; error: string } | undefined {
  if (ended === 'timeout') return { reason: 'timeout', error: 'ended at its deadline' };
  if (signal !== undefined) return { reason: 'interrupted', error: `ended by ${signal}` };
  if (exit !== null && exit > 128 && exit <= 128 + 31) {
    return { reason: 'interrupted', error: `ended by signal ${exit - 128} (exit code ${exit})` };
  }
  return exit === null ? { reason: 'interrupted', error: 'ended without an exit code' } : undefined;
}

function failure(failed: Failure, nowS: number): Outcome {
  const read: Meaning = meaningOf(failed.words, failed.status) ?? UNKNOWN_ERROR;
  const reason = failed.reason ?? read.reason;
  const retryAt = reason === 'rate_limit' ? (failed.retryAt ?? retryAtIn(failed.words, nowS)) : undefined;
  return {
    reason,
    error: failed.words,
    retryable: failed.retryable ?? (reason === read.reason ? read.retryable : RETRYABLE[reason]),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}

/** It ended by itself with a code that is not 0, and no event says why: start-up errors stand on stderr, in text mode on stdout. */
function exited(heard: Heard, { exit, stderrTail }: RunEnd, nowS: number): Outcome {
  const plain = 'plain' in heard ? heard.plain : '';
  const words = stderrTail.trim() || plain.trim() || `it ended with exit code ${exit} and said nothing`;
  // 126 and 127 are a shell's own words for "cannot run it" and "no such program".
  if ((exit === 126 || exit === 127) && plain.trim() === '' && 'plain' in heard)
    return { reason: 'spawn', error: words };
  const meaning = meaningOf(stderrTail) ?? meaningOf(plain);
  if (meaning) return failure({ words, ...meaning, isFinal: true }, nowS);
  if (heard.said.done) return { reason: 'error', error: words };
  if ('plain' in heard) return { reason: 'error', error: words };
  if (heard.said.whenCut === 'denied') return { reason: 'denied', error: stderrTail.trim() || DEFAULT_ERROR.denied };
  return { reason: heard.said.whenCut === undefined ? 'interrupted' : 'error', error: words };
}

/** A command of the user's own, or a CLI in text mode: everything that it printed is the message. */
function plainOutcome({ plain, isCut }: { plain: string; isCut: boolean }): Outcome {
  if (isCut) return { reason: 'interrupted', error: 'the output ends in the middle of a JSON line' };
  if (plain.trim() === '') return { reason: 'empty', error: 'it printed nothing' };
  return { reason: 'done', text: plain };
}

const DEFAULT_ERROR: Readonly<Record<Reason, string>> = {
  done: '',
  error: 'it failed and did not say why',
  rate_limit: 'the provider refuses more calls for now',
  auth: 'it is not logged in',
  unreachable: 'the provider cannot be reached',
  truncated: 'the answer was cut at the token limit',
  denied: "stopped by the CLI's own permissions",
  interrupted: 'it was interrupted',
  timeout: 'ended at its deadline',
  spawn: 'no process came to be',
  empty: 'it left no text',
};

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > ERROR_CHARS ? `${line.slice(0, ERROR_CHARS / 2)} … ${line.slice(-ERROR_CHARS / 2)}` : line;
};
