/**
 * The directory of one run of a workflow in the ledger, `runs/<day>/<id>/`: its run record, its end, its steps' records, its
 * events, and the marker `live/workflow.<id>` that stands while the run is unfinished. The day is in the id. Claims are published
 * names; what became of a step follows from which of its files are there (runs/workflow/derive.ts).
 */
import type * as z from 'zod/mini';
import { hash32, nonce } from '../lib/hash.js';
import { refused } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import type { RunRow } from '../model/run.js';
import {
  type RunResult,
  runKeySchema,
  runResultSchema,
  type StepResult,
  type StepStart,
  stepAskSchema,
  stepLeaseSchema,
  stepResultSchema,
  stepStartSchema,
  type WorkflowEvent,
  type WorkflowRun,
  workflowEventSchema,
  workflowRunSchema,
} from '../model/workflow-run.js';
import { jsonRecord, jsonRow, type Loaded, parseRows, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { newRun, type RunRef, runRef } from './runs.js';
import { cannotRead } from './unreadable.js';

const ID = /^workflow-(\d{4})(\d\d)(\d\d)-\d{6}-[0-9a-f]{12}$/;

/** An id of a run that is nobody's yet; it sorts by time and carries the local day. */
export function newWorkflowRunId(now: Instant): string {
  return `${newRun('workflow', now).id}${nonce(4)}`;
}

/** Where a run lies, or undefined when the word is no id of one. */
export function workflowRunRef(id: string): RunRef | undefined {
  const day = ID.exec(id);
  return day ? runRef(`${day[1]}-${day[2]}-${day[3]}`, id) : undefined;
}

/** Key of a file of the run. Throws for what is no id of a run. */
function keyIn(id: string, name: string): string {
  const ref = workflowRunRef(id);
  if (!ref)
    throw refused(
      'no-workflow-run',
      `Cannot find workflow run ${JSON.stringify(id)}: that is no id of one`,
      'tend workflows runs',
    );
  return `${ref.dir}/${name}`;
}

const MARKER = /^workflow\.(.+)$/;
const markerKey = (id: string): string => `live/workflow.${id}`;

/** Before `run.json`: the list of what is unfinished is `live/`, never a scan of all runs. */
export const markLive = (disk: Disk, id: string): boolean => disk.publish(markerKey(id), '');
export const unmarkLive = (disk: Disk, id: string): void => disk.remove(markerKey(id));
/** When the marker was made, milliseconds; undefined when it is gone. */
export function markedAt(disk: Disk, id: string): number | undefined {
  const stat = disk.stat(markerKey(id));
  return stat.state === 'present' ? stat.mtimeMs : undefined;
}

/** Ids of unfinished runs, the oldest first. Throws when that cannot be told. */
export function liveWorkflowRuns(disk: Disk): string[] {
  const listed = disk.list('live');
  if (listed.state === 'unreadable') throw cannotRead(disk, 'list "live"', { key: 'live', reason: listed.reason });
  return (listed.state === 'present' ? listed.names : []).flatMap((name) => {
    const id = MARKER.exec(name)?.[1];
    return id !== undefined && ID.test(id) ? [id] : [];
  });
}

/** The run of an idempotency key: the id given, or the one that had the key before. */
export function claimKey(disk: Disk, key: string, id: string): string {
  const name = `workflows/keys/${hash32(key)}.json`;
  if (disk.publish(name, jsonRecord({ key, run: id }))) return id;
  const read = readJson(disk, name, runKeySchema);
  if (read.state === 'present' && ID.test(read.value.run)) return read.value.run;
  const reason = read.state === 'present' ? 'it names no run' : read.state === 'absent' ? 'it is gone' : read.reason;
  throw cannotRead(disk, 'tell whether this slot ran already', { key: name, reason });
}

/** The run that has this key, if any. */
export function runOfKey(disk: Disk, key: string): string | undefined {
  const read = readJson(disk, `workflows/keys/${hash32(key)}.json`, runKeySchema);
  return read.state === 'present' && ID.test(read.value.run) ? read.value.run : undefined;
}

/** A file of `workflows/keys/`; `run` is undefined when it cannot be read or names none. */
export interface RunKey {
  key: string;
  bytes: number;
  madeAt: Instant;
  run: string | undefined;
}

export function* runKeys(disk: Disk): Generator<RunKey> {
  for (const name of names(disk, 'workflows/keys').filter((one) => one.endsWith('.json'))) {
    const key = `workflows/keys/${name}`;
    const stat = disk.stat(key);
    if (stat.state !== 'present') continue;
    const read = readJson(disk, key, runKeySchema);
    const run = read.state === 'present' && ID.test(read.value.run) ? read.value.run : undefined;
    yield { key, bytes: stat.bytes, madeAt: stat.mtimeMs, run };
  }
}

/** Neither its directory nor its mark is there. */
export const isRunGone = (disk: Disk, id: string): boolean =>
  disk.stat(keyIn(id, '').replace(/\/$/, '')).state === 'absent' && disk.stat(markerKey(id)).state === 'absent';

export const publishRun = (disk: Disk, run: Omit<WorkflowRun, 'format'>): boolean =>
  disk.publish(keyIn(run.id, 'run.json'), jsonRecord(run));
export const readRun = (disk: Disk, id: string): Loaded<WorkflowRun> =>
  readJson(disk, keyIn(id, 'run.json'), workflowRunSchema);

/** The end of a run; false when it had ended. */
export const publishResult = (disk: Disk, id: string, result: Omit<RunResult, 'format'>): boolean =>
  disk.publish(keyIn(id, 'result.json'), jsonRecord(result));
export const readResult = (disk: Disk, id: string): Loaded<RunResult> =>
  readJson(disk, keyIn(id, 'result.json'), runResultSchema);
/** Cheap look for owners: whatever stands there, nothing more is to be started. */
export const hasEnded = (disk: Disk, id: string): boolean => disk.stat(keyIn(id, 'result.json')).state !== 'absent';

/** Runs of all days, the newest first, at most `limit`; `workflowId` narrows them. Runs whose record cannot be read are left out. */
export function newestWorkflowRuns(disk: Disk, limit: number, workflowId?: string): WorkflowRun[] {
  const runs: WorkflowRun[] = [];
  for (const day of names(disk, 'runs')
    .filter((name) => /^\d{4}-\d\d-\d\d$/.test(name))
    .reverse())
    for (const id of names(disk, `runs/${day}`)
      .filter((name) => ID.test(name))
      .reverse()) {
      if (runs.length >= limit) return runs;
      const read = readRun(disk, id);
      if (read.state === 'present' && (workflowId === undefined || read.value.workflow.id === workflowId))
        runs.push(read.value);
    }
  return runs;
}

function names(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  return listed.state === 'present' ? listed.names : [];
}

/** Files of one start of a step; `n` from 1. */
const stepKey = (id: string, step: number, file: string): string =>
  keyIn(id, `steps/${String(step).padStart(2, '0')}/${file}`);

/** What the files of a step say; `n` is the number of its last start (0: none). */
export interface StepFiles {
  n: number;
  start?: Loaded<StepStart>;
  lease?: Loaded<z.infer<typeof stepLeaseSchema>>;
  ask?: Loaded<z.infer<typeof stepAskSchema>>;
  isVoid: boolean;
  result?: Loaded<StepResult>;
}

/** The newest start of step `step` (its index in the file) and what became of it. */
export function readStepFiles(disk: Disk, id: string, step: number): StepFiles {
  const dir = stepKey(id, step, '').replace(/\/$/, '');
  const listed = disk.list(dir);
  if (listed.state === 'unreadable')
    throw cannotRead(disk, `read step ${step} of "${id}"`, { key: dir, reason: listed.reason });
  const files = new Set(listed.state === 'present' ? listed.names : []);
  const n = Math.max(0, ...[...files].map((name) => Number(/^s(\d+)\.(?:start|result)$/.exec(name)?.[1] ?? 0)));
  const has = (kind: string): boolean => files.has(`s${n}.${kind}`);
  const read = <T>(kind: string, schema: z.ZodMiniType<T>): Loaded<T> | undefined =>
    has(kind) ? readJson(disk, `${dir}/s${n}.${kind}`, schema) : undefined;
  const [start, lease, ask] = [
    read('start', stepStartSchema),
    read('lease', stepLeaseSchema),
    read('ask', stepAskSchema),
  ];
  const result = read('result', stepResultSchema);
  return {
    n,
    isVoid: has('void'),
    ...(start ? { start } : {}),
    ...(lease ? { lease } : {}),
    ...(ask ? { ask } : {}),
    ...(result ? { result } : {}),
  };
}

export interface StepAt {
  run: string;
  step: number;
  n: number;
}

/** True for one of many: start `n` is the caller's. */
export const publishStart = (disk: Disk, at: StepAt, start: Omit<StepStart, 'format'>): boolean =>
  disk.publish(stepKey(at.run, at.step, `s${at.n}.start`), jsonRecord(start));
export const replaceStepLease = (
  disk: Disk,
  at: StepAt,
  lease: Omit<z.infer<typeof stepLeaseSchema>, 'format'>,
): void => disk.replace(stepKey(at.run, at.step, `s${at.n}.lease`), jsonRecord(lease));
export const publishStepAsk = (disk: Disk, at: StepAt, ask: string, now: Instant): boolean =>
  disk.publish(stepKey(at.run, at.step, `s${at.n}.ask`), jsonRecord({ ask, at: new Date(now).toISOString() }));
export const publishVoid = (disk: Disk, at: StepAt, reason: string, now: Instant): boolean =>
  disk.publish(stepKey(at.run, at.step, `s${at.n}.void`), jsonRecord({ reason, at: new Date(now).toISOString() }));

/** Outputs first, so that a result never speaks of outputs that are not there. False when the start had its end already. */
export function publishStepResult(
  disk: Disk,
  at: StepAt,
  {
    stdout,
    stderr,
    ...result
  }: Omit<StepResult, 'format' | 'outBytes' | 'errBytes'> & { stdout: string; stderr: string },
): boolean {
  const key = (file: string) => stepKey(at.run, at.step, `s${at.n}.${file}`);
  if (disk.stat(key('void')).state !== 'absent') return false;
  if (stdout !== '') disk.replace(key('out'), stdout);
  if (stderr !== '') disk.replace(key('err'), stderr);
  const bytes = { outBytes: Buffer.byteLength(stdout), errBytes: Buffer.byteLength(stderr) };
  return disk.publish(key('result'), jsonRecord({ ...result, ...bytes }));
}

/** What a step printed, empty when nothing; `unreadable` text is said in its place. */
export function readStepOutput(disk: Disk, at: StepAt, which: 'out' | 'err'): string {
  const read = disk.read(stepKey(at.run, at.step, `s${at.n}.${which}`));
  return read.state === 'present' ? read.text : read.state === 'absent' ? '' : `[unreadable: ${read.reason}]`;
}

/** Not synced: one that went with the machine's power is told again by whoever takes the run over. */
export function appendEvent(disk: Disk, id: string, event: Omit<WorkflowEvent, 'format'>): void {
  disk.append(keyIn(id, 'events.ndjson'), jsonRow(event), 'unsynced');
}

/** Far beyond the events of a thousand steps. */
const EVENTS_BYTES_MAX = 4 * 1024 * 1024;

/** Valid rows, the oldest first; torn ones leave no hole. */
export function readEvents(disk: Disk, id: string): WorkflowEvent[] {
  const read = disk.tail(keyIn(id, 'events.ndjson'), EVENTS_BYTES_MAX);
  return read.state === 'present' ? parseRows(read.text, workflowEventSchema).rows : [];
}

/** Files `own-NN.json` and `own-NN.end` of the run, by number. */
export const ownerKey = (id: string, n: number, what: 'json' | 'end'): string =>
  keyIn(id, `own-${String(n).padStart(2, '0')}.${what}`);
export const ownerNumbers = (disk: Disk, id: string): number[] =>
  names(disk, keyIn(id, '').replace(/\/$/, ''))
    .map((name) => Number(/^own-(\d+)\.json$/.exec(name)?.[1] ?? 0))
    .filter((n) => n > 0)
    .sort((a, b) => a - b);

/** Id of a step run, as its row in the ledger has it. */
export const stepRunId = (run: string, step: number): string => `${run}-${String(step).padStart(2, '0')}`;
export type LedgerRow = Omit<RunRow, 'format' | 'id'>;
