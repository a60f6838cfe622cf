/** Proof of a worker's life, and its end. Life is a beacon that answers with its own nonce; a pid proves nothing. */
import type { Json } from '../lib/json.js';
import type { Life, LifeHandle } from '../model/fleet.js';
import { LIMITS } from '../model/limits.js';
import { supervisorMark, workerMark } from '../model/worker.js';
import { askBeacon, type Sight, sweepBeacon } from './beacon.js';
import { monotonicMs, sleep } from './clock.js';
import { findMarked, signalProcess, stopTree } from './kill.js';

/** Asks one supervisor whether it lives. Never throws. */
export async function askLife(handle: LifeHandle): Promise<Life> {
  // An empty socket is a claim made for nobody: that generation never ran.
  if (handle.socket === '') return 'dead';
  const sight = await askBeacon(handle.socket, handle.nonce);
  const { generation } = handle;
  // Its name was removed under it: the nonce in its environment says that it is there, only out of reach.
  if (sight.state === 'dead' && sight.gone && generation && findMarked(supervisorMark(generation)).length > 0)
    return 'silent';
  return lifeOf(sight);
}

/** A full queue of connections (EAGAIN) means that somebody holds the socket and does not get round to answering. */
const lifeOf = (sight: Sight): Life =>
  sight.state === 'unknown' && sight.reason === 'EAGAIN' ? 'silent' : sight.state;

/** Puts a request to a supervisor; undefined when it is dead, `silent` when it did not answer in time. */
export async function askWorker(
  handle: LifeHandle,
  request: { [key: string]: Json },
  timeoutMs = 5_000,
): Promise<{ [key: string]: Json } | 'silent' | 'unknown' | undefined> {
  if (handle.socket === '') return undefined;
  const sight = await askBeacon(handle.socket, handle.nonce, request, timeoutMs);
  if (sight.state === 'alive') return sight.answer;
  const life = lifeOf(sight);
  return life === 'silent' || life === 'unknown' ? life : undefined;
}

/** What a supervisor may need beyond the grace: finding processes, KILL, confirmation, the last status. */
const REPORT_MS = 4_000;
/** How long a supervisor that was stopped and is woken may take to answer. */
const WAKE_MS = 1_500;

export interface StopResult {
  /** Pids that live although they were sent KILL. Empty: nothing of the worker lives. */
  survivors: number[];
  /** The supervisor ended by itself after it was asked to; the caller still mends a status that has no end. */
  reported: boolean;
}

/**
 * Ends a worker and confirms it: its supervisor is asked first, since only it can report the exit. One that does not answer is
 * woken (it may have been stopped), and at last everything of this generation is ended by mark, the supervisor included.
 */
export async function stopLife(handle: LifeHandle | undefined, generation: string): Promise<StopResult> {
  const reported = handle !== undefined && handle.socket !== '' && (await askToStop(handle, generation));
  const survivors = await stopTree(0, workerMark(generation), reported ? 0 : LIMITS.stopGraceMs);
  if (reported) await supervisorGone(generation);
  else await endSupervisor(generation);
  if (handle && handle.socket !== '' && (await askLife(handle)) === 'dead') sweepBeacon(handle.socket);
  return { survivors, reported };
}

async function askToStop(handle: LifeHandle, generation: string): Promise<boolean> {
  let answer = await askWorker(handle, { op: 'stop' }, WAKE_MS);
  if (answer === 'silent') {
    for (const pid of findMarked(supervisorMark(generation))) signalProcess(pid, 'SIGCONT');
    // The first request was still waiting for it: it may end before it takes the second.
    answer = (await askWorker(handle, { op: 'stop' }, WAKE_MS)) ?? {};
  }
  if (answer === undefined || answer === 'silent' || answer === 'unknown') return false;
  const end = monotonicMs() + LIMITS.stopGraceMs + REPORT_MS;
  while (monotonicMs() < end) {
    if ((await askLife(handle)) === 'dead') return true;
    await sleep(25);
  }
  return false;
}

async function endSupervisor(generation: string): Promise<void> {
  const mark = supervisorMark(generation);
  for (const pid of findMarked(mark)) signalProcess(pid, 'SIGKILL');
  await supervisorGone(generation);
}

/** It has given everything up, and its process ends a moment later: what is reported as stopped shall be gone. */
async function supervisorGone(generation: string): Promise<void> {
  const end = monotonicMs() + WAKE_MS;
  while (findMarked(supervisorMark(generation)).length > 0 && monotonicMs() < end) await sleep(25);
}
