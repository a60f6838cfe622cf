/**
 * A cheap "did anything that a client sees move?": names, sizes and times, no content. Every write of ours replaces or links
 * a file, so its time moves; an edit in place moves the file's own. Equal stamps save the reading of everything else.
 */
import { framedHash } from '../lib/hash.js';
import type { Disk, Stated } from './disk.js';

/** What `tend wait` looks at; also what it watches. `''` is the data dir itself, for the two files. */
export const SEEN_FILES = ['journal.md', 'PLAYBOOK.md'] as const;
export const SEEN_DIRS = ['asks', 'answers', 'goals', 'snapshots'] as const;

/** Never throws: what cannot be read is part of the stamp. */
export function changeStamp(disk: Disk): string {
  const files = SEEN_FILES.map((key) => [key, show(disk.stat(key))] as const);
  return framedHash([...files, ...SEEN_DIRS.flatMap((dir) => stampDir(disk, dir))]);
}

function stampDir(disk: Disk, dir: string): (readonly [string, string])[] {
  const listed = disk.list(dir);
  if (listed.state !== 'present') return [[dir, listed.state]];
  return listed.names.map((name) => [`${dir}/${name}`, show(disk.stat(`${dir}/${name}`))]);
}

function show(stat: Stated): string {
  if (stat.state !== 'present') return stat.state;
  // A directory in here (an archive) changes with every move into it, which is nothing new to see.
  return stat.kind === 'dir' ? 'dir' : `${stat.mtimeMs} ${stat.bytes}`;
}
