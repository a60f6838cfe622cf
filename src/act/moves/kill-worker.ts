/** Makes a worker unwanted; the fleet controller stops it, confirms it, and reports the truth in its status. */
import { requireRunning, unwantWorker } from '../../store/workers.js';
import { done, type MoveKind } from '../move-kind.js';

export const killWorker: MoveKind<'kill_worker'> = {
  summary: (move) => `kill-worker ${move.id}${move.reason ? ` · ${move.reason}` : ''}`,
  goal: (move) => move.id,
  execute: async ({ deps }, move) => {
    unwantWorker(deps.disk, requireRunning(deps.disk, move.id), move.reason);
    return done();
  },
};
