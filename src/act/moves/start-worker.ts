/** Makes a worker wanted. Every check comes before the first write; the fleet controller starts it. */
import { askLife } from '../../host/worker-life.js';
import { given } from '../../lib/given.js';
import { nonce } from '../../lib/hash.js';
import { unixSeconds } from '../../model/instant.js';
import { startWorker, workerContract } from '../../store/worker-start.js';
import { readWorker } from '../../store/workers.js';
import { done, type MoveKind } from '../move-kind.js';

export const startWorkerMove: MoveKind<'start_worker'> = {
  summary: (move) => `start-worker ${move.id}`,
  goal: (move) => move.id,
  execute: async ({ deps, at, repeated }, move) => {
    const before = repeated ? readWorker(deps.disk, move.id)?.spec : undefined;
    if (before && before.ts >= unixSeconds(at)) return done('started before the crash');
    const { action: _action, ...request } = move;
    const { warnings } = await startWorker(deps.disk, given(request), {
      now: at,
      askLife,
      template: deps.config.worker_command,
      maxWorkers: deps.knobs.maxWorkers,
      stuckS: deps.knobs.workerStuckS,
      contract: workerContract(deps.seeds),
      generation: nonce(8),
    });
    if (warnings.length > 0) return done(warnings.join('; '));
    return done(move.model === undefined ? undefined : `model: ${move.model}`);
  },
};
