/**
 * What is under way by the markers in `live/` and the records of workers, as rows of the ledger. A marker comes before its claim and goes after
 * its row, and the records of a worker stay until its rows are written; so everything that is not in a segment yet is here, and nothing else
 * has to be looked through.
 */
import { isObject, parseJson } from '../lib/json.js';
import { isEnded } from '../model/fleet.js';
import { unixSeconds } from '../model/instant.js';
import { loopRunId } from '../model/loop.js';
import { FORMAT } from '../model/record.js';
import type { RunRow } from '../model/run.js';
import { openWorkerRow } from '../model/worker-run.js';
import type { Disk } from './disk.js';
import { type AttemptRef, liveAttempts } from './live.js';
import { goalKey } from './policy.js';
import { type AttemptFiles, readAttempt } from './slots.js';
import { cannotRead } from './unreadable.js';
import { untoldRows } from './worker-rows.js';
import { readWorker, workerIds } from './workers.js';

/** True for what has not ended. */
export const isUnderWay = ({ status }: Pick<RunRow, 'status'>): boolean => status === 'running' || status === 'waiting';

/** Newest first; what has ended and whose marker still stands is among them. Throws when `live/`, or who claimed an attempt, cannot be read. */
export function liveRuns(disk: Disk): RunRow[] {
  const attempts = liveAttempts(disk).flatMap((ref) => {
    const files = readAttempt(disk, ref);
    // A marker without a claim is no run yet.
    return files ? [attemptRow(disk, ref, files)] : [];
  });
  return newestFirst([...attempts, ...liveWorkflows(disk)]);
}

export const newestFirst = (rows: readonly RunRow[]): RunRow[] =>
  [...rows].sort((a, b) => b.ts - a.ts || (b.attempt ?? 0) - (a.attempt ?? 0));

function attemptRow(disk: Disk, ref: AttemptRef, { claim, parked, result }: AttemptFiles): RunRow {
  const name = loopName(disk, ref.loop);
  const isSkip = claim.state === 'present' && claim.value.kind === 'skip';
  const status = result?.status ?? (isSkip ? 'skipped' : parked ? 'waiting' : 'running');
  const error = result?.error ?? (claim.state === 'present' ? undefined : `${claim.state} claim`);
  return {
    format: FORMAT,
    id: loopRunId(ref.loop, ref.slot),
    kind: 'loop',
    ts: unixSeconds(claim.state === 'present' ? Date.parse(claim.value.createdAt) || claim.at : claim.at),
    duration_ms: result?.durationMs ?? 0,
    ok: status === 'succeeded',
    summary: SUMMARY[status] ?? status,
    loop: ref.loop,
    ...(name === undefined ? {} : { loop_name: name }),
    slot: new Date(ref.slot).toISOString(),
    attempt: ref.attempt,
    status,
    ...(claim.state === 'present' ? { source: claim.value.source } : {}),
    ...(error === undefined ? {} : { error }),
  };
}

const SUMMARY: Readonly<Record<string, string>> = { running: 'under way', waiting: 'waits for a human' };

const WORKFLOW_MARK = /^workflow\.(workflow-(\d{4})(\d\d)(\d\d)-.+)$/;

function liveWorkflows(disk: Disk): RunRow[] {
  const listed = disk.list('live');
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list what is under way ("live")', { key: 'live', reason: listed.reason });
  return (listed.state === 'present' ? listed.names : []).flatMap((name) => {
    const [, id, ...date] = WORKFLOW_MARK.exec(name) ?? [];
    return id === undefined ? [] : (workflowRow(disk, { id, dir: `runs/${date.join('-')}/${id}` }) ?? []);
  });
}

/** Only what `run.json` must say to be told; a run that its maker did not get to write is none. */
function workflowRow(disk: Disk, { id, dir }: { id: string; dir: string }): RunRow | undefined {
  const run = objectAt(disk, `${dir}/run.json`);
  const result = objectAt(disk, `${dir}/result.json`);
  if (!run) return undefined;
  const workflow = isObject(run['workflow']) ? run['workflow'] : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const status = text(result?.['status']) ?? 'running';
  const loop = text(run['loopId']);
  return {
    format: FORMAT,
    id,
    kind: 'workflow',
    ts: unixSeconds(Date.parse(text(run['startedAt']) ?? '') || 0),
    duration_ms: 0,
    ok: status === 'succeeded',
    summary: `${text(workflow['name']) ?? id} · ${SUMMARY[status] ?? status}`,
    status,
    workflow: text(workflow['id']) ?? id,
    ...(loop === undefined ? {} : { loop }),
  };
}

/** Workers and their verifies, as `liveRuns` shows the others. Their status says that they live; that their supervisor does is proven by whoever
 * needs to know it. What has ended and has no row yet is among them. Throws when `workers/` cannot be listed. */
export function liveWorkers(disk: Disk): RunRow[] {
  return workerIds(disk).flatMap((id) => {
    const record = readWorker(disk, id);
    if (!record?.status) return [];
    if (isEnded(record.status)) return untoldRows(disk, record);
    const goal = disk.stat(goalKey(id)).state === 'present' ? { goal: id } : {};
    return [{ ...openWorkerRow(record.status), ...goal }];
  });
}

function objectAt(disk: Disk, key: string): Record<string, unknown> | undefined {
  const read = disk.read(key);
  const parsed = read.state === 'present' ? parseJson(read.text) : undefined;
  return isObject(parsed?.value) ? parsed.value : undefined;
}

/** A spec that cannot be read has no name; the run has one all the same. */
function loopName(disk: Disk, loop: string): string | undefined {
  const name = objectAt(disk, `schedules/${loop}/spec.json`)?.['name'];
  return typeof name === 'string' ? name : undefined;
}
