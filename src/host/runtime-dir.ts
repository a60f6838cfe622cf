import { chmodSync, lstatSync, mkdirSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash32 } from '../lib/hash.js';
import { TendError } from '../model/error.js';
import type { Env } from './env.js';

/** Linux allows 107 bytes in a socket path, macOS 103; names below are at most 40 bytes. */
const DIR_MAX = 60;

/**
 * Short private directory for this data dir's sockets: `$XDG_RUNTIME_DIR/tend/<hash>`, else `/tmp/tend-<uid>/<hash>`.
 * Created 0700; one that belongs to somebody else is refused.
 */
export function runtimeDir(env: Env, dataDir: string): string {
  const uid = process.getuid?.() ?? 0;
  const xdg = env['XDG_RUNTIME_DIR'];
  const candidates = [
    xdg?.startsWith('/') ? join(xdg, 'tend') : undefined,
    join('/tmp', `tend-${uid}`),
    join(tmpdir(), `tend-${uid}`),
  ];
  let last: unknown;
  for (const base of candidates) {
    if (!base || base.length > DIR_MAX) continue;
    try {
      const dir = join(base, hash32(dataDir).slice(0, 12));
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
    hint: 'export XDG_RUNTIME_DIR=/run/user/$(id -u)',
  });
}

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
