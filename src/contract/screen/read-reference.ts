/** The file that an ask names with --ref, for the human to read beside it. */
import { isAbsolute, join } from 'node:path';
import { worktreeDir } from '../../model/worktree.js';
import type { Disk } from '../../store/disk.js';
import { readOthersFile } from '../../store/others-file.js';

/** More than anybody reads beside a question. */
const BYTES_MAX = 1024 * 1024;

export interface Reference {
  /** As the asker wrote it. */
  name: string;
  text?: string;
  /** Why there is no text. */
  problem?: string;
}

/** A relative name is looked up where its asker works: in its worktree, if it has one, then in the data dir. Never throws. */
export function readReference(disk: Disk, ask: { worker: string; reference: string }): Reference {
  const { reference: name, worker } = ask;
  const places = isAbsolute(name) ? [name] : [join(disk.path(worktreeDir(worker)), name), join(disk.root, name)];
  for (const path of places) {
    const read = readOthersFile(path, BYTES_MAX);
    if (read.state === 'present') return { name, text: read.text };
    if (read.state === 'unreadable') return { name, problem: `"${path}" cannot be read: ${read.reason}` };
  }
  return { name, problem: `there is no file ${places.map((path) => JSON.stringify(path)).join(' or ')}` };
}
