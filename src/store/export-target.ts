/**
 * Where an export goes: a directory that gets its name when it is whole, or a file that must not exist. Nothing that is there is
 * ever overwritten, and what was begun and not finished is taken away.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { nonce } from '../lib/hash.js';
import { refused, TendError } from '../model/error.js';
import { syncDir } from './local-dirs.js';
import { codeOf, wordsFor } from './local-read.js';

export interface DirTarget {
  put(entry: { name: string; bytes: Uint8Array; mode: number; mtimeS: number }): void;
  /** Gives it its name. */
  finish(): void;
  /** Takes away what was written. Safe after `finish`. */
  drop(): void;
}

/** `path` is absolute; it may be an empty directory. */
export function dirTarget(path: string): DirTarget {
  if (!isFree(path)) throw taken(path);
  const temp = `${path}.tmp-${process.pid}-${nonce(4)}`;
  tried(path, () => mkdirSync(temp, { mode: 0o700, recursive: true }));
  let isDone = false;
  return {
    put: ({ name, bytes, mode, mtimeS }) =>
      tried(path, () => {
        const at = join(temp, name);
        mkdirSync(dirname(at), { mode: 0o700, recursive: true });
        writeFileSync(at, bytes, { mode, flag: 'wx' });
        utimesSync(at, mtimeS, mtimeS);
      }),
    finish: () =>
      tried(path, () => {
        renameSync(temp, path);
        isDone = true;
        syncDir(dirname(path));
      }),
    drop: () => {
      if (!isDone) rmSync(temp, { recursive: true, force: true });
    },
  };
}

export interface FileTarget {
  write(bytes: Uint8Array): void;
  finish(): void;
  drop(): void;
}

export function fileTarget(path: string): FileTarget {
  const fd = tried(path, () => openSync(path, 'wx', 0o600));
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  let isDone = false;
  return {
    write: (bytes) =>
      tried(path, () => {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
      }),
    finish: () =>
      tried(path, () => {
        fsyncSync(fd);
        isDone = true;
        close();
      }),
    drop: () => {
      close();
      if (!isDone) unlinkSync(path);
    },
  };
}

function isFree(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return !stat || (stat.isDirectory() && tried(path, () => readdirSync(path)).length === 0);
}

const taken = (path: string): TendError =>
  refused('taken', `Cannot export to "${path}": something is there already`, `tend export ${path}-2`);

function tried<T>(path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof TendError) throw error;
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTEMPTY') throw taken(path);
    throw new TendError('environment', `Cannot export to "${path}": ${wordsFor(codeOf(error))}`, {
      code: 'io-error',
      hint: `ls -ld ${dirname(path)}`,
      cause: error,
    });
  }
}
