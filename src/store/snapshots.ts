/**
 * `snapshots/<name>.json`: the last reading of each sensor (`sensor-<stem>`) and of each built-in fact (`sys-<name>`), for
 * people, `tend state` and sensors that run seldom. A cache: the next beat writes it anew, so nothing rests on it. An equal
 * reading writes nothing. Names of other forms are foreign and left alone.
 */
import { type Json, prettyJson } from '../lib/json.js';
import type { Instant } from '../model/instant.js';
import type { Disk, Read } from './disk.js';
import { cannotRead } from './unreadable.js';

const OURS = /^(?:sensor|sys)-.+\.json$/;

const snapshotKey = (name: string): string => `snapshots/${name}.json`;

/** Names of our snapshots, sorted, without `.json`. An unreadable directory throws: absence must be proven. */
export function snapshotNames(disk: Disk): string[] {
  const listed = disk.list('snapshots');
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list "snapshots"', { key: 'snapshots', reason: listed.reason });
  return listed.names.filter((name) => OURS.test(name)).map((name) => name.slice(0, -'.json'.length));
}

export const readSnapshot = (disk: Disk, name: string): Read => disk.read(snapshotKey(name));

/** Makes the snapshot hold this reading. False when it did already: then not a byte is written. */
export function saveSnapshot(disk: Disk, name: string, reading: Json): boolean {
  const text = prettyJson(reading);
  const before = readSnapshot(disk, name);
  if (before.state === 'present' && before.text === text) return false;
  disk.replace(snapshotKey(name), text);
  return true;
}

/** Marks the reading as taken at `at` without writing a byte: what the age of a seldom sensor is counted from. */
export function stampSnapshot(disk: Disk, name: string, at: Instant): void {
  disk.touch(snapshotKey(name), at);
}

/** Removes snapshots of ours that nobody in `owned` takes any more; returns their names. */
export function pruneSnapshots(disk: Disk, owned: ReadonlySet<string>): string[] {
  const stale = snapshotNames(disk).filter((name) => !owned.has(name));
  for (const name of stale) disk.remove(snapshotKey(name));
  return stale;
}
