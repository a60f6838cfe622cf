/** Leaves a message for a living worker. A worker whose life cannot be told is refused like a dead one, in other words. */
import { askLife } from '../../host/worker-life.js';
import { refused } from '../../model/error.js';
import { isLive } from '../../model/fleet.js';
import { type Instant, unixSeconds } from '../../model/instant.js';
import { tellHeadSchema } from '../../model/tell.js';
import { endWords } from '../../model/worker-end.js';
import { readMarkdown } from '../../store/codec.js';
import type { Disk } from '../../store/disk.js';
import { readWorkerView } from '../../store/fleet.js';
import { writeTell } from '../../store/tells.js';
import { done, type MoveKind } from '../move-kind.js';

export const tellWorker: MoveKind<'tell_worker'> = {
  summary: (move) => `tell-worker ${move.id}`,
  goal: (move) => move.id,
  execute: async ({ deps, at, by, repeated }, move) => {
    // Before its life is asked: it may have read what it was told, and ended.
    if (repeated && (await isTold(deps.disk, { worker: move.id, message: move.message }, at))) return done();
    const terms = { now: at, stuckS: deps.knobs.workerStuckS, askLife };
    const view = await readWorkerView(deps.disk, move.id, terms);
    if (!view || !isLive(view)) {
      const why = view ? `it ${endWords(view.state)}` : 'there is no such worker';
      throw refused('worker-dead', `Cannot tell worker "${move.id}": ${why}`, 'tend worker list --all');
    }
    const draft = { worker: move.id, generation: view.generation, message: move.message, by };
    writeTell(deps.disk, draft, at);
    return done();
  },
};

/** Was this very message left since the move was decided? Looks where tells wait and where they go. */
async function isTold(disk: Disk, draft: { worker: string; message: string }, at: Instant): Promise<boolean> {
  for (const dir of ['tells', 'tells/consumed', 'tells/discarded']) {
    const listed = disk.list(dir);
    for (const name of listed.state === 'present' ? listed.names : []) {
      if (!name.startsWith(`${draft.worker}-`)) continue;
      const tell = await readMarkdown(disk, `${dir}/${name}`, tellHeadSchema);
      if (tell.state !== 'present' || tell.value.head.ts < unixSeconds(at)) continue;
      if (tell.value.body.trimEnd() === draft.message.trimEnd()) return true;
    }
  }
  return false;
}
