import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { tailBytes } from '../lib/clip.js';
import { TendError } from '../model/error.js';
import { LIMITS } from '../model/limits.js';
import { withDirLock } from './dir-lock.js';
import type { Disk, Listed, Read, Stated } from './disk.js';

/** The data dir on a local file system. `root` is absolute; it is created 0700 on the first write, not by reads. */
export function localDisk(root: string): Disk {
  const path = (key: string): string => (key === '' ? root : join(root, key));
  const disk: Disk = {
    root,
    path,
    read: (key, maxBytes = LIMITS.recordBytes) => readWhole(path(key), maxBytes),
    tail: (key, maxBytes) => readTail(path(key), maxBytes),
    stat: (key) => statOf(path(key)),
    list: (dir) => listOf(path(dir)),
    publish: (key, content, mode = 0o600) => doing('write', key, () => publishAt(path(key), bytesOf(content), mode)),
    replace: (key, content, mode = 0o600) => doing('write', key, () => replaceAt(path(key), bytesOf(content), mode)),
    append: (key, line) => doing('append to', key, () => appendAt(path(key), line)),
    remove: (key) => doing('remove', key, () => removeAt(path(key))),
    removeIfEqual: (key, expected) =>
      doing('remove', key, () => ifEqual(path(key), expected, () => removeAt(path(key)), true)),
    replaceIfEqual: (key, expected, content) =>
      doing('write', key, () =>
        ifEqual(path(key), expected, () => replaceAt(path(key), bytesOf(content), 0o600), false),
      ),
    move: (from, to) => doing('move', from, () => moveAt(path(from), path(to))),
    makeDir: (dir) => doing('create', dir, () => makeDirAt(path(dir))),
    removeTree: (dir) => doing('remove', dir, () => rmSync(path(dir), { recursive: true, force: true })),
    touch: (key, atMs) => doing('touch', key, () => utimesSync(path(key), atMs / 1000, atMs / 1000)),
  };
  return disk;
}

const bytesOf = (content: string | Uint8Array): Uint8Array =>
  typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';

