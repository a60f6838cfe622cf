import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash32 } from '../lib/hash.js';
import { TendError } from '../model/error.js';
import type { Env } from './env.js';

/** Linux allows 107 bytes in a socket path, macOS 103; names below are at most 40 bytes. */
const DIR_MAX = 60;

/**
 * Short private directory for this data dir's sockets: `/tmp/tend-<uid>/<hash>`, or below an `$XDG_RUNTIME_DIR` that stays.
 * `/run/user/<uid>` comes last: it is removed when its user logs out, which the pulse and the workers outlive.
 * Created 0700; one that belongs to somebody else is refused.
 */
export function runtimeDir(env: Env, dataDir: string): string {
  const uid = process.getuid?.() ?? 0;
  let last: unknown;
  for (const base of bases(env, uid)) {
    try {
      const dir = dirIn(base, dataDir);
      own(base, uid);
      own(dir, uid);
      return dir;
    } catch (error) {
      last = error;
    }
  }
  throw new TendError('environment', 'Cannot create a private directory for sockets', {
    code: 'no-runtime-dir',
    cause: last,
    hint: 'export XDG_RUNTIME_DIR=/a/short/directory/of/yours',
  });
}

/**
 * Every directory in which another process of this user may have put a socket of this data dir: a login shell has an
 * `$XDG_RUNTIME_DIR` that a service or a cron job of the same user has not. Creates nothing.
 */
export function runtimeDirs(env: Env, dataDir: string): string[] {
  const uid = process.getuid?.() ?? 0;
  const all = [...bases(env, uid), ...bases({ XDG_RUNTIME_DIR: `/run/user/${uid}` }, uid)];
  return [...new Set(all)].filter((base) => isOurs(base, uid)).map((base) => dirIn(base, dataDir));
}

/** In a directory of somebody else there can be no socket of ours, whatever answers there. */
function isOurs(base: string, uid: number): boolean {
  try {
    return lstatSync(base).uid === uid;
  } catch {
    return false;
  }
}

function bases(env: Env, uid: number): string[] {
  const xdg = env['XDG_RUNTIME_DIR'];
  const own = xdg?.startsWith('/') ? join(xdg, 'tend') : '';
  const temp = [`/tmp/tend-${uid}`, join(tmpdir(), `tend-${uid}`)];
  const wanted = own.startsWith('/run/user/') ? [...temp, own] : [own, ...temp];
  return wanted.filter((base) => base !== '' && base.length <= DIR_MAX);
}

const dirIn = (base: string, dataDir: string): string => join(base, hash32(dataDir).slice(0, 12));

function own(dir: string, uid: number): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const stat = lstatSync(dir);
  if (!stat.isDirectory() || stat.uid !== uid) throw new Error(`"${dir}" is not a directory of our own`);
  if ((stat.mode & 0o077) !== 0) chmodSync(dir, 0o700);
}

/** Names in the runtime dir that begin with `prefix`. */
export function listSockets(dir: string, prefix: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.startsWith(prefix));
  } catch {
    return [];
  }
}

/** Removes the directory when nothing is left in it; sockets of living workers keep it. */
export function leaveRuntimeDir(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // Somebody still has a socket there.
  }
}

export function removeSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already, or never made.
  }
}

export interface SocketDir {
  dir: string;
  /** Why no socket of ours can be trusted or made there. */
  problem?: string;
}

/** The directories in which sockets of this data dir lie now, or could be made. Looks only. */
export function lookAtRuntimeDirs(env: Env, dataDir: string): { usable: string | undefined; dirs: SocketDir[] } {
  const uid = process.getuid?.() ?? 0;
  const dirs: SocketDir[] = [];
  for (const base of bases(env, uid)) {
    for (const dir of [base, dirIn(base, dataDir)]) {
      const problem = dirProblem(dir, uid);
      if (problem !== 'absent') dirs.push({ dir, ...(problem === undefined ? {} : { problem }) });
    }
  }
  const usable = bases(env, uid).find((base) => !dirs.some(({ dir, problem }) => problem && dir.startsWith(base)));
  return { usable, dirs };
}

function dirProblem(dir: string, uid: number): string | undefined {
  try {
    const stat = lstatSync(dir, { throwIfNoEntry: false });
    if (!stat) return 'absent';
    if (!stat.isDirectory()) return 'it is not a directory';
    if (stat.uid !== uid) return `it belongs to user ${stat.uid}`;
    return (stat.mode & 0o077) === 0 ? undefined : `it is open to others (mode ${(stat.mode & 0o777).toString(8)})`;
  } catch (error) {
    return (error as Error).message;
  }
}
