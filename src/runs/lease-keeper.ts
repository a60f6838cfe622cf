/**
 * Keeps the lease of one attempt while its target runs, and tells its runner to stop when the attempt is not its own any more: it
 * was ended by somebody else, its claim names another token, or no renewal succeeded for the whole lease on our own clock that
 * goes forward. An expired lease is never revived; a wall clock that leaps does not expire it.
 */
import { TendError } from '../model/error.js';
import type { ProcessId } from '../model/loop.js';
import { specKey } from '../store/loops.js';
import { attemptKey, hasResult, writeLease } from '../store/slots.js';
import type { AttemptDeps } from './attempt-deps.js';
import { type ClaimedAttempt, iso } from './claim-attempt.js';

export interface LeaseKeeper {
  /** Aborts when the attempt was lost. */
  lost: AbortSignal;
  /** Why, once it is lost. */
  why(): string | undefined;
  /** The child is there: others find it by this record if we die. */
  onChild(child: ProcessId): void;
  /** Looks once more, now: right before anything is recorded. */
  check(): void;
  stop(): void;
}

/** A third of the lease, so that two renewals may fail; bounds of the loops spec, 5.8. */
const renewalMs = (leaseMs: number): number => Math.min(Math.max(leaseMs / 3, 10), 60_000);

export function keepLease(deps: AttemptDeps, { spec, ref, claim, claimedAt }: ClaimedAttempt): LeaseKeeper {
  const lost = new AbortController();
  let [beat, renewedAt, why] = [0, claimedAt, undefined as string | undefined];
  let child: { child: ProcessId; childStartedAt: string } | undefined;
  const lose = (reason: string): void => {
    why ??= reason;
    clearInterval(timer);
    lost.abort();
  };
  const check = (): void => {
    if (deps.forward() - renewedAt > spec.leaseMs) lose('its lease expired before it could be renewed');
    try {
      if (hasResult(deps.disk, ref)) lose('another process has ended it');
      // Only the token matters, and this look is on the path of every run: the record is not parsed.
      const now = deps.disk.read(attemptKey(ref, 'claim'));
      if (now.state === 'present' && !now.text.includes(claim.token)) lose('its claim is another one');
    } catch {
      // What cannot be read now says nothing; the lease bounds how long that may last.
    }
  };
  const renew = (isFirst = false): void => {
    // The first one comes right after the claim, as soon as the child is there.
    if (why === undefined && !isFirst) check();
    // A loop that was removed has no directory any more, and must not get one anew.
    if (why !== undefined || deps.disk.stat(specKey(spec.id)).state === 'absent') {
      if (why === undefined) renewedAt = deps.forward();
      return;
    }
    try {
      const leaseExpiresAt = iso(deps.now() + spec.leaseMs);
      writeLease(deps.disk, ref, { token: claim.token, beat: ++beat, leaseExpiresAt, ...child });
      renewedAt = deps.forward();
    } catch (error) {
      // Another pulse has taken over: it does not wait for us. Anything else may pass (a full disk), the lease bounds it.
      if (error instanceof TendError && error.code === 'fenced') lose('another pulse has taken over');
    }
  };
  const timer = setInterval(() => renew(), renewalMs(spec.leaseMs));
  return {
    lost: lost.signal,
    why: () => why,
    onChild(identity) {
      child = { child: identity, childStartedAt: iso(deps.now()) };
      renew(beat === 0);
    },
    check() {
      if (why === undefined) check();
    },
    stop: () => clearInterval(timer),
  };
}
