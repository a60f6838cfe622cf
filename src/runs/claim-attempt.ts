/**
 * Steps 1 and 2 of an attempt: the mark, then the claim. Whoever published the claim owns the attempt; nobody else ever starts its
 * target. A process that dies between the two leaves a mark without a claim, which is nobody's after a minute.
 */
import { nonce } from '../lib/hash.js';
import { type Claim, loopRunId } from '../model/loop.js';
import { FORMAT } from '../model/record.js';
import { type AttemptRef, markedSince, markLive, unmarkLive } from '../store/live.js';
import { removeLoop, specKey } from '../store/loops.js';
import { publishClaim, readAttempt } from '../store/slots.js';
import { type AttemptDeps, type AttemptJob, refOfJob } from './attempt-deps.js';
import { ledgerRow } from './ledger-row.js';

export interface ClaimedAttempt extends AttemptJob {
  ref: AttemptRef;
  claim: Claim;
  /** When it was claimed, on the clock that goes forward: the lease is counted from here. */
  claimedAt: number;
}

/** 96 random bits: the token is also the children's mark, and no other run may ever have it. */
const TOKEN_BYTES = 12;

/** Claims an attempt; undefined when somebody else has it, or had. Throws what the disk says, and then nothing is claimed. */
export function claimAttempt(deps: AttemptDeps, job: AttemptJob): ClaimedAttempt | undefined {
  const ref = refOfJob(job);
  const at = deps.now();
  const claim: Claim = job.resume ?? {
    format: FORMAT,
    kind: 'run',
    token: `loop-${nonce(TOKEN_BYTES)}`,
    source: job.source,
    claimedBy: deps.claimedBy,
    runner: deps.self,
    leaseExpiresAt: iso(at + job.spec.leaseMs),
    createdAt: iso(at),
  };
  // One that is taken up again may be taken up by many: each comes to the same end, and one of them records it.
  if (job.resume ? deps.inFlight.has(claim.token) : !markAndClaim(deps, job, claim)) return undefined;
  deps.inFlight.add(claim.token);
  return { ...job, ref, claim, claimedAt: deps.forward() };
}

/**
 * Records that a slot is not run: once, whoever comes first. True when it was us. The slot is settled by it, and is in the ledger
 * as skipped.
 */
export function claimSkip(deps: AttemptDeps, job: AttemptJob, reason: string): boolean {
  const at = iso(deps.now());
  const claim: Claim = {
    format: FORMAT,
    kind: 'skip',
    token: `skip-${nonce(TOKEN_BYTES)}`,
    source: job.source,
    claimedBy: deps.claimedBy,
    runner: deps.self,
    leaseExpiresAt: at,
    createdAt: at,
    reason,
  };
  const ref = refOfJob(job);
  if (!markAndClaim(deps, job, claim)) return false;
  ledgerRow(deps, { ref, loopName: job.spec.name, claim, runner: job.spec.target.type });
  unmarkLive(deps.disk, ref, 'unsynced');
  return true;
}

/** A mark of a claim that was not ours is left alone when the claim's owner needs it, and taken back when nobody does. */
function markAndClaim(deps: AttemptDeps, job: AttemptJob, claim: Claim): boolean {
  const { disk } = deps;
  const ref = refOfJob(job);
  if (readAttempt(disk, ref)) return false;
  const wasMarked = markedSince(disk, ref) !== undefined;
  // The cursor stays at a slot until it has an end, so each look sees its claim and makes a mark that went with the machine's power
  // anew (look-at-loop.ts). A run that somebody asked for, or beside the next one, may be found by its mark alone.
  const isAtCursor = claim.source === 'schedule' && job.spec.overlap === 'skip';
  markLive(disk, ref, isAtCursor ? 'unsynced' : undefined);
  if (publishClaim(disk, ref, claim)) return isStillWanted(deps, ref);
  // Removed only when it was ours to make and the slot was folded away: a claim that somebody else just published needs the mark.
  if (!wasMarked && !readAttempt(disk, ref)) unmarkLive(disk, ref);
  return false;
}

/**
 * We may have stood still for minutes right before the claim. A look of somebody else has dropped our mark then: it is made anew.
 * Or the loop was removed, and our claim has made its directory again: that goes where the loop went, and nothing is started.
 */
function isStillWanted({ disk, now }: AttemptDeps, ref: AttemptRef): boolean {
  if (disk.stat(specKey(ref.loop)).state === 'absent') {
    removeLoop(disk, ref.loop, now());
    unmarkLive(disk, ref);
    return false;
  }
  if (markedSince(disk, ref) === undefined) markLive(disk, ref);
  return true;
}

export const iso = (at: number): string => new Date(at).toISOString();

export const runIdOf = (ref: AttemptRef): string => loopRunId(ref.loop, ref.slot);
