import { mkdirSync } from 'node:fs';
import { lockSync } from 'proper-lockfile';

/** Longest wait for another process's compare-and-write, which takes milliseconds. */
const WAIT_MS = 5_000;
/** A holder that died leaves its lock for this long (proper-lockfile's least). */
const STALE_MS = 2_000;

/** Runs `work` while no other cooperating process changes this directory by comparison. It saves work, it is not safety. */
export function withDirLock<T>(dir: string, work: () => T): T {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const release = acquire(dir);
  try {
    return work();
  } finally {
    release();
  }
}

function acquire(dir: string): () => void {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      return lockSync(dir, { lockfilePath: `${dir}/.dirlock`, stale: STALE_MS, realpath: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED' || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 + Math.random() * 5);
    }
  }
}
