/**
 * The writer lock of one directory, `.dirlock`: for compare-and-write, which takes milliseconds. Readers never take it. It
 * is synchronous like every write, and it is ours because proper-lockfile needs 14 ms to load, which each verb would pay.
 * The lock keeps cooperating writers apart; the work asks `isMine` again right before it changes anything.
 */
import {
  closeSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { nonce } from '../lib/hash.js';
import { refused } from '../model/error.js';
import { makeDirAt } from './local-dirs.js';
import { codeOf } from './local-read.js';

/** A holder works for milliseconds; one that is older than this was stopped or lost its machine. */
const STALE_MS = 5_000;
/** Longer than the stale time, so that a waiter lives to see a stale lock break. */
const WAIT_MS = 12_000;

/** Locks that this process holds: a step under a lock may consist of steps that take it, too. */
const held = new Map<string, () => boolean>();

/**
 * Runs `work` while no other cooperating process changes this directory by comparison; makes the directory. Within the work of a
 * lock that is ours already, the same lock is simply ours.
 */
export function withDirLock<T>(dir: string, work: (isMine: () => boolean) => T): T {
  const path = `${dir}/.dirlock`;
  const outer = held.get(path);
  if (outer) return work(outer);
  makeDirAt(dir);
  const fd = acquire(path);
  // The open descriptor keeps the inode from being given to another lock, so the number is proof.
  const isMine = () => statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
  held.set(path, isMine);
  try {
    return work(isMine);
  } finally {
    held.delete(path);
    if (isMine()) unlinkSync(path);
    closeSync(fd);
  }
}

function acquire(path: string): number {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      return create(path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const holder = look(path);
    if (holder && isDead(holder)) breakLock(path, holder);
    else if (performance.now() > deadline)
      throw refused(
        'busy',
        `Cannot change "${path.replace(/\/\.dirlock$/, '')}": another process has been changing it for ${WAIT_MS / 1000} s`,
      );
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + Math.random() * 4);
  }
}

function create(path: string): number {
  const fd = openSync(path, 'wx', 0o600);
  try {
    writeSync(fd, `${process.pid} ${machine()} ${nonce(8)}`);
  } catch {
    // A full disk: an empty lock works as well, only its holder's death is noticed late. Freeing space may need this lock.
  }
  return fd;
}

/** Stands for the text of something that no holder can have made. */
const NO_LOCK = '';

interface Holder {
  text: string;
  ageMs: number;
}

function look(path: string): Holder | undefined {
  try {
    // What is no file was made by nobody of us: a pipe would keep its reader waiting for ever.
    const stat = lstatSync(path);
    const text = stat.isFile() ? readFileSync(path, 'utf8') : NO_LOCK;
    return { text, ageMs: Math.abs(Date.now() - stat.mtimeMs) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A pid proves no life, but "no such process" proves death, if it was a pid of this machine and pid namespace. */
function isDead({ text, ageMs }: Holder): boolean {
  if (ageMs > STALE_MS) return true;
  const [pid, where] = text.split(' ');
  if (!where || where !== machine() || where === UNKNOWN) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

/** Takes the lock away under a private name, and gives it back if meanwhile it had become somebody else's. */
function breakLock(path: string, judged: Holder): void {
  const taken = `${path}-${nonce(8)}`;
  try {
    renameSync(path, taken);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    if (look(taken)?.text !== judged.text) linkSync(taken, path);
  } catch {
    // The next holder is there already. The one we displaced learns it from `isMine` and begins again.
  } finally {
    // A directory cannot be unlinked, and it is not ours to empty: it stays under its new name, where no listing shows it.
    if (!lstatSync(taken).isDirectory()) unlinkSync(taken);
  }
}

const UNKNOWN = 'unknown';
let known: string | undefined;

/** This boot and pid namespace: pids mean something only within both, and a data dir may be shared between containers. */
function machine(): string {
  try {
    known ??= `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}-${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    // No /proc, as on macOS: only the age of a lock tells.
    known = UNKNOWN;
  }
  return known;
}
