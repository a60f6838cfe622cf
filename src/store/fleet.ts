/**
 * The fleet as observed: records joined with proof of life. The store may not ask beacons itself, so every caller hands in
 * the host's `askLife`.
 */
import { refused } from '../model/error.js';
import {
  type AskLife,
  type Fleet,
  isEnded,
  type Life,
  type LifeHandle,
  type WorkerExtras,
  workerView,
} from '../model/fleet.js';
import type { Instant } from '../model/instant.js';
import type { WorkerView } from '../model/worker.js';
import { branchOf, worktreeDir } from '../model/worktree.js';
import type { Disk } from './disk.js';
import { countTells } from './tells.js';
import { readWorker, type WorkerRecord, workerIds } from './workers.js';
import { loadWorktree, worktreeKey } from './worktrees.js';

/** Where this worker's supervisor answers; undefined while nobody has claimed the generation. */
export function lifeHandle(record: WorkerRecord): LifeHandle | undefined {
  return record.status ?? record.claim;
}

/** Proof of life of one record: undefined while unclaimed, dead without asking once it has ended. */
export async function observeLife(record: WorkerRecord, askLife: AskLife): Promise<Life | undefined> {
  const handle = lifeHandle(record);
  if (!handle) return undefined;
  return isEnded(record.status) ? 'dead' : askLife(handle);
}

export interface FleetTerms {
  now: Instant;
  /** Knob `workerStuckS`. */
  stuckS: number;
  askLife: AskLife;
  /** Pending asks: `waiting-ask` and the ask's age come from them. */
  asks?: readonly { worker: string; ts: number; generation?: string | undefined }[];
}

/** Every worker with its proof of life, by id; beacons are asked at once, side by side. */
export async function readFleet(disk: Disk, terms: FleetTerms): Promise<Fleet> {
  const fleet: Fleet = { views: [], problems: [] };
  const looked = await Promise.all(workerIds(disk).map((id) => lookAt(disk, id, terms)));
  for (const { view, problem } of looked) {
    if (view) fleet.views.push(view);
    if (problem) fleet.problems.push(problem);
  }
  return fleet;
}

/** One worker as `readFleet` shows it; undefined when there is none. A problem is thrown: the caller asked for this one. */
export async function readWorkerView(disk: Disk, id: string, terms: FleetTerms): Promise<WorkerView | undefined> {
  const { view, problem } = await lookAt(disk, id, terms);
  if (problem)
    throw refused('worker-unknown', `Cannot tell whether worker "${id}" lives: ${problem.reason}`, 'tend status');
  return view;
}

async function lookAt(
  disk: Disk,
  id: string,
  terms: FleetTerms,
): Promise<{ view?: WorkerView; problem?: { id: string; reason: string } }> {
  const record = readWorker(disk, id);
  if (!record) return {};
  const life = await observeLife(record, terms.askLife);
  const askTs = oldestAsk(record, terms.asks ?? []);
  const view = workerView(record.spec, record.status, life, {
    id,
    now: terms.now,
    stuckS: terms.stuckS,
    ...(record.quietSinceMs === undefined ? {} : { quietSinceMs: record.quietSinceMs }),
    ...(askTs === undefined ? {} : { askTs }),
    ...(record.verdict ? { verdict: record.verdict } : {}),
    pendingTells: record.spec ? countTells(disk, id) : 0,
    ...placeOf(disk, record),
  });
  if (record.problem) return { view, problem: { id, reason: `"${record.problem.key}": ${record.problem.reason}` } };
  if (life === 'unknown') return { view, problem: { id, reason: 'its control socket cannot be asked' } };
  return { view };
}

/** Where it works. A record that cannot be read is said, and hides nothing else of the worker. */
function placeOf(disk: Disk, { id, spec }: WorkerRecord): Pick<WorkerExtras, 'place'> {
  if (spec?.repo === undefined) return {};
  const loaded = loadWorktree(disk, id);
  const record = loaded.state === 'present' && loaded.value.repo === spec.repo ? loaded.value : undefined;
  const stands = record?.state === 'made' || record?.state === 'kept';
  const note =
    loaded.state === 'present' || loaded.state === 'absent' ? record?.why : `"${worktreeKey(id)}": ${loaded.reason}`;
  return {
    place: {
      repo: spec.repo,
      branch: branchOf(id),
      path: stands ? disk.path(worktreeDir(id)) : null,
      ...(note === undefined ? {} : { note }),
    },
  };
}

function oldestAsk(record: WorkerRecord, asks: NonNullable<FleetTerms['asks']>): number | undefined {
  const own = asks.filter((ask) => ask.worker === record.id).map((ask) => ask.ts);
  return own.length === 0 ? undefined : Math.min(...own);
}
