/**
 * Reading a directory that another program made, and that may have been put together to harm us: no link is followed below its
 * root, nothing but regular files is opened, nothing blocks, and sizes, depth and counts are bounded. Nothing is ever written there.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../model/limits.js';
import { codeOf, wordsFor } from './local-read.js';

/** More in one directory is no profile of anybody's. */
const ENTRIES_MAX = 100_000;
/** Directories within directories, as people make them below reports/. */
const DEPTH_MAX = 8;

export interface ForeignEntry {
  name: string;
  kind: 'file' | 'dir' | 'link' | 'other';
}

export type ForeignRead =
  | { bytes: Buffer; mtimeMs: number; executable: boolean; problem?: never }
  | { bytes?: never; problem: string };

export interface ForeignDir {
  /** Absolute, links of the typed path followed. */
  readonly root: string;
  /** Entries of a directory below the root by name; none when it is not there. `problem`: it is there, and is not read. */
  list(dir: string): { entries: ForeignEntry[]; problem?: string };
  read(key: string, maxBytes?: number): ForeignRead;
  /** Every file below `dir`, by its key, and what is not read with the reason. */
  walk(dir: string): { files: string[]; left: { key: string; reason: string }[] };
}

/** Undefined and why, when `path` is no directory that we can read. */
export function openForeign(path: string): { dir: ForeignDir; problem?: never } | { dir?: never; problem: string } {
  try {
    const root = realpathSync(path);
    if (!statSync(root).isDirectory()) return { problem: 'it is not a directory' };
    readdirSync(root);
    return { dir: foreignDir(root) };
  } catch (error) {
    return { problem: wordsFor(codeOf(error)) };
  }
}

function foreignDir(root: string): ForeignDir {
  const at = (key: string): string => join(root, key);
  const list: ForeignDir['list'] = (dir) => {
    const kind = dir === '' ? 'dir' : kindAt(at(dir));
    if (kind === 'absent') return { entries: [] };
    if (kind !== 'dir') return { entries: [], problem: REASON[kind] };
    try {
      const names = readdirSync(at(dir)).sort();
      if (names.length > ENTRIES_MAX)
        return { entries: [], problem: `it has ${names.length} entries, at most ${ENTRIES_MAX} are read` };
      return {
        entries: names.flatMap((name) => {
          const found = kindAt(join(at(dir), name));
          return found === 'absent' ? [] : [{ name, kind: found }];
        }),
      };
    } catch (error) {
      return { entries: [], problem: wordsFor(codeOf(error)) };
    }
  };
  return {
    root,
    list,
    read: (key, max = LIMITS.recordBytes) => readPlain(at(key), max),
    walk: (dir) => walk(list, dir),
  };
}

const REASON = {
  link: 'it is a symbolic link, which is not followed',
  other: 'it is no regular file',
  file: 'it is a file where a directory belongs',
  dir: 'it is a directory',
} as const;

function kindAt(path: string): ForeignEntry['kind'] | 'absent' {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) return 'absent';
    if (stat.isSymbolicLink()) return 'link';
    return stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : 'other';
  } catch {
    // There, and out of reach: whoever reads it hears why.
    return 'other';
  }
}

function readPlain(path: string, maxBytes: number): ForeignRead {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { problem: REASON[stat.isDirectory() ? 'dir' : 'other'] };
    if (stat.size > maxBytes) return { problem: `it has ${stat.size} bytes, at most ${maxBytes} are read` };
    const bytes = Buffer.alloc(stat.size);
    let got = 0;
    for (let n = -1; got < bytes.length && n !== 0; got += n) n = readSync(fd, bytes, got, bytes.length - got, got);
    return { bytes: bytes.subarray(0, got), mtimeMs: stat.mtimeMs, executable: (stat.mode & 0o111) !== 0 };
  } catch (error) {
    return { problem: codeOf(error) === 'ELOOP' ? REASON.link : wordsFor(codeOf(error)) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function walk(list: ForeignDir['list'], top: string): { files: string[]; left: { key: string; reason: string }[] } {
  const files: string[] = [];
  const left: { key: string; reason: string }[] = [];
  const visit = (dir: string, depth: number): void => {
    if (depth > DEPTH_MAX)
      return void left.push({ key: dir, reason: `it lies more than ${DEPTH_MAX} directories deep` });
    const { entries, problem } = list(dir);
    if (problem !== undefined) left.push({ key: dir, reason: problem });
    for (const { name, kind } of entries) {
      const key = dir === '' ? name : `${dir}/${name}`;
      if (kind === 'dir') visit(key, depth + 1);
      else if (kind === 'file') files.push(key);
      else left.push({ key, reason: REASON[kind] });
    }
  };
  visit(top, 0);
  return { files, left };
}
