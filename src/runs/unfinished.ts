/**
 * Step 1 of a look at a loop: everything in `live/` that is about it. What has a result is settled, what nobody is at is abandoned
 * and settled, what somebody is at is left alone. Needs no memory of earlier looks.
 */
import type { Instant } from '../model/instant.js';
import type { AttemptResult, LoopSpec } from '../model/loop.js';
import { type AttemptRef, markedSince, markLive, unmarkLive } from '../store/live.js';
import { specKey } from '../store/loops.js';
import { type AttemptFiles, readAttempt, stateOf } from '../store/slots.js';
import type { AttemptDeps, AttemptJob } from './attempt-deps.js';
import { finishAttempt, runnerOf } from './finish-attempt.js';
import { ledgerRow } from './ledger-row.js';
import { abandon, judge } from './orphan.js';
import { endOfParked, keepWorkflow } from './parked.js';
import { tendRemoved } from './removed.js';
import { marksOf } from './seen-slots.js';

export interface Unfinished {
  /** Attempts that somebody is at, or that wait for a human; oldest slot first. */
  active: AttemptRef[];
  /** Attempts that were abandoned by this look. */
  recovered: AttemptRef[];
  /** Attempts whose results this look has settled. */
  settled: AttemptRef[];
  /** How many of the active ones wait for a human. */
  parked: number;
  /** A parked attempt whose workflow run has ended: to be performed anew, which tells its end. */
  resume?: AttemptJob;
  /** When to look again, besides any change of the files. */
  at?: Instant;
}

/** A mark without a claim is a claim under way, for so long. Loops spec 5.10. */
const MARK_MS = 60_000;
/** How long whoever has published a result may take for what follows from it, as long as it lives. */
const FINISH_MS = 10_000;
const SOON_MS = 1_000;
/** A workflow run that ends in another process says so to nobody; days may pass until then. */
export const PARKED_LOOK_MS = 5_000;

export async function tendUnfinished(
  deps: AttemptDeps,
  of: { id: string; spec: LoopSpec | undefined },
  now: Instant,
): Promise<Unfinished> {
  const found: Unfinished = { active: [], recovered: [], settled: [], parked: 0 };
  const again = (at: Instant): void => {
    found.at = Math.min(found.at ?? at, at);
  };
  for (const ref of marksOf(deps, of.id)) {
    const files = readAttempt(deps.disk, ref);
    const removed = files || hasSpec(deps, ref) ? undefined : await tendRemoved(deps, ref, now);
    if (removed) {
      if (removed.state === 'open') again(removed.at);
    } else if (!files) {
      const since = markedSince(deps.disk, ref);
      // A date far ahead was written before the clock was set back.
      if (since !== undefined && Math.abs(now - since) <= MARK_MS) again(since + MARK_MS + 1);
      else dropMark(deps, ref);
    } else if (files.result) {
      if (isOwnerAtIt(deps, files, now)) again(now + SOON_MS);
      else {
        finish(deps, files, { result: files.result, spec: of.spec });
        found.settled.push(ref);
      }
    } else if (stateOf(files, 1) === 'settled') {
      if (files.claim.state === 'present')
        ledgerRow(
          deps,
          {
            ref,
            loopName: of.spec?.name ?? of.id,
            claim: files.claim.value,
            runner: of.spec ? runnerOf(of.spec) : 'loop',
          },
          true,
        );
      unmarkLive(deps.disk, ref);
    } else if (!(await tendOpen(deps, files, { spec: of.spec, now, found, again }))) found.active.push(ref);
  }
  return found;
}

const hasSpec = ({ disk }: AttemptDeps, { loop }: AttemptRef): boolean => disk.stat(specKey(loop)).state !== 'absent';

/** Whoever made it may have published its claim since we looked, and must be found by it: then the mark is made again. */
function dropMark({ disk }: AttemptDeps, ref: AttemptRef): void {
  unmarkLive(disk, ref);
  if (readAttempt(disk, ref)) markLive(disk, ref);
}

/** One without a result. True when it has come to its end by this look. */
async function tendOpen(
  deps: AttemptDeps,
  files: AttemptFiles,
  {
    spec,
    now,
    found,
    again,
  }: { spec: LoopSpec | undefined; now: Instant; found: Unfinished; again(at: Instant): void },
): Promise<boolean> {
  if (files.parked) {
    found.parked += 1;
    again(now + PARKED_LOOK_MS);
    return tendParked(deps, files, { spec, found });
  }
  const verdict = await judge(deps, files, spec, now);
  if (verdict.do === 'leave') {
    again(verdict.at);
    return false;
  }
  if (await keepWorkflow(deps, files, { spec, why: `lease expired: ${verdict.why}` })) {
    again(now);
    return false;
  }
  const ended = await abandon(deps, files, verdict);
  if (!ended) return false;
  if (ended.isOurs) {
    found.recovered.push(files.ref);
    deps.log('warn', 'loop.abandoned', `loop "${spec?.name ?? files.ref.loop}": ${ended.result.error ?? ''}`);
  }
  finish(deps, files, { result: ended.result, spec });
  return true;
}

/** One that waits for its workflow run. When that has ended it is to be taken up again. */
async function tendParked(
  deps: AttemptDeps,
  files: AttemptFiles,
  { spec, found }: { spec: LoopSpec | undefined; found: Unfinished },
): Promise<boolean> {
  const { claim, ref } = files;
  if (claim.state !== 'present' || deps.inFlight.has(claim.value.token)) return false;
  const end = await endOfParked(deps, files);
  if (end === 'ended' && spec)
    found.resume ??= { spec, slot: ref.slot, attempt: ref.attempt, source: claim.value.source, resume: claim.value };
  if (end !== 'gone') return false;
  const ended = await abandon(deps, files, { why: 'its workflow run is gone' });
  if (!ended) return false;
  finish(deps, files, { result: ended.result, spec });
  return true;
}

function finish(
  deps: AttemptDeps,
  { ref, claim }: AttemptFiles,
  { result, spec }: { result: AttemptResult; spec: LoopSpec | undefined },
): void {
  const known = claim.state === 'present' ? { claim: claim.value } : {};
  finishAttempt(deps, { ref, ...known, result }, { isFresh: false, ...(spec ? { spec } : {}) });
}

/** Whoever published the result does the rest itself, a moment later: a second row by us would be one too many. */
function isOwnerAtIt(deps: AttemptDeps, { claim, result }: AttemptFiles, now: Instant): boolean {
  if (claim.state !== 'present' || !result) return false;
  const { token, runner } = claim.value;
  if (deps.inFlight.has(token)) return true;
  if (result.token !== token || result.status === 'abandoned') return false;
  const isSelf = runner.pid === deps.self.pid && runner.start === deps.self.start && runner.host === deps.self.host;
  return !isSelf && deps.life(runner) === 'alive' && Math.abs(now - Date.parse(result.finishedAt)) < FINISH_MS;
}
