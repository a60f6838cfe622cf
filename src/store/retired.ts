/**
 * Directories of the ledger whose files the retention of loops keeps or lets go: `runs/<day>/<id>/` of loops' runs, workflow runs
 * and objectives. Those of beats, commands and workers are counted by the knob of their own (store/runs.ts).
 */
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

/** `<loop id>-<slot key>`, or an id that begins with its kind. */
const LOOP_RUN = /^([0-9a-f]{12})-(\d{8}T\d{9}Z)$/;
const OTHER = /^(workflow|objective)-(\d{8}-\d{6}.*)$/;

/** Whether a run directory is kept by the retention of loops. */
export const isRetired = (id: string): boolean => LOOP_RUN.test(id) || OTHER.test(id);

export interface RunDir {
  key: string;
  day: string;
  id: string;
  /** Loop id of a loop's run; else the kind. */
  owner: string;
  /** Sorts those of one owner by time. */
  order: string;
}

/** All of them. Throws when the ledger cannot be listed; a day that cannot be is passed over, so nothing of it goes. */
export function runDirs(disk: Disk): RunDir[] {
  const listed = disk.list('runs');
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list the ledger "runs"', { key: 'runs', reason: listed.reason });
  const days = (listed.state === 'present' ? listed.names : []).filter((name) => /^\d{4}-\d\d-\d\d$/.test(name));
  return days.flatMap((day) => {
    const ids = disk.list(`runs/${day}`);
    return (ids.state === 'present' ? ids.names : []).flatMap((id) => {
      const [, owner, order] = LOOP_RUN.exec(id) ?? OTHER.exec(id) ?? [];
      return owner === undefined || order === undefined ? [] : [{ key: `runs/${day}/${id}`, day, id, owner, order }];
    });
  });
}

/** Deeper than any directory of ours. */
const DEPTH_MAX = 4;

/** Bytes of the files below a directory; what cannot be looked at counts nothing. */
export function treeBytes(disk: Disk, dir: string, depth = 0): number {
  const listed = disk.list(dir);
  if (listed.state !== 'present' || depth > DEPTH_MAX) return 0;
  return listed.names.reduce((sum, name) => {
    const stat = disk.stat(`${dir}/${name}`);
    if (stat.state !== 'present') return sum;
    return sum + (stat.kind === 'dir' ? treeBytes(disk, `${dir}/${name}`, depth + 1) : stat.bytes);
  }, 0);
}

/** Texts of the asks that wait for an answer: a run that one of them names is in use. Throws when they cannot be listed. */
export function openAskTexts(disk: Disk): string[] {
  const listed = disk.list('asks');
  if (listed.state === 'unreadable') throw cannotRead(disk, 'list the asks', { key: 'asks', reason: listed.reason });
  return (listed.state === 'present' ? listed.names : []).flatMap((name) => {
    const read = name.endsWith('.md') ? disk.read(`asks/${name}`) : undefined;
    return read?.state === 'present' ? [read.text] : [];
  });
}
