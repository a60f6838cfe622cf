/** Policy files as people name them, their kept versions, and the move that writes one. */
import { badInput, refused, type TendError } from '../model/error.js';
import { requireId } from '../model/id.js';
import type { Move } from '../model/move.js';
import type { Disk } from '../store/disk.js';
import { goalKey, PLAYBOOK, sensorKey, type Version, versions } from '../store/policy.js';
import { cannotRead } from '../store/unreadable.js';

/** The arguments of the verbs about kept versions. */
export const FILE_ARG = {
  name: 'file',
  about: 'PLAYBOOK.md, goals/<id>.md or sensors/<name>.sh',
  complete: 'policy-files',
} as const;
export const STAMP_ARG = { name: 'stamp', about: 'which version: its stamp or the beginning of it', required: true };

export interface PolicyFile {
  key: string;
  /** The move that makes the file hold this text. */
  write(text: string): Move;
}

/** `PLAYBOOK.md`, `goals/<id>.md` or `sensors/<name>.sh`; `playbook` and paths with `./` in front are taken, too. */
export function policyFile(typed: string | undefined): PolicyFile {
  const name = (typed ?? '').replace(/^\.\//, '');
  if (/^playbook(\.md)?$/i.test(name)) return { key: PLAYBOOK, write: (body) => ({ action: 'write_playbook', body }) };
  const goal = /^goals\/(.+)\.md$/s.exec(name)?.[1];
  if (goal !== undefined) {
    const id = requireId('goal', goal);
    return { key: goalKey(id), write: (body) => ({ action: 'write_goal', id, body }) };
  }
  const sensor = /^sensors\/(.+)\.sh$/s.exec(name)?.[1];
  if (sensor !== undefined) {
    const id = requireId('sensor', sensor);
    return { key: sensorKey(id), write: (script) => ({ action: 'write_sensor', name: id, script }) };
  }
  throw badInput(
    `Cannot look up the history of ${JSON.stringify(typed)}: PLAYBOOK.md, goals/<id>.md or sensors/<name>.sh is wanted`,
    'tend history',
  );
}

/** Keys of every policy file that has kept versions, sorted. */
export function filesWithHistory(disk: Disk): string[] {
  const inDir = (dir: string): string[] => names(disk, `history/${dir}`).map((name) => `${dir}/${name}`);
  const top = names(disk, 'history').filter((name) => name === PLAYBOOK);
  return [...top, ...inDir('goals'), ...inDir('sensors')].filter((key) => versions(disk, key).length > 0);
}

function names(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  if (listed.state === 'unreadable') throw cannotRead(disk, `list "${dir}"`, { key: dir, reason: listed.reason });
  return listed.state === 'present' ? listed.names : [];
}

/** The newest version without a stamp; else the version with this stamp, or with the only stamp that begins so. */
export function findVersion(disk: Disk, key: string, stamp: string | undefined): Version {
  const all = versions(disk, key);
  if (stamp === undefined && all.length > 0) return all.at(-1)!;
  const exact = all.find((version) => version.stamp === stamp);
  const near = all.filter((version) => version.stamp.startsWith(stamp ?? ''));
  const found = exact ?? (near.length === 1 ? near[0] : undefined);
  if (found) return found;
  const why =
    all.length === 0
      ? 'no version of it is kept'
      : `${near.length > 1 ? 'several versions begin so' : 'there is no such version'}, the latest is ${all.at(-1)!.stamp}`;
  throw refused(
    'no-version',
    `Cannot find ${stamp === undefined ? 'a version' : `version ${JSON.stringify(stamp)}`} of "${key}": ${why}`,
    `tend history ${key}`,
  );
}

/** Text of a file that must be there. */
export function readText(disk: Disk, key: string, absent: () => TendError): string {
  const read = disk.read(key);
  if (read.state === 'present') return read.text;
  throw read.state === 'absent' ? absent() : cannotRead(disk, `read "${key}"`, { key, reason: read.reason });
}

/** When a version was kept, from its stamp (UTC): `20261121-074200` → `2026-11-21T07:42:00Z`. */
export const keptAt = (stamp: string): string =>
  stamp.replace(/^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d).*$/, '$1-$2-$3T$4:$5:$6Z');
