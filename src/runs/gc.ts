/**
 * The retention of the ledger, as a list of steps that is made while it is walked: a dry run counts them, the pulse takes them in
 * slices. Each step stands for itself and may be repeated; one that fails is told and stops no other (specs/loops.md 6.6).
 */
import { isObject, parseJson } from '../lib/json.js';
import { timeOfId } from '../lib/sortable-id.js';
import { messageOf, TendError } from '../model/error.js';
import { type Instant, localDay } from '../model/instant.js';
import { slotTime } from '../model/loop.js';
import { indexKey, segmentDays } from '../store/day-index.js';
import type { Disk } from '../store/disk.js';
import { readLoops } from '../store/loops.js';
import { markedObjectives, objectiveDir, objectiveIds, readObjective, removeObjective } from '../store/objectives.js';
import { isRetired, openAskTexts, type RunDir, runDirs, treeBytes } from '../store/retired.js';
import { segmentKey } from '../store/segment.js';
import { sweepTemps } from '../store/temps.js';
import { isRunGone, runKeys } from '../store/workflow-runs.js';
import { fold, foldable, type RowsKnown } from './fold.js';
import { expiredDays, expiredOutputs, isTrashExpired, type Keeps, type OutputDir } from './rules/retention.js';

export const GC_KINDS = ['fold', 'rows', 'outputs', 'trash', 'temp'] as const;
export type GcKind = (typeof GC_KINDS)[number];

export interface GcStep {
  kind: GcKind;
  /** What it is about, a key in the data dir. */
  key: string;
  /** That it frees, as far as that is known. */
  bytes: number;
  take(): void;
}

/** What the steps of each kind come to. */
export type GcCounts = Record<GcKind, { n: number; bytes: number }>;

/** `undefined`: one more thing was looked at and stays. `problem`: one line about what could not be looked at. */
export function* gcSteps(
  disk: Disk,
  keeps: Keeps,
  { now, problem }: { now: Instant; problem(text: string): void },
): Generator<GcStep | undefined> {
  for (const part of [folds, keys, outputs, objectives, rows, trash, temps]) {
    try {
      yield* part(disk, { keeps, now, problem });
    } catch (error) {
      if (!(error instanceof TendError)) throw error;
      problem(messageOf(error));
    }
  }
}

interface Terms {
  keeps: Keeps;
  now: Instant;
  problem(text: string): void;
}

function* folds(disk: Disk, { now, problem }: Terms): Generator<GcStep | undefined> {
  for (const loop of readLoops(disk)) {
    if (loop.state !== 'ok') continue;
    const rows: RowsKnown = new Map();
    try {
      for (const one of foldable(disk, loop, now))
        yield {
          kind: 'fold',
          key: `schedules/${loop.id}/slots/${new Date(one.view.slot).toISOString()}`,
          bytes: 0,
          take: () => fold(disk, one, { now, rows }),
        };
    } catch (error) {
      if (!(error instanceof TendError)) throw error;
      problem(`loop "${loop.id}": ${messageOf(error)}`);
    }
  }
}

function* outputs(disk: Disk, { keeps, now }: Terms): Generator<GcStep | undefined> {
  const dirs = runDirs(disk);
  if (dirs.length === 0) return;
  const asks = openAskTexts(disk);
  const measured: OutputDir[] = [];
  for (const dir of dirs) {
    const isInUse = isUnfinished(disk, dir) || asks.some((text) => text.includes(dir.id));
    measured.push({ ...dir, owner: ownerOf(disk, dir), bytes: treeBytes(disk, dir.key), isInUse });
    yield undefined;
  }
  for (const { key, bytes } of expiredOutputs(measured, keeps, now))
    yield { kind: 'outputs', key, bytes, take: () => disk.removeTree(key) };
}

/** A key is there before its run is, for a moment; after this one without a run is left over. */
const KEY_AGE_MS = 86_400_000;

/** The key of a workflow run goes after its run: it would have kept one attempt from running its workflow twice, and names nothing now. */
function* keys(disk: Disk, { now }: Terms): Generator<GcStep | undefined> {
  for (const { key, bytes, madeAt, run } of runKeys(disk)) {
    if (run === undefined || now - madeAt < KEY_AGE_MS || !isRunGone(disk, run)) yield undefined;
    else yield { kind: 'outputs', key, bytes, take: () => disk.remove(key) };
  }
}

