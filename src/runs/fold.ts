/**
 * Folds a settled slot: its rows are in the ledger, then its outputs lie in the run's directory there, then the loop is sealed up to
 * it, then its files go. A death between any two steps is repeated without harm: nothing is removed before what follows from it
 * stands, and a sealed slot is nobody's to claim.
 */
import { type Instant, localDay } from '../model/instant.js';
import { type LoopSpec, loopRunId } from '../model/loop.js';
import type { Disk } from '../store/disk.js';
import { liveAttempts } from '../store/live.js';
import type { SoundLoop } from '../store/loops.js';
import { findRuns } from '../store/run-index.js';
import { rowKey } from '../store/segment.js';
import {
  type AttemptFiles,
  readSlot,
  type SlotView,
  sealedThrough,
  sealThrough,
  slotDir,
  slotsOf,
} from '../store/slots.js';
import { runnerOf } from './finish-attempt.js';
import { ledgerRow } from './ledger-row.js';
import { foldsBefore, mayFold } from './rules/retention.js';

export interface Fold {
  loop: LoopSpec;
  view: SlotView;
}

/** Slots of a loop that may be folded now, oldest first; each is looked at when it is asked for. */
export function* foldable(disk: Disk, { spec, loopState }: SoundLoop, now: Instant): Generator<Fold> {
  const live = new Set(liveAttempts(disk, spec.id).map(({ slot }) => slot));
  const sealed = sealedThrough(disk, spec.id);
  for (const slot of slotsOf(disk, spec.id)) {
    if (slot >= foldsBefore(now)) return;
    const view = readSlot(disk, { loop: spec.id, slot }, spec.maxAttempts);
    const facts = { slot, state: view.state, endedAt: endOf(view.last), isLive: live.has(slot) };
    // What a death left of a fold was judged before it was sealed.
    if (slot > sealed && !mayFold(facts, loopState, now)) return;
    yield { loop: spec, view };
  }
}

function endOf(last: AttemptFiles | undefined): Instant {
  if (!last) return Number.NEGATIVE_INFINITY;
  const ended = last.result === undefined ? Number.NaN : Date.parse(last.result.finishedAt);
  return Number.isNaN(ended) ? last.claim.at : ended;
}

/** `rows` remembers the rows of a day, so that a loop of many slots reads them once. */
export function fold(disk: Disk, { loop, view }: Fold, { now, rows }: { now: Instant; rows: RowsKnown }): void {
  const dir = slotDir(loop.id, view.slot);
  for (const files of view.attempts) ensureRow(disk, { loop, files }, { now, rows });
  const isEmptied = keepOutputs(disk, { loop, view, dir });
  if (view.slot > sealedThrough(disk, loop.id)) sealThrough(disk, loop.id, view.slot);
  if (isEmptied) disk.removeTree(dir);
}

/** Keys of the rows of one loop by day. */
export type RowsKnown = Map<string, Set<string>>;

function ensureRow(
  disk: Disk,
  { loop, files }: { loop: LoopSpec; files: AttemptFiles },
  { now, rows }: { now: Instant; rows: RowsKnown },
): void {
  const { ref, claim, result } = files;
  const day = dayOf(files);
  const known = rows.get(`${loop.id} ${day}`) ?? rowsOf(disk, { loop: loop.id, day, now });
  rows.set(`${loop.id} ${day}`, known);
  if (known.has(rowKey({ id: loopRunId(ref.loop, ref.slot), attempt: ref.attempt }))) return;
  const began = new Date(claim.at).toISOString();
  const said =
    claim.state === 'present' ? claim.value : { kind: 'run' as const, source: 'schedule' as const, createdAt: began };
  const of = { ref, loopName: loop.name, claim: said, runner: runnerOf(loop), isLastTrace: true };
  ledgerRow({ disk, now: () => claim.at }, { ...of, ...(result ? { result } : {}) });
}

/** The local day on which the attempt began, as its row has it. */
function dayOf({ claim, result }: AttemptFiles): string {
  const said = result?.startedAt ?? (claim.state === 'present' ? claim.value.createdAt : undefined);
  const began = said === undefined ? Number.NaN : Date.parse(said);
  return localDay(Number.isNaN(began) ? claim.at : began);
}

function rowsOf(disk: Disk, { loop, day, now }: { loop: string; day: string; now: Instant }): Set<string> {
  const [since, until] = [`${day}T00:00:00`, `${day}T23:59:59.999`].map((text) => new Date(text).getTime()) as [
    number,
    number,
  ];
  const { rows } = findRuns(disk, { loop, kind: 'loop', since, until }, { limit: Number.MAX_SAFE_INTEGER, now });
  return new Set(rows.map(rowKey));
}

/** What the row says as well. Everything else moves to the ledger: outputs, late results, damaged records, files of others. */
const TOLD = /^a(\d+)\.(?:claim|lease|parked|result)$/;

/** True when nothing is left that would be lost with the directory. */
function keepOutputs(disk: Disk, { loop, view, dir }: { loop: LoopSpec; view: SlotView; dir: string }): boolean {
  const listed = disk.list(dir);
  if (listed.state !== 'present') return listed.state === 'absent';
  const damaged = new Set(view.attempts.filter(isDamaged).map(({ ref }) => ref.attempt));
  const day = view.last ? dayOf(view.last) : localDay(view.slot);
  let isEmptied = true;
  for (const name of listed.names) {
    const attempt = Number(/^a(\d+)\./.exec(name)?.[1] ?? 0);
    const of = TOLD.exec(name);
    if (of && view.attempts.some(({ ref }) => ref.attempt === attempt) && !damaged.has(attempt)) continue;
    const own = view.attempts.find(({ ref }) => ref.attempt === attempt);
    const to = `runs/${own ? dayOf(own) : day}/${loopRunId(loop.id, view.slot)}`;
    disk.makeDir(to);
    if (!disk.move(`${dir}/${name}`, `${to}/${name}`)) isEmptied &&= disk.stat(`${dir}/${name}`).state === 'absent';
  }
  return isEmptied;
}

const isDamaged = ({ claim, result }: AttemptFiles): boolean =>
  claim.state !== 'present' || result?.error?.startsWith('corrupt result') === true;
