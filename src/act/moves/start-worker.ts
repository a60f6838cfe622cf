/** Makes a worker wanted. Every check comes before the first write; the fleet controller starts it. */
import { askLife } from '../../host/worker-life.js';
import { given } from '../../lib/given.js';
import { nonce } from '../../lib/hash.js';
import { unixSeconds } from '../../model/instant.js';
import { startWorker, workerContract } from '../../store/worker-start.js';
import { readWorker } from '../../store/workers.js';
import { type ActDeps, done, type MoveKind } from '../move-kind.js';

export const startWorkerMove: MoveKind<'start_worker'> = {
  summary: (move) => `start-worker ${move.id}`,
  goal: (move) => move.id,
  execute: async ({ deps, at, repeated }, move) => {
    const before = repeated ? readWorker(deps.disk, move.id)?.spec : undefined;
    if (before && before.ts >= unixSeconds(at)) return done('started before the crash');
    const { action: _action, ...request } = move;
    if (move.repo !== undefined) request.repo = await repoFor(deps, move.id, move.repo);
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

/** git is asked before anything is written; it is loaded only for a worker that needs it. */
export async function repoFor({ disk, env }: ActDeps, id: string, given: string): Promise<string> {
  const { findRepo, gitFor, planWorktree } = await import('../worktree.js');
  const git = gitFor(disk, env, `repo-${nonce(8)}`);
  const repo = await findRepo(git, { id, root: disk.root, env }, given);
  await planWorktree({ disk, git, id, repo });
  return repo;
}