/** O_NONBLOCK: opening a FIFO returns at once instead of waiting for a writer that never comes. */
function openToRead(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

function readWhole(path: string, maxBytes: number): Read {
  return reading(path, (fd, size) => {
    if (size > maxBytes) return { reason: `too large: ${size} bytes, at most ${maxBytes} are read` };
    return readAt(fd, 0, size);
  });
}

function readTail(path: string, maxBytes: number): Read {
  return reading(path, (fd, size) => {
    const bytes = readAt(fd, Math.max(0, size - maxBytes), Math.min(size, maxBytes));
    return size > maxBytes ? Buffer.from(tailBytes(Buffer.concat([Buffer.from([0x20]), bytes]), bytes.length)) : bytes;
  });
}

function reading(path: string, take: (fd: number, size: number) => Buffer | { reason: string }): Read {
  let fd: number | undefined;
  try {
    fd = openToRead(path);
    const stat = fstatSync(fd);
    if (!stat.isFile())
      return { state: 'unreadable', reason: stat.isDirectory() ? 'it is a directory' : 'it is not a regular file' };
    const got = take(fd, stat.size);
    if (!Buffer.isBuffer(got)) return { state: 'unreadable', reason: got.reason };
    return { state: 'present', text: got.toString('utf8'), bytes: stat.size, mtimeMs: stat.mtimeMs };
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? { state: 'absent' } : { state: 'unreadable', reason: codeOf(error) };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function readAt(fd: number, from: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    const n = readSync(fd, buffer, got, length - got, from + got);
    if (n === 0) break;
    got += n;
  }
  return buffer.subarray(0, got);
}

function statOf(path: string): Stated {
  try {
    const s = statSync(path);
    const kind = s.isFile() ? 'file' : s.isDirectory() ? 'dir' : 'other';
    return { state: 'present', kind, bytes: s.size, mtimeMs: s.mtimeMs, executable: (s.mode & 0o111) !== 0 };
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? { state: 'absent' } : { state: 'unreadable', reason: codeOf(error) };
  }
}

function listOf(path: string): Listed {
  try {
    const names = readdirSync(path).filter((name) => !name.startsWith('.'));
    return { state: 'present', names: names.sort() };
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? { state: 'absent' } : { state: 'unreadable', reason: codeOf(error) };
  }
}

/** Temp names begin with "." so that no listing shows them; pid, time and counter make them ours alone. */
let counter = 0;
const tempBeside = (path: string): string => join(dirname(path), `.tmp-${process.pid}-${Date.now()}-${counter++}`);

/** Writes and syncs a temp file and checks its length: on a full disk writes fall short while link and rename still succeed. */
function writeTemp(path: string, content: Uint8Array, mode: number): string {
  makeDirAt(dirname(path));
  const temp = tempBeside(path);
  const fd = openSync(temp, 'wx', mode);
  try {
    let done = 0;
    while (done < content.length) {
      const n = writeSync(fd, content, done, content.length - done);
      if (n === 0) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
      done += n;
    }
    fsyncSync(fd);
    if (fstatSync(fd).size !== content.length) throw Object.assign(new Error('short file'), { code: 'ENOSPC' });
  } catch (error) {
    closeSync(fd);
    removeAt(temp);
    throw error;
  }
  closeSync(fd);
  return temp;
}

function publishAt(path: string, content: Uint8Array, mode: number): boolean {
  // A name that exists will not be taken: the test only saves the temp file, link() decides.
  if (existsSync(path)) return false;
  const temp = writeTemp(path, content, mode);
  try {
    linkSync(temp, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    removeAt(temp);
  }
  syncDir(dirname(path));
  return true;
}

function replaceAt(path: string, content: Uint8Array, mode: number): void {
  const temp = writeTemp(path, content, mode);
  try {
    renameSync(temp, path);
  } catch (error) {
    removeAt(temp);
    throw error;
  }
  syncDir(dirname(path));
}

/** A newline on both sides: a line torn by a crash before us cannot swallow ours. Readers skip blank lines. */
function appendAt(path: string, line: string): void {
  makeDirAt(dirname(path));
  const bytes = Buffer.from(`\n${line.replace(/[\r\n]+/g, ' ')}\n`, 'utf8');
  const fd = openSync(path, 'a', 0o600);
  try {
    const n = writeSync(fd, bytes);
    if (n !== bytes.length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function removeAt(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Compare, then change, under the directory's writer lock: cooperating writers cannot slip in between. */
function ifEqual(path: string, expected: string, change: () => void, whenAbsent: boolean): boolean {
  return withDirLock(dirname(path), () => {
    const now = readWhole(path, LIMITS.recordBytes);
    if (now.state === 'absent') return whenAbsent;
    if (now.state === 'unreadable') throw Object.assign(new Error(now.reason), { code: 'EIO' });
    if (now.text !== expected) return false;
    change();
    return true;
  });
}

function moveAt(from: string, to: string): boolean {
  makeDirAt(dirname(to));
  try {
    linkSync(from, to);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  removeAt(from);
  syncDir(dirname(to));
  if (dirname(from) !== dirname(to)) syncDir(dirname(from));
  return true;
}

function makeDirAt(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

function syncDir(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

const SAY: Record<string, [code: string, text: string]> = {
  ENOSPC: ['disk-full', 'the disk is full'],
  EDQUOT: ['disk-full', 'the disk quota is used up'],
  EACCES: ['no-permission', 'permission denied'],
  EPERM: ['no-permission', 'operation not permitted'],
  EROFS: ['no-permission', 'the file system is read-only'],
};

function doing<T>(verb: string, key: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TendError) throw error;
    const [code, text] = SAY[codeOf(error)] ?? ['io-error', codeOf(error)];
    throw new TendError('environment', `Cannot ${verb} "${key}" in the data dir: ${text}`, {
      code,
      cause: error,
      hint: 'tend status',
    });
  }
}
