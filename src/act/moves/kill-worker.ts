/** Makes a worker unwanted; the fleet controller stops it, confirms it, and reports the truth in its status. */
import { refused } from '../../model/error.js';
import { unixSeconds } from '../../model/instant.js';
import { readWorker, requireRunning, unwantWorker } from '../../store/workers.js';
import { done, type MoveKind } from '../move-kind.js';

export const killWorker: MoveKind<'kill_worker'> = {
  summary: (move) => `kill-worker ${move.id}${move.reason ? ` · ${move.reason}` : ''}`,
  goal: (move) => move.id,
  execute: async ({ deps, at, repeated }, move) => {
    const spec = repeated ? readWorker(deps.disk, move.id)?.spec : undefined;
    if (spec?.desired === 'stopped') return done();
    if (spec && spec.ts > unixSeconds(at))
      throw refused('superseded', `Worker "${move.id}" was started anew since it was to be stopped; the new one stays`);
    unwantWorker(deps.disk, requireRunning(deps.disk, move.id), move.reason);
    return done();
  },
};
