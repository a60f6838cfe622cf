/**
 * What follows from a result, in this order: the loop's cursor (by compare-and-swap), the row in the ledger, the mark away. Each
 * step may be repeated by anybody after a death: settling the same attempt again changes nothing, a row is looked for first.
 */
import { refused } from '../model/error.js';
import type { AttemptResult, Claim, LoopSpec, LoopState, RunSource } from '../model/loop.js';
import { logEvent } from '../store/events.js';
import { type AttemptRef, unmarkLive } from '../store/live.js';
import { casState, readLoop } from '../store/loops.js';
import type { AttemptDeps } from './attempt-deps.js';
import { ledgerRow, type RowOf } from './ledger-row.js';
import { isScheduled } from './rules/seen.js';
import { settle } from './rules/settle.js';
import { seenSlots } from './seen-slots.js';

/** Losing a compare-and-swap means that somebody else moved the loop on; so many in a row mean that something spins. */
const TRIES = 50;

/** What a lost claim still says: enough for its row. */
const claimOr = (claim: Claim | undefined, result: AttemptResult): RowOf['claim'] =>
  claim ?? { kind: 'run', source: 'schedule', createdAt: result.startedAt ?? result.finishedAt };

export interface Finishing {
  ref: AttemptRef;
  /** Absent: it is damaged. */
  claim?: Claim;
  result: AttemptResult;
}

/** `isFresh`: this process has just published the result, so nobody else has written the row. */
export function finishAttempt(
  deps: AttemptDeps,
  { ref, claim, result }: Finishing,
  how: { isFresh: boolean; spec?: LoopSpec; usage?: RowOf['usage'] },
): void {
  const settled = settleLoop(deps, { ref, source: claim?.source ?? 'schedule', result });
  const spec = settled ?? how.spec;
  const row: RowOf = {
    ref,
    loopName: spec?.name ?? ref.loop,
    claim: claimOr(claim, result),
    result,
    runner: spec ? runnerOf(spec) : 'loop',
    ...(how.usage ? { usage: how.usage } : {}),
    isLastTrace: settled === undefined,
  };
  ledgerRow(deps, row, !how.isFresh);
  // Who asked for a run is told its end: nothing of it may look unfinished afterwards.
  unmarkLive(deps.disk, ref, claim?.source === 'schedule' ? 'unsynced' : undefined);
}

/** Who runs the target, as the ledger says it. */
export const runnerOf = ({ target }: LoopSpec): string => (target.type === 'agent' ? target.provider : target.type);

/**
 * Moves the cursor past a result. Returns the spec; undefined when the loop is gone or cannot be read: a spec that is mended finds
 * its cursor at a settled slot and settles it then.
 */
export function settleLoop(
  deps: AttemptDeps,
  { ref, source, result }: { ref: AttemptRef; source: RunSource; result: AttemptResult },
): LoopSpec | undefined {
  for (let tries = 0; tries < TRIES; tries++) {
    const entry = readLoop(deps.disk, ref.loop);
    if (entry?.state !== 'ok') return undefined;
    const { spec, loopState } = entry;
    const now = deps.now();
    // A run beside the schedule moves nothing.
    if (!isScheduled(source)) return spec;
    const settled = {
      slot: ref.slot,
      attempt: ref.attempt,
      status: result.status,
      finishedAt: Date.parse(result.finishedAt),
      source,
      seen: seenSlots(deps, spec, loopState),
      by: deps.claimedBy,
    };
    const next = settle(spec, loopState, settled, now, deps.zone());
    if (next === loopState) return spec;
    if (casState(deps.disk, ref.loop, loopState, next)) {
      tellMissed(deps, spec, { before: loopState, after: next });
      return spec;
    }
  }
  throw refused('busy', `Cannot move loop "${ref.loop}" on: others have changed it ${TRIES} times meanwhile`);
}

/** Loops spec 5.3: more than this at once is worth a warning. */
const WARN_ABOVE = 100;

/** Every slot that was dropped is told: in the state, and once in the log. */
export function tellMissed(deps: AttemptDeps, spec: LoopSpec, of: { before: LoopState; after: LoopState }): void {
  const dropped = of.after.missed.total - of.before.missed.total;
  if (dropped <= 0) return;
  const level = dropped > WARN_ABOVE ? 'warn' : 'info';
  deps.log(level, 'loop.missed', `loop "${spec.name}": ${dropped} planned times were missed and are not run`);
  logEvent(deps.disk, deps.now(), 'loop.missed', { loop: spec.id, level, count: dropped, last: of.after.missed.last });
}
