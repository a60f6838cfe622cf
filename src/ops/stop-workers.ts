/** Ends every worker while no pulse runs: what `down` does after the pulse is proven dead. Reports only what was observed. */
import { stopLife } from '../host/worker-life.js';
import { messageOf } from '../model/error.js';
import { isEnded } from '../model/fleet.js';
import type { Instant } from '../model/instant.js';
import type { Disk } from '../store/disk.js';
import { lifeHandle } from '../store/fleet.js';
import { tellRowsIfPossible } from '../store/worker-rows.js';
import { cancelStart, mendStatus, readWorker, unwantWorker, workerIds } from '../store/workers.js';

export interface StoppedWorkers {
  /** Ids that lived, or were about to start, and are now proven ended. */
  stopped: string[];
  problems: { id: string; reason: string }[];
}

/** All at once, so that the grace of one is the grace of all. */
export async function stopWorkers(disk: Disk, now: Instant): Promise<StoppedWorkers> {
  const result: StoppedWorkers = { stopped: [], problems: [] };
  await Promise.all(
    workerIds(disk).map(async (id) => {
      try {
        if (!(await stopOne(disk, id, now))) return;
        result.stopped.push(id);
        tellRowsIfPossible(disk, readWorker(disk, id));
      } catch (error) {
        result.problems.push({ id, reason: messageOf(error) });
      }
    }),
  );
  result.stopped.sort();
  return result;
}

async function stopOne(disk: Disk, id: string, now: Instant): Promise<boolean> {
  const record = readWorker(disk, id);
  if (record?.problem) throw new Error(`"${record.problem.key}": ${record.problem.reason}`);
  if (!record || isEnded(record.status)) return false;
  unwantWorker(disk, record, 'tend down');
  const generation = record.spec?.generation ?? record.status?.generation;
  if (generation === undefined) return false;
  if (!lifeHandle(record) && cancelStart(disk, { ...record }, 'stopped before it was started', now)) return true;
  const { survivors } = await stopLife(lifeHandle(readWorker(disk, id) ?? record), generation);
  if (survivors.length > 0) throw new Error(`processes ${survivors.join(', ')} survived KILL`);
  const after = readWorker(disk, id);
  if (after && !isEnded(after.status)) mendStatus(disk, after, 'stopped by tend down', now);
  return true;
}
