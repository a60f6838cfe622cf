/**
 * What a beat leaves in the memory, as values: the pulse writes them. A world is committed only when its move has taken effect,
 * and only that clears the count of failures.
 */

import { clip } from '../lib/clip.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import type { Knobs } from '../model/knobs.js';
import { LIMITS } from '../model/limits.js';
import type { Memory } from '../model/memory.js';
import type { Decided } from '../model/move.js';
import type { World } from '../model/world.js';

export interface Success {
  world: Pick<World, 'hash' | 'items'>;
  now: Instant;
  knobs: Pick<Knobs, 'nextIntervalMaxS'>;
  /** The goal that the move acted on, for fairness. */
  goal?: string;
  /** Output of the shell command that the move ran; the decider sees it in the next beat. */
  shell?: NonNullable<Memory['lastShell']>;
}

/** The parts of a move result that the memory is about; see decide.ts. */
export interface Remembered {
  memory: Memory;
  decided: Decided;
  by: 'rule' | 'model' | 'embedded';
  fired?: { ruleKey: string; firedIn: string };
  lookAgain: boolean;
}

/** The memory after a move took effect (also when it became an ask). */
export function afterSuccess(result: Remembered, success: Success): Memory {
  const { memory, decided, fired } = result;
  const { backoff: _backoff, lastFailure: _failure, lastShell: seen, nextWake: wanted, ...rest } = memory;
  const nowS = unixSeconds(success.now);
  const nextS = nextBeatS(result, success);
  // A look that a model asked for is for the model: a rule that acts before it is called leaves it due.
  const dates = [nextS === undefined ? undefined : nowS + nextS, result.by === 'rule' ? wanted?.due_ts : undefined];
  const due = dates.filter((date) => date !== undefined);
  // A rule has not read the output, so it stays for the model; without a model nobody ever would.
  const shell = success.shell ?? (result.by === 'rule' ? seen : undefined);
  return {
    ...rest,
    committed: {
      hash: success.world.hash,
      items: success.world.items,
      ts: nowS,
      noop: decided.move.action === 'noop',
    },
    rules: fired ? { ...memory.rules, [fired.ruleKey]: fired.firedIn } : memory.rules,
    goalActivity: success.goal === undefined ? memory.goalActivity : { ...memory.goalActivity, [success.goal]: nowS },
    ...(due.length === 0 ? {} : { nextWake: { due_ts: Math.min(...due) } }),
    ...(shell ? { lastShell: shell } : {}),
  };
}

/** Seconds to the next beat, when it shall come before anything changes. */
function nextBeatS({ decided, lookAgain }: Remembered, { knobs, shell }: Success): number | undefined {
  const asked = decided.nextIntervalS;
  if (asked !== undefined) return Math.max(LIMITS.nextIntervalMinS, Math.min(asked, knobs.nextIntervalMaxS));
  return shell || lookAgain ? LIMITS.shellFollowUpS : undefined;
}

export interface Failure {
  code: string;
  error: string;
  run?: string;
  now: Instant;
  policyHash: string;
  /** Of a model call, what the failure is by itself; absent: it was in acting. */
  cause?: Cause;
}

export interface Cause {
  /** What failures in a row have in common when only a human can mend it, see failure.ts. */
  same?: string;
  /** Unix seconds before which a call is useless. */
  retryAt?: number;
  /** `breakerStamp` of this beat. */
  stamp: string;
  /** Knob `breakerFails`. */
  breakerFails: number;
}

/** The memory after a beat that failed, in deciding or in acting: nothing is committed, the wait grows. */
export function afterFailure(memory: Memory, failure: Failure): Memory {
  const ts = unixSeconds(failure.now);
  return {
    ...(failure.cause ? afterCall(memory, failure.cause, ts) : memory),
    backoff: { fails: (memory.backoff?.fails ?? 0) + 1, ts, policyHash: failure.policyHash },
    lastFailure: {
      code: failure.code,
      error: clip(failure.error, LIMITS.promptFailureChars),
      ...(failure.run === undefined ? {} : { run: failure.run }),
      ts,
    },
  };
}

/** What a failed call says about the calls to come. Another cause, or one that may pass, begins the count of the breaker anew. */
function afterCall(memory: Memory, { same, retryAt, stamp, breakerFails }: Cause, ts: number): Memory {
  const { quota: _quota, breaker, ...rest } = memory;
  const quota =
    retryAt !== undefined && retryAt > ts ? { ts, until_ts: Math.min(retryAt, ts + LIMITS.quotaWaitS) } : undefined;
  const after: Memory = { ...rest, ...(quota ? { quota } : {}) };
  if (same === undefined || breakerFails === 0) return after;
  const before = breaker?.cause === same ? breaker : undefined;
  const fails = (before?.fails ?? 0) + 1;
  const ask = before?.ask === undefined ? {} : { ask: before.ask };
  return { ...after, breaker: { cause: same, fails, ts, stamp, open: fails >= breakerFails, ...ask } };
}
