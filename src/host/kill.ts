import { readdirSync, readFileSync } from 'node:fs';
import { monotonicMs, sleep } from './clock.js';

/** Sends a signal to a process group; false when the group is gone. Never to group 0 or 1, which would be ours or init's. */
export function signalGroup(pgid: number, signal: NodeJS.Signals): boolean {
  if (!Number.isInteger(pgid) || pgid <= 1) return false;
  try {
    process.kill(-pgid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Pids whose environment carries `TEND_MARK=<mark>`: tools of agent CLIs start process groups of their own, a group signal
 * does not reach them. Zombies have no environment and do not count. Empty where there is no /proc.
 */
export function findMarked(mark: string): number[] {
  const needle = `TEND_MARK=${mark}`;
  const found: number[] = [];
  for (const name of procNames()) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(needle)) found.push(pid);
    } catch {
      // Gone meanwhile, or another user's: neither is ours to kill.
    }
  }
  return found;
}

function procNames(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** TERM to the group and everything marked, grace, KILL, and confirmation. Returns the pids that still live after `confirmMs`. */
export async function stopTree(pgid: number, mark: string, graceMs: number, confirmMs = 2_000): Promise<number[]> {
  signalAll(pgid, mark, 'SIGTERM');
  await untilGone(pgid, mark, graceMs);
  signalAll(pgid, mark, 'SIGKILL');
  return untilGone(pgid, mark, confirmMs, true);
}

function signalAll(pgid: number, mark: string, signal: NodeJS.Signals): void {
  signalGroup(pgid, signal);
  for (const pid of findMarked(mark)) signalProcess(pid, signal);
}

/** True when there is no process of this id: a proof of death. That there is one proves nothing: it may be a zombie, or another. */
export function isProcessGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Signals one process that the caller has proven to be the one it means. Gone already is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone: what we wanted.
  }
}

async function untilGone(pgid: number, mark: string, limitMs: number, kill = false): Promise<number[]> {
  const end = monotonicMs() + limitMs;
  for (;;) {
    const left = findMarked(mark);
    if (left.length === 0 || monotonicMs() >= end) return left;
    // A process that forked between our look and our signal is new: signal again.
    if (kill) signalAll(pgid, mark, 'SIGKILL');
    await sleep(25);
  }
}
