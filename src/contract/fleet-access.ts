/** What the worker verbs share: who is meant, does it live, and a stop that is confirmed before anybody is told about it. */
import { now } from '../host/clock.js';
import { askLife, stopLife } from '../host/worker-life.js';
import { badInput, refused, TendError } from '../model/error.js';
import { type Fleet, isEnded, isLive, workerIdProblem } from '../model/fleet.js';
import { type Knobs, resolveKnobs } from '../model/knobs.js';
import type { Lease } from '../model/lease.js';
import type { WorkerView } from '../model/worker.js';
import { endWords } from '../model/worker-end.js';
import { readMailbox } from '../store/asks.js';
import { loadConfig } from '../store/config.js';
import type { Disk } from '../store/disk.js';
import { type FleetTerms, lifeHandle, readFleet, readWorkerView } from '../store/fleet.js';
import { discardTells } from '../store/tells.js';
import { tellRowsIfPossible } from '../store/worker-rows.js';
import { cancelStart, mendStatus, readWorker, requireRunning, type WorkerRecord } from '../store/workers.js';
import type { Context } from './verb.js';

/** Knobs for looking at things: a broken config is reported by what needs it, it must not hide the workers. */
export function viewKnobs(context: Pick<Context, 'env' | 'profile' | 'warn'>): Knobs {
  try {
    return resolveKnobs(context.env, loadConfig(context.profile.configPath).raw).knobs;
  } catch (error) {
    context.warn((error as Error).message);
    return resolveKnobs(context.env, {}).knobs;
  }
}

/** The id of a worker, or an input error that says why it cannot be one. */
export function requireWorkerId(what: string, id: string | undefined): string {
  if (id === 'pulse') throw refused('reserved-id', `Cannot ${what} "pulse": the pulse is no worker`, 'tend status');
  const problem = workerIdProblem(id ?? '');
  if (problem) throw badInput(`Cannot ${what} ${JSON.stringify(id ?? '')}: ${problem}`, 'tend worker list');
  return id!;
}

const termsOf = (context: Pick<Context, 'env' | 'profile' | 'warn'>): FleetTerms => ({
  now: now(),
  stuckS: viewKnobs(context).workerStuckS,
  askLife,
});

/** Every worker, with the age of what it asks. */
export async function seeFleet(context: Context): Promise<Fleet> {
  const { pending } = await readMailbox(context.disk);
  return readFleet(context.disk, { ...termsOf(context), asks: pending });
}

/** One worker; undefined when there is none. Throws when its life cannot be told. */
export const seeWorker = (context: Context, id: string): Promise<WorkerView | undefined> =>
  readWorkerView(context.disk, id, termsOf(context));

/** A worker that is alive, for verbs that need one; refuses all else in words. */
export async function requireAlive(context: Context, what: string, id: string): Promise<WorkerView> {
  const view = await seeWorker(context, requireWorkerId(what, id));
  if (view?.alive) return view;
  const why = view ? `it ${endWords(view.state)}` : 'no such worker';
  throw refused('worker-dead', `Cannot ${what} worker "${id}": ${why}`, 'tend worker list --all');
}

/** True while a lease's holder is a living worker, of the generation that took it. Throws when that cannot be told. */
export async function isHolderAlive(context: Context, lease: Lease): Promise<boolean> {
  const view = await seeWorker(context, lease.session);
  if (!view || !isLive(view)) return false;
  return lease.generation === undefined || lease.generation === view.generation;
}

/**
 * Makes a worker unwanted, through the door, and ends it, with or without a pulse: both do the same and may do it at once.
 * Returns when nothing of it lives; throws a `failed` error that names what survived.
 */
export async function stopAndConfirm(context: Context, id: string): Promise<void> {
  const { disk } = context;
  const record = requireRunning(disk, id);
  const generation = record.spec?.generation ?? record.status?.generation ?? '';
  await endIt(context, record, generation);
  tellRowsIfPossible(disk, current(disk, id, generation));
}

async function endIt(context: Context, record: WorkerRecord, generation: string): Promise<void> {
  const { disk } = context;
  const { id } = record;
  if (record.spec?.desired === 'running') {
    const { doMove } = await import('./do-move.js');
    await doMove(context, { action: 'kill_worker', id, reason: `killed by ${context.session.user}` });
  }
  const unwanted = current(disk, id, generation);
  if (!unwanted || isEnded(unwanted.status)) return;
  if (!lifeHandle(unwanted) && cancelStart(disk, unwanted, 'it was stopped before it began', now())) {
    discardTells(disk, id);
    return;
  }
  const { survivors } = await stopLife(lifeHandle(current(disk, id, generation) ?? unwanted), generation);
  if (survivors.length > 0)
    throw new TendError('failed', `Cannot kill worker "${id}": processes ${survivors.join(', ')} survived KILL`, {
      code: 'worker-survived',
      hint: `ps -o pid,stat,args -p ${survivors.join(',')}`,
    });
  const after = current(disk, id, generation);
  if (after && !isEnded(after.status))
    mendStatus(disk, after, 'it was killed; its supervisor ended without a word', now());
  if (after) discardTells(disk, id);
}

/** The record while it is still about this generation: a successor of the same id is none of our business. */
function current(disk: Disk, id: string, generation: string): WorkerRecord | undefined {
  const record = readWorker(disk, id);
  return (record?.spec?.generation ?? record?.status?.generation) === generation ? record : undefined;
}
