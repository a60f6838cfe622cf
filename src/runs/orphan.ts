/**
 * Attempts that were claimed and have no result: are they at work, or did whoever claimed them die? Nothing is taken from a
 * process that may still be at it (loops spec 5.8), and nobody waits for one that is provably dead.
 */
import { findMarked, stopTree } from '../host/kill.js';
import type { Instant } from '../model/instant.js';
import { type AttemptResult, LOOP_DEFAULTS, type LoopSpec } from '../model/loop.js';
import { FORMAT } from '../model/record.js';
import { type AttemptFiles, attemptKey, publishResult, readAttempt } from '../store/slots.js';
import type { AttemptDeps } from './attempt-deps.js';
import { iso, runIdOf } from './claim-attempt.js';
import { hasLiveStep } from './parked.js';

/** `at`: when to look again. */
export type Judgement = { do: 'leave'; at: Instant } | { do: 'abandon'; why: string; kill?: number };

/** What a child may take beyond its target's own timeout before it counts as hung (5.8). */
const OVERTIME_MS = 60_000;
/** Between two looks at an orphan whose end nobody announces. */
const LOOK_MS = 1_000;

/** `spec` is absent when the loop cannot be read. */
export async function judge(
  deps: AttemptDeps,
  files: AttemptFiles,
  spec: LoopSpec | undefined,
  now: Instant,
): Promise<Judgement> {
  const { claim } = files;
  const leaseMs = spec?.leaseMs ?? LOOP_DEFAULTS.leaseMs;
  // A newer tend may be at it.
  if (claim.state !== 'present')
    return claim.state === 'newer' ? { do: 'leave', at: now + leaseMs } : judgeCorrupt(claim, leaseMs, now);
  const { token, runner, leaseExpiresAt } = claim.value;
  const isOurs = deps.inFlight.has(token);
  if (isOurs) return { do: 'leave', at: now + LOOK_MS };
  const lease = files.lease?.token === token ? files.lease : undefined;
  const until = timeOf(lease?.leaseExpiresAt ?? leaseExpiresAt, claim.at);
  // One that names this very process and is not among ours was left by us: nobody renews it any more.
  const isLeft = runner.pid === deps.self.pid && runner.start === deps.self.start && runner.host === deps.self.host;
  const life = isLeft ? 'dead' : deps.life(runner);
  if (until > now && life !== 'dead') return { do: 'leave', at: until };
  const child = await judgeChild(deps, files, { spec, now });
  if (child) return child;
  if (life === 'alive') return watch(deps, files, { leaseMs, now });
  return { do: 'abandon', why: life === 'dead' ? 'its runner died' : 'its runner did not renew it' };
}

/** A claim that nobody can read is somebody's for as long as a lease lasts. */
function judgeCorrupt(claim: { at: number; reason: string }, leaseMs: number, now: Instant): Judgement {
  // A date from before the clock was set back says nothing.
  const until = claim.at > now + leaseMs ? now : claim.at + leaseMs;
  return until > now ? { do: 'leave', at: until } : { do: 'abandon', why: `corrupt claim: ${claim.reason}` };
}

/** Its child, by the record or by its mark: left alone until the target's own limit is well over. */
async function judgeChild(
  deps: AttemptDeps,
  files: AttemptFiles,
  { spec, now }: { spec: LoopSpec | undefined; now: Instant },
): Promise<Judgement | undefined> {
  const { claim, lease } = files;
  if (claim.state !== 'present') return undefined;
  const { token, createdAt } = claim.value;
  const recorded = lease?.token === token ? lease.child : undefined;
  const isAlive =
    (recorded && deps.life(recorded) === 'alive') ||
    findMarked(token).length > 0 ||
    (await hasLiveStep(deps, files, spec));
  if (!isAlive) return undefined;
  const timeoutMs = spec?.target.timeoutMs ?? LOOP_DEFAULTS.timeoutMs;
  const started = timeOf(lease?.childStartedAt ?? createdAt, claim.at);
  const over = started + timeoutMs + OVERTIME_MS;
  // A start in the future is from before the clock was set back: its limit counts from the claim's own file, or from now on.
  if (over > now) return { do: 'leave', at: Math.min(over, now + LOOK_MS) };
  return { do: 'abandon', why: 'its child outlived its runner and its timeout', kill: recorded?.pid ?? 0 };
}

/** A living runner whose lease ran out by the wall clock: abandoned when it gives no sign for a whole lease on our own clock. */
function watch(deps: AttemptDeps, files: AttemptFiles, { leaseMs, now }: { leaseMs: number; now: Instant }): Judgement {
  const key = `${runIdOf(files.ref)}.${files.ref.attempt}`;
  const beat = files.lease?.beat ?? 0;
  const seen = deps.watched.get(key);
  const forward = deps.forward();
  if (seen?.beat !== beat) {
    deps.watched.set(key, { beat, since: forward });
    return { do: 'leave', at: now + Math.min(leaseMs, LOOK_MS) };
  }
  const quietMs = forward - seen.since;
  if (quietMs < leaseMs) return { do: 'leave', at: now + Math.min(leaseMs - quietMs, LOOK_MS) };
  deps.watched.delete(key);
  return { do: 'abandon', why: 'its runner is there and gives no sign' };
}

const timeOf = (text: string, otherwise: number): number => {
  const at = Date.parse(text);
  return Number.isNaN(at) ? otherwise : at;
};

/** Ends an orphan. The result that stands, ours or its runner's; undefined when it cannot be read. */
export async function abandon(
  deps: AttemptDeps,
  files: AttemptFiles,
  verdict: { why: string; kill?: number },
): Promise<{ result: AttemptResult; isOurs: boolean } | undefined> {
  const { claim, ref } = files;
  if (verdict.kill !== undefined && claim.state === 'present') await stopTree(verdict.kill, claim.value.token, 2_000);
  const result: AttemptResult = {
    format: FORMAT,
    token: claim.state === 'present' ? claim.value.token : '',
    status: 'abandoned',
    ...(claim.state === 'present' ? { startedAt: claim.value.createdAt } : {}),
    finishedAt: iso(deps.now()),
    error: `lease expired: ${verdict.why}`,
    outBytes: bytesOf(deps, attemptKey(ref, 'out')),
    errBytes: bytesOf(deps, attemptKey(ref, 'err')),
  };
  if (publishResult(deps.disk, ref, result)) return { result, isOurs: true };
  const theirs = readAttempt(deps.disk, ref)?.result;
  return theirs ? { result: theirs, isOurs: false } : undefined;
}

/** Its output may have been stored before its runner died. */
function bytesOf({ disk }: AttemptDeps, key: string): number {
  const stat = disk.stat(key);
  return stat.state === 'present' ? stat.bytes : 0;
}
