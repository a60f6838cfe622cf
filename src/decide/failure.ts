/** Why a model call failed, in our words, from how its process ended and what it said. Pure. */
import { LIMITS } from '../model/limits.js';
import type { Launched } from '../runners/launch.js';
import type { Reason, RunResult } from '../runners/result.js';

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
  /** The call carried a schema of the answer, and that may be all that was wrong with it. */
  isSchemasFault?: true;
}

/** Output quoted in the error of a failed run. */
const QUOTED_CHARS = 600;

const failed = (code: string, error: string, more: Partial<CallFailure> = {}): CallFailure => ({
  code,
  error,
  retryable: true,
  ...more,
});

export const ABORTED: CallFailure = failed('aborted', 'The runner was ended because tend stops', {
  reason: 'interrupted',
});

/** The launcher's own word: how the process ended, where that alone says that nothing can be read from it. */
export function failureOf(launched: Launched, timeoutS: number): CallFailure | undefined {
  const said = quoted(launched);
  switch (launched.end) {
    case 'timeout':
      return failed('runner-timeout', `The runner was ended after ${timeoutS} s${said}`, { reason: 'timeout' });
    case 'aborted':
      return ABORTED;
    case 'too-much-output':
      return failed('runner-output', `The runner was ended because it printed more than ${launched.detail}`);
    case 'not-started':
      return failed('runner-missing', `The runner could not be started: ${launched.detail}`, {
        reason: 'spawn',
        retryable: false,
      });
    case 'signal':
      return failed('runner-failed', `The runner was ended by ${launched.detail}${said}`, { reason: 'interrupted' });
    default:
      return undefined;
  }
}

/** What the reader makes of a process that ended by itself. An answer that is empty is judged like any other that is no move. */
export function refusalOf({ ok, reason, error = '', retryable, retryAt, exit }: RunResult): CallFailure | undefined {
  if (ok || (reason === 'empty' && exit === 0)) return undefined;
  const how = exit === 0 ? 'The runner says' : `The runner exited with code ${exit}`;
  return {
    code: reason === 'spawn' ? 'runner-missing' : (CODES[reason] ?? (exit === 0 ? 'runner-error' : 'runner-failed')),
    error: reason === 'spawn' ? `The runner's command cannot be run: ${error}` : `${how}: ${error}`,
    retryable,
    reason,
    ...(retryable && reason === 'error' && SERVER.test(error) ? { transient: true } : {}),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}

/**
 * Whether the same call without a schema may succeed: a provider that takes none says 400 or 422 in words of its own, a CLI that gave
 * up making the model obey it names the schema. It costs a further call at most, once for each model in the life of a pulse.
 */
export const mayBeSchemasFault = ({ reason, error }: Pick<CallFailure, 'reason' | 'error'>): boolean =>
  reason === 'error' &&
  /(?:^|\D)4(?:00|22)(?:\D|$)|bad request|invalid[_ ]request|schema|response[_ ]format|structured[_ ]?output/i.test(
    error,
  );

/** Reasons that have a code of their own, whatever the exit code. */
const CODES: Partial<Record<Reason, string>> = {
  rate_limit: 'runner-rate-limit',
  auth: 'runner-auth',
  unreachable: 'runner-unreachable',
  truncated: 'runner-truncated',
  denied: 'runner-denied',
  interrupted: 'runner-interrupted',
};

/** A server's own error, in its status or in words: it may be gone a second later. */
const SERVER =
  /(?:^|[\s:("'])5\d\d(?:[\s:)"',.]|$)(?!\s*(?:tokens|bytes|ms|lines))|internal server error|bad gateway|service unavailable|gateway time-?out|server[ _]error/i;

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
