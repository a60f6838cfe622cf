/**
 * Policy: PLAYBOOK.md, goals/<id>.md, sensors/<name>.sh. Every overwrite and every removal first publishes what was there
 * under history/<key>/, so nothing a human wrote can be lost by a later write of anybody.
 */
import { refused } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import type { Disk, Read } from './disk.js';
import { cannotRead } from './unreadable.js';

export const PLAYBOOK = 'PLAYBOOK.md';
export const goalKey = (id: string): string => `goals/${id}.md`;
export const sensorKey = (name: string): string => `sensors/${name}.sh`;

/** Ids of the goals that are active, sorted. An unreadable directory throws through `stateOf`: absence must be proven. */
export const goalIds = (disk: Disk): string[] => stems(disk, 'goals', '.md');
export const sensorNames = (disk: Disk): string[] => stems(disk, 'sensors', '.sh');

function stems(disk: Disk, dir: string, ending: string): string[] {
  const listed = disk.list(dir);
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable') throw cannotRead(disk, `list "${dir}"`, { key: dir, reason: listed.reason });
  return listed.names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
}

export const readPolicy = (disk: Disk, key: string): Read => disk.read(key);

/** Rounds against others who write the same file at the same moment. */
const ATTEMPTS = 20;

/**
 * Writes a policy file (one newline ends it), keeping the previous version. Same content and mode: nothing is written, false.
 * History first, then the change, and only of exactly what went into the history: a version that somebody wrote in between is
 * kept as well. If we die between, the only trace is one version more.
 */
export function writePolicy(
  disk: Disk,
  key: string,
  content: string,
  options: { now: Instant; keep: number; mode?: number },
): boolean {
  const text = content.endsWith('\n') ? content : `${content}\n`;
  const mode = options.mode ?? 0o600;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = readBefore(disk, key, 'replace');
    if (before === undefined) {
      if (disk.publish(key, text, mode)) return true;
      continue;
    }
    const isSame = before === text;
    if (isSame && !((mode & 0o111) !== 0 && lacksExecution(disk, key))) return false;
    if (!isSame) keepVersion(disk, key, before, options);
    if (disk.replaceIfEqual(key, before, text, mode)) return true;
  }
  throw contended('replace', key);
}

/** Removes a policy file, keeping its last version. False when it was absent. */
export function removePolicy(disk: Disk, key: string, options: { now: Instant; keep: number }): boolean {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = readBefore(disk, key, 'remove');
    if (before === undefined) return false;
    keepVersion(disk, key, before, options);
    if (disk.removeIfEqual(key, before)) return true;
  }
  throw contended('remove', key);
}

function readBefore(disk: Disk, key: string, verb: string): string | undefined {
  const before = disk.read(key);
  if (before.state === 'unreadable')
    throw cannotRead(disk, `${verb} "${key}", which must be read first`, { key, reason: before.reason });
  return before.state === 'present' ? before.text : undefined;
}

function lacksExecution(disk: Disk, key: string): boolean {
  const stat = disk.stat(key);
  return stat.state === 'present' && !stat.executable;
}

const contended = (verb: string, key: string) =>
  refused('busy', `Cannot ${verb} "${key}": others changed it ${ATTEMPTS} times meanwhile`);

/** Moves a goal to the archive under a name nobody has: `<id>.md`, `<id>-1.md`, … Returns that key, or undefined when there is no such goal. */
export function archiveGoal(disk: Disk, id: string): string | undefined {
  for (let n = 0; n <= 10_000; n++) {
    const to = `goals/archive/${id}${n === 0 ? '' : `-${n}`}.md`;
    if (disk.move(goalKey(id), to)) return to;
    if (disk.stat(goalKey(id)).state === 'absent') return undefined;
  }
  throw refused('archive-full', `Cannot archive goal "${id}": 10,000 archived goals have that name`);
}

/**
 * Keys under which a goal of this id may lie in the archive. A goal whose own id ends in a number shares such a name with another:
 * it is among them. Throws when the archive cannot be listed.
 */
export function archivedGoalKeys(disk: Disk, id: string): string[] {
  const dir = 'goals/archive';
  return stems(disk, dir, '.md')
    .filter((stem) => stem === id || (stem.startsWith(`${id}-`) && /^\d+$/.test(stem.slice(id.length + 1))))
    .map((stem) => `${dir}/${stem}.md`);
}

export interface Version {
  /** `20261121-074200`, with `-0001`… when two fell into one second. Sorts by time. */
  stamp: string;
  key: string;
}

/** Kept versions of a policy file, oldest first. */
export function versions(disk: Disk, key: string): Version[] {
  const dir = `history/${key}`;
  const listed = disk.list(dir);
  if (listed.state === 'unreadable')
    throw cannotRead(disk, `list the versions of "${key}"`, { key: dir, reason: listed.reason });
  return listed.state === 'present' ? listed.names.map((stamp) => ({ stamp, key: `history/${key}/${stamp}` })) : [];
}

function keepVersion(disk: Disk, key: string, text: string, options: { now: Instant; keep: number }): void {
  const stamp = new Date(options.now).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  let isKept = false;
  for (let n = 0; n < 10_000 && !isKept; n++)
    isKept = disk.publish(`history/${key}/${stamp}${n === 0 ? '' : `-${String(n).padStart(4, '0')}`}`, text);
  if (!isKept)
    throw refused('history-full', `Cannot keep the previous version of "${key}": 10,000 versions have its second`);
  if (options.keep === 0) return;
  const all = versions(disk, key);
  // Dated after now: kept before the clock was set back, so older than what was kept since.
  const isAhead = (version: Version): boolean => version.stamp.slice(0, stamp.length) > stamp;
  const byAge = [...all.filter(isAhead), ...all.filter((version) => !isAhead(version))];
  for (const old of byAge.slice(0, Math.max(0, all.length - options.keep))) disk.remove(old.key);
}
