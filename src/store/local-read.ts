/**
 * Reading the local file system with the three endings that everybody above relies on: present, proven absent, or unreadable.
 * Nothing here throws for what it finds on disk, blocks on a FIFO, or reads more than it was allowed.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { tailBytes } from '../lib/clip.js';
import type { Listed, Read, Sliced, Stated, Text } from './disk.js';

type Unreadable = Extract<Read, { state: 'unreadable' }>;

/** What the kernel's codes mean to a person; others are shown as they are. */
const WORDS: Record<string, string> = {
  ENOENT: 'no such file or directory',
  EBUSY: 'another process keeps changing it',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'this process has too many open files',
  ENFILE: 'the machine has too many open files',
  EIO: 'input/output error',
  ELOOP: 'too many symbolic links',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is a file, not a directory',
  ENXIO: 'it is a socket, a pipe or a device',
  ENAMETOOLONG: 'its name is too long',
  EEXIST: 'something else has the name of a directory that is wanted there',
  ELINK: 'it is a symbolic link, and records are not written through one',
  EGONE: 'the whole data dir is gone; it was removed or moved away',
};

export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
/** An error of our own that is reported like one of the kernel. */
export const withCode = (code: string, message = code): Error => Object.assign(new Error(message), { code });
export const wordsFor = (code: string): string => WORDS[code] ?? code;

/** Whole file, or unreadable when it is larger than `maxBytes`. */
export function readWhole(path: string, maxBytes: number): Read {
  return reading(path, (fd, size) => whole(fd, size, maxBytes));
}

function whole(fd: number, size: number, maxBytes: number): string | Unreadable {
  if (size > maxBytes) return { state: 'unreadable', reason: `too large: ${size} bytes, at most ${maxBytes} are read` };
  return readAt(fd, 0, size).toString('utf8');
}

/** The text of `readWhole`. Of a small file nobody asks the kernel what it is: to look at ten thousand costs a third less so. */
export function readText(path: string, maxBytes: number): Text {
  return proven(path, () => {
    const fd = openSync(path, READING);
    try {
      const text = readSmall(fd) ?? wholeOf(fd, maxBytes);
      return typeof text === 'string' ? { state: 'present', text } : text;
    } finally {
      closeSync(fd);
    }
  });
}

function wholeOf(fd: number, maxBytes: number): string | Unreadable {
  const stat = fstatSync(fd);
  return stat.isFile() ? whole(fd, stat.size, maxBytes) : kindProblem(stat);
}

/**
 * A file that ends within the room for small ones; undefined of anything else, which must be looked at. A pipe, a socket and a terminal
 * have no places to read at and refuse, a directory refuses, and what has no bytes or no end shows by their number.
 */
function readSmall(fd: number): string | undefined {
  small ??= Buffer.allocUnsafeSlow(SMALL_BYTES);
  try {
    // A file gives fewer bytes than there is room for at its end alone.
    const got = readSync(fd, small, 0, SMALL_BYTES, 0);
    return got === 0 || got === SMALL_BYTES ? undefined : small.toString('utf8', 0, got);
  } catch {
    return undefined;
  }
}

/** The last `maxBytes`, starting at a character. One byte more is read, so that `tailBytes` knows where a character begins. */
export function readTail(path: string, maxBytes: number): Read {
  return reading(path, (fd, size) =>
    tailBytes(readAt(fd, Math.max(0, size - maxBytes - 1), Math.min(size, maxBytes + 1)), maxBytes),
  );
}

/** `length` bytes from the byte `from` on, fewer at the end of the file; they are the caller's. */
export function readSlice(path: string, from: number, length: number): Sliced {
  return opened(path, (fd, { size }) => ({
    state: 'present',
    bytes: Buffer.from(readAt(fd, from, Math.max(0, Math.min(length, size - from)))),
    size,
  }));
}

/** What a name is; a symbolic link is followed, and one to nothing is unreadable. */
export function statOf(path: string): Stated {
  return proven(path, () => {
    const s = statSync(path);
    const kind = s.isFile() ? 'file' : s.isDirectory() ? 'dir' : 'other';
    const { size: bytes, mtimeMs, ctimeMs, ino: inode, mode } = s;
    return { state: 'present', kind, bytes, mtimeMs, ctimeMs, inode, executable: (mode & 0o111) !== 0 };
  });
}

/** Names in a directory by code unit, dot files left out: temp files and writer locks begin with a dot. */
export function listOf(path: string): Listed {
  return proven(path, () => ({
    state: 'present',
    names: readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort(),
  }));
}

function reading(path: string, take: (fd: number, size: number) => string | Unreadable): Read {
  return opened(path, (fd, { size, mtimeMs }) => {
    const taken = take(fd, size);
    return typeof taken === 'string' ? { state: 'present', text: taken, bytes: size, mtimeMs } : taken;
  });
}

/** O_NONBLOCK: opening a FIFO returns at once instead of waiting for a writer that may never come. */
const READING = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const kindProblem = (stat: Stats): Unreadable => unreadable(stat.isDirectory() ? 'EISDIR' : 'ENXIO');

/** A regular file, for as long as `take` takes. */
function opened<T>(path: string, take: (fd: number, stat: Stats) => T): T | { state: 'absent' } | Unreadable {
  return proven(path, () => {
    const fd = openSync(path, READING);
    try {
      const stat = fstatSync(fd);
      return stat.isFile() ? take(fd, stat) : kindProblem(stat);
    } finally {
      closeSync(fd);
    }
  });
}

/** One room for all small files: a look at thousands of records would leave a buffer of each behind. */
const SMALL_BYTES = 65_536;
let small: Buffer | undefined;

/** The bytes are good until the next call. */
function readAt(fd: number, from: number, length: number): Buffer {
  if (length <= SMALL_BYTES) small ??= Buffer.allocUnsafeSlow(SMALL_BYTES);
  const buffer = length <= SMALL_BYTES && small ? small : Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const n = readSync(fd, buffer, got, length - got, from + got);
    // The file became shorter meanwhile: somebody edits it in place.
    if (n === 0) break;
    got += n;
  }
  return buffer.subarray(0, got);
}

/**
 * Runs a read and sorts its failure. ENOENT alone is no proof: a link to nothing is a name that exists, and a name may
 * have been published a moment later, so the name itself is looked at; the bound is for a name that flickers.
 */
function proven<T>(path: string, read: () => T): T | { state: 'absent' } | Unreadable {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return read();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') return unreadable(codeOf(error));
      const name = lookAt(path);
      if (name !== 'present') return name;
    }
  }
  return unreadable('it appears and disappears');
}

/** Absence is proven up the path: below a link to nothing (a disk that is not mounted) everything seems absent and nothing is known. */
function lookAt(path: string): { state: 'absent' } | Unreadable | 'present' {
  try {
    const name = lstatSync(path, { throwIfNoEntry: false });
    if (name === undefined) {
      const above = dirname(path) === path ? 'present' : lookAt(dirname(path));
      return typeof above === 'object' && above.state === 'unreadable' ? above : { state: 'absent' };
    }
    if (!name.isSymbolicLink() || statSync(path, { throwIfNoEntry: false })) return 'present';
    return { state: 'unreadable', reason: `"${basename(path)}" is a symbolic link to nothing` };
  } catch (error) {
    return unreadable(codeOf(error));
  }
}

const unreadable = (code: string): Unreadable => ({ state: 'unreadable', reason: wordsFor(code) });
