/** Files and one question to a beacon → what is true of one worker. */
import type { AskLife, Life } from '../../model/fleet.js';
import type { Worktree } from '../../model/worktree.js';
import type { Disk } from '../../store/disk.js';
import { observeLife } from '../../store/fleet.js';
import { untoldRows } from '../../store/worker-rows.js';
import { readWorker, type WorkerRecord } from '../../store/workers.js';
import { loadWorktree, worktreeKey } from '../../store/worktrees.js';

export interface FleetFacts {
  record: WorkerRecord;
  /** Undefined while no supervisor has claimed the generation. */
  life: Life | undefined;
  /** Its git worktree, when it works in one and that was begun. */
  worktree?: Worktree;
  /** It has ended, or was judged, and its row is not known to be in the ledger. */
  isUntold?: boolean;
}

/** Undefined: proven that there is no such worker. */
export async function observe(disk: Disk, id: string, askLife: AskLife): Promise<FleetFacts | undefined> {
  const record = readWorker(disk, id);
  if (!record) return undefined;
  const life = await observeLife(record, askLife);
  const facts: FleetFacts = { record, life, isUntold: untoldRows(disk, record).length > 0 };
  if (record.spec?.repo === undefined) return facts;
  const loaded = loadWorktree(disk, id);
  if (loaded.state === 'present')
    return { ...facts, ...(loaded.value.repo === record.spec.repo ? { worktree: loaded.value } : {}) };
  if (loaded.state !== 'absent')
    record.problem ??= { key: worktreeKey(id), reason: loaded.reason, corrupt: loaded.state === 'corrupt' };
  return facts;
}
