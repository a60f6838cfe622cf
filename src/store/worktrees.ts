/** Which branch and worktree belong to a worker: `branches/<id>.json`. The proof by which a later worker of that id may go on with them. */
import { FORMAT } from '../model/record.js';
import { type Worktree, worktreeSchema } from '../model/worktree.js';
import { jsonRecord, type Loaded, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

export const worktreeKey = (id: string): string => `branches/${id}.json`;

export const loadWorktree = (disk: Disk, id: string): Loaded<Worktree> =>
  readJson(disk, worktreeKey(id), worktreeSchema);

/** Undefined: proven that this worker never had one. Throws where that cannot be known. */
export function readWorktree(disk: Disk, id: string): Worktree | undefined {
  const read = loadWorktree(disk, id);
  if (read.state === 'present') return read.value;
  if (read.state === 'absent') return undefined;
  throw cannotRead(disk, `tell whose worktree "${id}" is`, { key: worktreeKey(id), reason: read.reason });
}

/** Replaces the record as a whole; a `why` of an earlier state does not stay. */
export const writeWorktree = (disk: Disk, worktree: Omit<Worktree, 'format'>): void =>
  disk.replace(worktreeKey(worktree.id), jsonRecord({ ...worktree, format: FORMAT }));
