/**
 * Workers on disk: `workers/<id>/`. `spec.json` is desired state and the commit point of a start; `gen-<G>.claim` is the right
 * to run one generation; `status.json` is what its supervisor saw; `verdict.json` what verify said. Every record is bound to
 * a generation, so leftovers of an earlier worker of the same id are never taken for the present one.
 */
import type * as z from 'zod/mini';
import { prettyJson } from '../lib/json.js';
import { refused } from '../model/error.js';
import { isEnded } from '../model/fleet.js';
import { idProblem } from '../model/id.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { FORMAT } from '../model/record.js';
import {
  type WorkerClaim,
  type WorkerSpec,
  type WorkerStatus,
  type WorkerVerdict,
  workerClaimSchema,
  workerSpecSchema,
  workerStatusSchema,
  workerVerdictSchema,
} from '../model/worker.js';
import { endWords } from '../model/worker-end.js';
import { worktreeDir } from '../model/worktree.js';
import { jsonRecord, type Loaded, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { discardTells } from './tells.js';
import { streamKey, transcriptKey } from './transcripts.js';
import { cannotRead } from './unreadable.js';

const dirKey = (id: string): string => `workers/${id}`;
export const specKey = (id: string): string => `workers/${id}/spec.json`;
export const statusKey = (id: string): string => `workers/${id}/status.json`;
export const verdictKey = (id: string): string => `workers/${id}/verdict.json`;
export const claimKey = (id: string, generation: string): string => `workers/${id}/gen-${generation}.claim`;
/** The prompt bears its generation, so that of two starts that race each keeps its own text. What hooks of the CLI leave bears its name and a word. */
export const promptKey = (id: string, generation: string): string => `workers/${id}/prompt-${generation}.md`;
/** Absolute path of the directory in which it works, and in which its result is judged. */
export const workDir = (disk: Disk, { id, repo }: Pick<WorkerSpec, 'id' | 'repo'>): string =>
  repo === undefined ? disk.root : disk.path(worktreeDir(id));
export const supervisorLogKey = (id: string): string => `workers/${id}/supervisor.log`;

/** What the disk says about one worker; status, claim and verdict are those of the present generation only. */
export interface WorkerRecord {
  id: string;
  spec?: WorkerSpec;
  specText?: string;
  status?: WorkerStatus;
  statusText?: string;
  claim?: WorkerClaim;
  verdict?: WorkerVerdict;
  /** When it was last heard of: its transcript or stream was written, milliseconds. */
  quietSinceMs?: number;
  /** A record that could not be read: nothing may be concluded from its absence. `corrupt`: it belongs into quarantine. */
  problem?: { key: string; reason: string; corrupt: boolean };
}

/** Ids that have a directory, sorted; foreign names are left out. Throws when the directory cannot be listed. */
export function workerIds(disk: Disk): string[] {
  const listed = disk.list('workers');
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list "workers"', { key: 'workers', reason: listed.reason });
  return listed.names.filter((name) => idProblem(name) === undefined);
}

/** Reads one worker; undefined only when it is proven that neither a spec nor a status exists. */
export function readWorker(disk: Disk, id: string): WorkerRecord | undefined {
  const record: WorkerRecord = { id };
  const take = <T>(key: string, schema: z.ZodMiniType<T>): (Loaded<T> & { state: 'present' }) | undefined => {
    const loaded = readJson(disk, key, schema);
    if (loaded.state === 'present') return loaded;
    if (loaded.state !== 'absent')
      record.problem ??= { key, reason: loaded.reason, corrupt: loaded.state === 'corrupt' };
    return undefined;
  };
  const spec = take(specKey(id), workerSpecSchema);
  const status = take(statusKey(id), workerStatusSchema);
  if (!spec && !status && !record.problem) return undefined;
  if (spec) Object.assign(record, { spec: spec.value, specText: spec.text });
  const generation = spec?.value.generation ?? status?.value.generation;
  if (generation === undefined) return record;
  if (status?.value.generation === generation) Object.assign(record, { status: status.value, statusText: status.text });
  const claim = take(claimKey(id, generation), workerClaimSchema)?.value;
  if (claim) record.claim = claim;
  const verdict = take(verdictKey(id), workerVerdictSchema)?.value;
  if (verdict?.generation === generation) record.verdict = verdict;
  // Events may come for long without a line to show; before this generation's supervisor has begun, both are those of the one before.
  const written = [transcriptKey(id), streamKey(id)].map((key) => disk.stat(key));
  const times = written.flatMap((one) => (one.state === 'present' ? [one.mtimeMs] : []));
  if (times.length > 0 && record.status) record.quietSinceMs = Math.max(...times);
  return record;
}

/** Makes a worker unwanted; the fleet controller (or the verb that follows) ends it. False when it was unwanted already. */
export function unwantWorker(disk: Disk, record: WorkerRecord, reason?: string): boolean {
  const { id, spec, specText } = record;
  if (!spec || specText === undefined || spec.desired === 'stopped') return false;
  const wanted: WorkerSpec = { ...spec, desired: 'stopped', ...(reason === undefined ? {} : { reason }) };
  if (disk.replaceIfEqual(specKey(id), specText, prettyJson(wanted))) return true;
  throw refused('worker-changed', `Cannot stop worker "${id}": it was changed meanwhile`, `tend worker list`);
}

/** Changes what the worker may use. False when the spec was changed meanwhile: read it again. */
export function setWorkerBudget(disk: Disk, { id, spec, specText }: WorkerRecord, usd: number): boolean {
  if (!spec || specText === undefined || spec.budget_usd === usd) return true;
  return disk.replaceIfEqual(specKey(id), specText, prettyJson({ ...spec, budget_usd: usd } satisfies WorkerSpec));
}

/** What a stop move or verb needs before it may stop `id`: the record of a worker that has not ended. Refuses all else. */
export function requireRunning(disk: Disk, id: string): WorkerRecord {
  const record = readWorker(disk, id);
  if (!record) throw refused('no-worker', `Cannot find worker "${id}": no such worker`, 'tend worker list --all');
  if (record.problem)
    throw refused(
      'worker-unknown',
      `Cannot tell whether worker "${id}" lives: "${record.problem.key}": ${record.problem.reason}`,
      'tend status',
    );
  if (isEnded(record.status))
    throw refused(
      'worker-ended',
      `Worker "${id}" is not running: it ${endWords(record.status?.state)}`,
      'tend worker list --all',
    );
  return record;
}

/** Takes the right to run this generation. True for exactly one caller, ever. */
export function claimGeneration(disk: Disk, id: string, claim: Omit<WorkerClaim, 'format'>): boolean {
  return disk.publish(claimKey(id, claim.generation), jsonRecord(claim));
}

/** Writes observed state; only the supervisor that holds the claim calls it. */
export function writeStatus(disk: Disk, status: WorkerStatus): void {
  disk.replace(statusKey(status.id), prettyJson(status));
}

/**
 * Ends a generation whose supervisor is gone or never came. The caller has proven that nothing of it lives. A supervisor that
 * wrote its own end meanwhile wins; returns false then. Safe to repeat.
 */
export function mendStatus(disk: Disk, record: WorkerRecord, message: string, now: Instant): boolean {
  const generation = record.spec?.generation ?? record.status?.generation;
  if (generation === undefined || isEnded(record.status)) return false;
  const at = unixSeconds(now);
  const base = record.status ?? {
    format: FORMAT,
    id: record.id,
    generation,
    exit_code: null,
    socket: record.claim?.socket ?? '',
    nonce: record.claim?.nonce ?? '',
    supervisor_pid: record.claim?.supervisor_pid ?? 0,
    child_pid: null,
    columns: 0,
    rows: 0,
    started_ts: record.spec?.ts ?? at,
  };
  const state = record.spec?.desired === 'stopped' ? 'killed' : 'failed';
  const text = prettyJson({ ...base, state, ended_ts: at, message } satisfies WorkerStatus);
  if (record.statusText !== undefined) return disk.replaceIfEqual(statusKey(record.id), record.statusText, text);
  const old = disk.read(statusKey(record.id));
  return old.state === 'present'
    ? disk.replaceIfEqual(statusKey(record.id), old.text, text)
    : disk.publish(statusKey(record.id), text);
}

/** Ends a generation that nobody has claimed, by claiming it for nobody. False when a supervisor was faster. */
export function cancelStart(disk: Disk, record: WorkerRecord, message: string, now: Instant): boolean {
  const generation = record.spec?.generation;
  if (generation === undefined) return false;
  const claim = { generation, socket: '', nonce: '', supervisor_pid: 0, ts: unixSeconds(now) };
  return claimGeneration(disk, record.id, claim) && mendStatus(disk, record, message, now);
}

/** Records what verify said. The first verdict of a generation stays: false when there is one. */
export function writeVerdict(disk: Disk, id: string, verdict: WorkerVerdict): boolean {
  const old = readJson(disk, verdictKey(id), workerVerdictSchema);
  if (old.state === 'present' && old.value.generation !== verdict.generation) disk.remove(verdictKey(id));
  return disk.publish(verdictKey(id), prettyJson(verdict));
}

/** Generations before this one whose claims are still there: nobody has ended them tidily since, so something of them may live. */
export function earlierGenerations(disk: Disk, id: string, generation: string): string[] {
  const listed = disk.list(dirKey(id));
  if (listed.state !== 'present') return [];
  return listed.names.flatMap((name) => {
    const other = /^gen-([0-9a-f]+)\.claim$/.exec(name)?.[1];
    return other === undefined || other === generation ? [] : [other];
  });
}

/** Removes what earlier generations left in the directory; called by a supervisor after its claim. */
export function clearEarlier(disk: Disk, id: string, generation: string): void {
  const listed = disk.list(dirKey(id));
  if (listed.state !== 'present') return;
  for (const name of listed.names) {
    const other = /^(?:gen|prompt)-([0-9a-f]+)\.(?:claim|md|md\.\w+|\w+-row)$/.exec(name)?.[1];
    if (other !== undefined && other !== generation) disk.remove(`${dirKey(id)}/${name}`);
  }
  const verdict = readJson(disk, verdictKey(id), workerVerdictSchema);
  if (verdict.state === 'present' && verdict.value.generation !== generation) disk.remove(verdictKey(id));
}

/**
 * Removes a finished worker that is past its retention. The spec goes first and only if it is still the one we judged, so a
 * start that came meanwhile is left alone.
 */
export function removeWorker(disk: Disk, record: WorkerRecord): boolean {
  const { id, specText } = record;
  const listed = disk.list(dirKey(id));
  if (listed.state !== 'present') return listed.state === 'absent';
  if (specText !== undefined && !disk.removeIfEqual(specKey(id), specText)) return false;
  for (const name of listed.names) if (name !== 'spec.json') disk.remove(`${dirKey(id)}/${name}`);
  discardTells(disk, id);
  const left = disk.list(dirKey(id));
  if (left.state === 'present' && left.names.length === 0) disk.removeTree(dirKey(id));
  return true;
}