/** A workflow run that has no end on record may go on any day, whatever says so elsewhere. */
const isUnfinished = (disk: Disk, { key, id }: RunDir): boolean =>
  id.startsWith('workflow-') && disk.stat(`${key}/result.json`).state === 'absent';

/** Of a workflow run its workflow, which stands in its record; one that cannot be read is kept with all such. */
function ownerOf(disk: Disk, { owner, key }: RunDir): string {
  if (owner !== 'workflow') return owner;
  const read = disk.read(`${key}/run.json`);
  const run = read.state === 'present' ? parseJson(read.text).value : undefined;
  const workflow = isObject(run) ? run['workflow'] : undefined;
  return `workflow ${isObject(workflow) ? String(workflow['id']) : '?'}`;
}

function* rows(disk: Disk, { keeps, now }: Terms): Generator<GcStep | undefined> {
  for (const day of expiredDays(segmentDays(disk), keeps, now)) {
    const key = segmentKey(day);
    const stat = disk.stat(key);
    yield {
      kind: 'rows',
      key,
      bytes: stat.state === 'present' ? stat.bytes : 0,
      take: () => {
        disk.remove(indexKey(day));
        disk.remove(key);
      },
    };
  }
}

/** An objective goes when its row would: until then `goal show` tells of it. One that is worked on, or waits for a human, stays. */
function* objectives(disk: Disk, { keeps, now }: Terms): Generator<GcStep | undefined> {
  const marked = new Set(markedObjectives(disk));
  for (const id of objectiveIds(disk)) {
    const [isExpired] = expiredDays([localDay(timeOfId(id))], keeps, now);
    const read = isExpired !== undefined && !marked.has(id) ? readObjective(disk, id) : undefined;
    if (read?.state !== 'present' || read.value.status === 'active') {
      yield undefined;
      continue;
    }
    const key = objectiveDir(id);
    yield { kind: 'outputs', key, bytes: treeBytes(disk, key), take: () => removeObjective(disk, id) };
  }
}

/** `<slot key>-loop-<id>`: what is named otherwise is somebody else's. */
const THROWN = /^(\d{8}T\d{9}Z)-loop-[0-9a-f]{12}$/;

function* trash(disk: Disk, { keeps, now }: Terms): Generator<GcStep | undefined> {
  const listed = disk.list('trash');
  for (const name of listed.state === 'present' ? listed.names : []) {
    const thrownAt = slotTime(THROWN.exec(name)?.[1] ?? '');
    if (thrownAt === undefined || !isTrashExpired(thrownAt, keeps, now)) continue;
    const key = `trash/${name}`;
    yield { kind: 'trash', key, bytes: treeBytes(disk, key), take: () => disk.removeTree(key) };
  }
}

/** No write takes an hour: an older temp file is nobody's. */
const TEMP_AGE_MS = 3_600_000;

function* temps(disk: Disk): Generator<GcStep | undefined> {
  const list = (dir: string): string[] => {
    const listed = disk.list(dir);
    return listed.state === 'present' ? listed.names.map((name) => `${dir}/${name}`) : [];
  };
  const loops = list('schedules').flatMap((dir) => [dir, `${dir}/state`, ...list(`${dir}/slots`)]);
  const days = list('runs').filter((dir) => /\d{4}-\d\d-\d\d$/.test(dir));
  const own = days.flatMap(list).filter((dir) => isRetired(dir.split('/')[2] ?? ''));
  for (const key of ['live', 'runs', 'workflows', 'trash', ...loops, ...own]) {
    const n = sweepTemps(disk, key, TEMP_AGE_MS, 'count');
    yield n === 0 ? undefined : { kind: 'temp', key, bytes: 0, take: () => void sweepTemps(disk, key, TEMP_AGE_MS) };
  }
}

export const noCounts = (): GcCounts => ({
  fold: { n: 0, bytes: 0 },
  rows: { n: 0, bytes: 0 },
  outputs: { n: 0, bytes: 0 },
  trash: { n: 0, bytes: 0 },
  temp: { n: 0, bytes: 0 },
});

export function count(counts: GcCounts, { kind, bytes }: GcStep): void {
  counts[kind].n += 1;
  counts[kind].bytes += bytes;
}

/** Takes a step; false when the disk refused it, which `problem` is told. */
export function take(step: GcStep, problem: (text: string) => void): boolean {
  try {
    step.take();
    return true;
  } catch (error) {
    if (!(error instanceof TendError) || error.code === 'fenced') throw error;
    problem(`${step.key}: ${messageOf(error)}`);
    return false;
  }
}
