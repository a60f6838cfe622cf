/**
 * `schedules/<id>/`: the definition of a timed loop and the chain of its states. A loop exists when its `spec.json` does, which is
 * published last at its creation; so a death in between leaves no loop. The state changes by compare-and-swap alone: the next
 * revision is a name that one writer can publish. Reading writes nothing; people may edit the spec.
 */
import { isObject, parseJson } from '../lib/json.js';
import { refused } from '../model/error.js';
import { isLoopId } from '../model/id.js';
import type { Instant } from '../model/instant.js';
import { type LoopSpec, type LoopState, loopSpecSchema, loopStateSchema, slotKey } from '../model/loop.js';
import { loopSpecProblem } from '../model/loop-check.js';
import { jsonRecord, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { quarantine } from './quarantine.js';
import { cannotRead } from './unreadable.js';

/** Revisions of the state that are kept, the present one included: what happened before the last few steps is in the ledger. */
const REVISIONS_KEPT = 5;

export const loopDir = (id: string): string => `schedules/${id}`;
export const specKey = (id: string): string => `${loopDir(id)}/spec.json`;
export const stateDir = (id: string): string => `${loopDir(id)}/state`;
export const stateKey = (id: string, rev: number): string => `${stateDir(id)}/${String(rev).padStart(10, '0')}.json`;

export interface SoundLoop {
  id: string;
  state: 'ok';
  spec: LoopSpec;
  loopState: LoopState;
}

/** A loop that stands there and cannot be scheduled until a person has mended it. */
export interface BrokenLoop {
  id: string;
  /** Is no spec, or its state is lost; cannot be read; was written by a newer tend. */
  state: 'invalid' | 'unreadable' | 'newer';
  /** With the name of the file it is about. */
  reason: string;
  /** As far as they can be read. */
  name?: string;
  createdAt?: string;
  loopState?: LoopState;
  /** Its spec is sound and every revision of its state is damaged, or none is there: `rev` is the highest name, 0 without any. */
  lost?: { spec: LoopSpec; rev: number };
}

export type LoopEntry = SoundLoop | BrokenLoop;

/**
 * Makes a loop: its first state, then its spec. False when there is a loop of that id. `state.rev` is set to 1 here, whatever it
 * says.
 */
export function createLoop(disk: Disk, spec: LoopSpec, state: LoopState): boolean {
  if (disk.stat(specKey(spec.id)).state !== 'absent') return false;
  disk.publish(stateKey(spec.id, 1), jsonRecord({ ...state, rev: 1 }));
  return disk.publish(specKey(spec.id), jsonRecord(spec));
}

/** Exchanges the spec of a loop that is there. What a person wrote in it beyond our fields goes; the last writer wins. */
export const writeSpec = (disk: Disk, spec: LoopSpec): void => disk.replace(specKey(spec.id), jsonRecord(spec));

/** Ids of what lies in `schedules/` as a loop, sorted; also of a directory whose spec is missing. Throws when it cannot be listed. */
export function loopIds(disk: Disk): string[] {
  const listed = disk.list('schedules');
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list "schedules"', { key: 'schedules', reason: listed.reason });
  return listed.state === 'absent' ? [] : listed.names.filter(isLoopId);
}

/** Every loop that exists, by id, the broken ones included. */
export const readLoops = (disk: Disk): LoopEntry[] =>
  loopIds(disk)
    .map((id) => readLoop(disk, id))
    .filter((entry) => entry !== undefined);

/** One loop, or undefined when there is none of that id. */
export function readLoop(disk: Disk, id: string): LoopEntry | undefined {
  const read = readJson(disk, specKey(id), loopSpecSchema);
  const current = readState(disk, id);
  const known = current.value === undefined ? {} : { loopState: current.value };
  if (read.state === 'absent') {
    // A first state without a spec is a creation that somebody died in; a later one belonged to a loop.
    if (current.problem === undefined && (current.value?.rev ?? 1) === 1) return undefined;
    return { id, state: 'invalid', reason: 'spec.json is missing', ...known };
  }
  if (read.state !== 'present') {
    const state = read.state === 'corrupt' ? 'invalid' : read.state;
    return { id, state, reason: `spec.json: ${read.reason}`, ...namesIn(disk, id), ...known };
  }
  const spec = read.value;
  const problem = spec.id === id ? loopSpecProblem(spec) : `id: ${JSON.stringify(spec.id)} is not the directory's`;
  const broken = { id, name: spec.name, createdAt: spec.createdAt, ...known };
  if (problem) return { ...broken, state: 'invalid', reason: `spec.json: ${problem}` };
  if (current.value !== undefined) return { id, state: 'ok', spec, loopState: current.value };
  if (current.problem !== undefined) return { ...broken, ...current.problem };
  const reason =
    'state/: no state of it can be read; the next look of the pulse, or "tend loops tick", derives it anew';
  return { ...broken, state: 'invalid', reason, lost: { spec, rev: current.rev } };
}

/** Loops of that id, else of that name, the newest first. An empty list: there is none. */
export function findLoop(disk: Disk, word: string): LoopEntry[] {
  const byId = isLoopId(word) ? readLoop(disk, word) : undefined;
  if (byId) return [byId];
  return readLoops(disk)
    .filter((entry) => nameOfLoop(entry) === word)
    .sort((a, b) => (createdAtOf(a) < createdAtOf(b) ? 1 : -1));
}

export const nameOfLoop = (entry: LoopEntry): string | undefined =>
  entry.state === 'ok' ? entry.spec.name : entry.name;
const createdAtOf = (entry: LoopEntry): string => (entry.state === 'ok' ? entry.spec.createdAt : entry.createdAt) ?? '';

/**
 * Publishes the state that follows `previous`; `next.rev` is set here. False when somebody else was first: the caller reads and
 * decides anew. A damaged revision in the way goes to quarantine.
 */
export function casState(disk: Disk, id: string, previous: LoopState, next: LoopState): boolean {
  const rev = previous.rev + 1;
  for (const later of revisions(disk, id).filter((at) => at >= rev)) {
    const read = readJson(disk, stateKey(id, later), loopStateSchema);
    if (read.state === 'present' && read.value.rev === later) return false;
    if (read.state === 'newer' || read.state === 'unreadable')
      throw cannotRead(disk, `change loop "${id}"`, { key: stateKey(id, later), reason: read.reason });
    const reason = read.state === 'corrupt' ? read.reason : 'rev: it is not that of its file';
    if (read.state !== 'absent') quarantine(disk, stateKey(id, later), reason, Date.parse(next.updatedAt));
  }
  const text = jsonRecord({ ...next, rev });
  if (
    !(isDerived(previous, next)
      ? disk.publish(stateKey(id, rev), text, 'unsynced')
      : disk.publish(stateKey(id, rev), text))
  )
    return false;
  tellWatchers(disk, id, next);
  const all = revisions(disk, id);
  const newest = all.at(-1) ?? rev;
  for (const old of all) if (old <= newest - REVISIONS_KEPT) disk.remove(stateKey(id, old), 'unsynced');
  // Stopped before the publishing for so long that revision `rev` had come and gone again: ours counts for nothing.
  return rev > newest - REVISIONS_KEPT;
}

/**
 * True for a revision that a loss of the machine's power may take: it moves the cursor past results that are on the disk, and the
 * next look does so again. One of those that are kept is synced in any case, so the loop never loses all of them.
 */
const isDerived = (previous: LoopState, next: LoopState): boolean =>
  (previous.rev + 1) % REVISIONS_KEPT !== 0 &&
  (next.cause === 'advance' || next.cause === 'retry') &&
  next.status === previous.status &&
  next.missed.total === previous.missed.total;

/** Who runs loops watches their directories, not those below: the new time of this one is what it sees. */
function tellWatchers(disk: Disk, id: string, { updatedAt }: LoopState): void {
  try {
    disk.touch(loopDir(id), Date.parse(updatedAt));
  } catch {
    // Moved away meanwhile, or refused: the poll finds the new state a little later.
  }
}

/**
 * Takes a loop out of `schedules/` in one step: its directory goes to `trash/<time>-loop-<id>`. False when there is none. Rows of
 * its runs stay in the ledger.
 */
export const removeLoop = (disk: Disk, id: string, now: Instant): boolean =>
  disk.moveTree(loopDir(id), `trash/${slotKey(now)}-loop-${id}`);

/** Where removed loops of that id lie, the newest first. Throws when that cannot be told. */
export function removedDirs(disk: Disk, id: string): string[] {
  const listed = disk.list('trash');
  if (listed.state === 'unreadable') throw cannotRead(disk, 'list "trash"', { key: 'trash', reason: listed.reason });
  const names = listed.state === 'present' ? listed.names : [];
  return names
    .filter((name) => name.endsWith(`-loop-${id}`))
    .sort()
    .reverse()
    .map((name) => `trash/${name}`);
}

/** Like `findLoop`, for one that must be there: throws `not-found`, or `ambiguous` when it is to be changed and is not alone. */
export function requireLoop(disk: Disk, word: string, doing: { verb: string; changes: boolean }): LoopEntry {
  const found = findLoop(disk, word);
  const [first] = found;
  const what = `Cannot ${doing.verb} ${JSON.stringify(word)}`;
  if (!first) throw refused('not-found', `${what}: loop not found`, 'tend loops list');
  if (found.length === 1 || !doing.changes) return first;
  const ids = found.map((entry) => entry.id).join(', ');
  throw refused(
    'ambiguous',
    `${what}: ${found.length} loops have this name, wanted one of the ids ${ids}`,
    'tend loops list',
  );
}

/** Above these nothing could follow: ten digits are a revision. */
const REVISION_MAX = 9_000_000_000;

/**
 * Publishes a state of a loop that has lost all of its own, then puts the damaged ones into quarantine. False when somebody else was
 * first. `next.rev` is set here.
 */
export function restoreState(disk: Disk, id: string, next: LoopState, now: Instant): boolean {
  const damaged = revisions(disk, id);
  const rev = Math.max(0, ...damaged.filter((at) => at < REVISION_MAX)) + 1;
  if (!disk.publish(stateKey(id, rev), jsonRecord({ ...next, rev }))) return false;
  tellWatchers(disk, id, next);
  for (const old of damaged) quarantine(disk, stateKey(id, old), 'it is no state of its loop', now);
  return true;
}

interface CurrentState {
  /** The highest revision by name, sound or not; 0: none. */
  rev: number;
  value?: LoopState;
  /** The newest revision is not to be believed and not to be passed over. */
  problem?: { state: 'unreadable' | 'newer'; reason: string };
}

/** The highest revision that is a state; damaged ones above it are passed over, and mended by the next change. */
function readState(disk: Disk, id: string): CurrentState {
  const listed = listRevisions(disk, id);
  if (listed.reason !== undefined)
    return { rev: 0, problem: { state: 'unreadable', reason: `state/: ${listed.reason}` } };
  const [highest = 0] = listed.revisions.reverse();
  for (const rev of listed.revisions) {
    const read = readJson(disk, stateKey(id, rev), loopStateSchema);
    if (read.state === 'present' && read.value.rev === rev) return { rev: highest, value: read.value };
    if (read.state === 'unreadable' || read.state === 'newer')
      return { rev: highest, problem: { state: read.state, reason: `state/: ${read.reason}` } };
  }
  return { rev: highest };
}

/** Throws when they cannot be listed. */
function revisions(disk: Disk, id: string): number[] {
  const listed = listRevisions(disk, id);
  if (listed.reason === undefined) return listed.revisions;
  throw cannotRead(disk, `read loop "${id}"`, { key: stateDir(id), reason: listed.reason });
}

/** Ascending. A foreign file in the directory is none. */
function listRevisions(disk: Disk, id: string): { revisions: number[]; reason?: never } | { reason: string } {
  const listed = disk.list(stateDir(id));
  if (listed.state === 'unreadable') return { reason: listed.reason };
  const names = listed.state === 'absent' ? [] : listed.names;
  return { revisions: names.filter((name) => /^\d{10}\.json$/.test(name)).map((name) => Number(name.slice(0, 10))) };
}

/** What a spec that cannot be used still says of its loop, for lists and for finding it by its name. */
function namesIn(disk: Disk, id: string): { name?: string; createdAt?: string } {
  const read = disk.read(specKey(id));
  if (read.state !== 'present') return {};
  const parsed = parseJson(read.text).value;
  const field = (key: string): unknown => (isObject(parsed) ? parsed[key] : quotedField(read.text, key));
  const [name, createdAt] = [field('name'), field('createdAt')];
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof createdAt === 'string' ? { createdAt } : {}),
  };
}

/** The text of a member at the first level of our own indentation, in a file that is no JSON any more. */
function quotedField(text: string, key: string): unknown {
  const match = new RegExp(`^ {2}"${key}": ("(?:[^"\\\\\\n]|\\\\.)*")`, 'm').exec(text);
  return match ? parseJson(match[1]!).value : undefined;
}
