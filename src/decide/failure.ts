/** Why a model call failed, in our words, from how its process ended and what it said. Pure. */
import { LIMITS } from '../model/limits.js';
import { wordsOf } from '../runners/failure-words.js';
import type { Launched } from '../runners/launch.js';
import type { Reason } from '../runners/result.js';

export interface CallFailure {
  code: string;
  error: string;
  /** False: trying again cannot help until somebody changes something. */
  retryable: boolean;
  reason?: Reason;
  /** Unix seconds before which a retry is useless. */
  retryAt?: number;
  /** Overload, a broken connection, a server's own error: the same call may succeed seconds later. */
  transient?: boolean;
}

/** Output quoted in the error of a failed run. */
const QUOTED_CHARS = 600;

/** Undefined when the process ended well. `nowS` in unix seconds. */
export function failureOf(launched: Launched, timeoutS: number, nowS: number): CallFailure | undefined {
  const said = quoted(launched);
  switch (launched.end) {
    case 'exited':
      if (launched.exitCode === 0) return undefined;
      // 126 and 127 are the shell's own words for "cannot run it" and "no such program".
      return launched.exitCode === 126 || launched.exitCode === 127
        ? missing(`The runner's command cannot be run${said}`)
        : withWords(
            {
              code: 'runner-failed',
              error: `The runner exited with code ${launched.exitCode}${said}`,
              retryable: true,
            },
            said,
            nowS,
          );
    case 'signal':
      return interrupted('runner-failed', `The runner was ended by ${launched.detail}${said}`);
    case 'timeout':
      return {
        code: 'runner-timeout',
        error: `The runner was ended after ${timeoutS} s${said}`,
        retryable: true,
        reason: 'timeout',
      };
    case 'aborted':
      return ABORTED;
    case 'too-much-output': {
      const error = `The runner was ended because it printed more than ${launched.detail}`;
      return { code: 'runner-output', error, retryable: true, reason: 'error' };
    }
    case 'not-started':
      return missing(`The runner could not be started: ${launched.detail}`);
  }
}

const interrupted = (code: string, error: string): CallFailure => ({
  code,
  error,
  retryable: true,
  reason: 'interrupted',
});
const missing = (error: string): CallFailure => ({ code: 'runner-missing', error, retryable: false, reason: 'spawn' });

export const ABORTED: CallFailure = interrupted('aborted', 'The runner was ended because tend stops');

/** A failure with what its text says about it. What is not said stays as it was. */
export function withWords(failure: CallFailure, text: string, nowS: number): CallFailure {
  const { reason, passes, retryAt } = wordsOf(text, nowS);
  return {
    ...failure,
    retryable: passes ?? failure.retryable,
    reason: reason ?? 'error',
    ...(passes === true ? { transient: true } : {}),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}

/**
 * How long to wait before the call after this one, in milliseconds, or undefined when there shall be none. `retry` counts from 0.
 * A call that took long has retried by itself already; a time that the provider named is waited out outside of the beat.
 */
export function retryPauseMs(
  failure: CallFailure,
  { retry, retries, tookMs, nowS }: { retry: number; retries: number; tookMs: number; nowS: number },
): number | undefined {
  if (retry >= retries || !failure.retryable || !isTransient(failure) || tookMs >= LIMITS.retryWithinMs)
    return undefined;
  const pauseMs = Math.min(LIMITS.retryPauseMs * 4 ** retry, LIMITS.retryPauseMaxMs);
  if (failure.retryAt === undefined) return pauseMs;
  const namedMs = (failure.retryAt - nowS) * 1_000;
  return namedMs > LIMITS.retryPauseMaxMs ? undefined : Math.max(pauseMs, namedMs);
}

const isTransient = ({ transient, reason }: CallFailure): boolean =>
  transient === true || reason === 'rate_limit' || reason === 'unreachable';

/** What a run of failures has in common when nobody but the human can mend it; undefined: it may pass by itself. */
export const sameCause = ({
  retryable,
  reason,
  code,
}: Pick<CallFailure, 'retryable' | 'reason' | 'code'>): string | undefined =>
  reason === 'auth' || reason === 'spawn' ? reason : retryable ? undefined : code;

/** The end of what it said: start-up errors stand on stderr, some CLIs print theirs on stdout. */
function quoted({ stderrTail, stdout }: Launched): string {
  const text = (stderrTail.trim() || stdout.trim()).slice(-QUOTED_CHARS).trim();
  return text === '' ? '' : `: ${text}`;
}
