/**
 * Who a process is, so that it can be told from a later one with the same pid: start time and boot (with the pid namespace, in
 * which alone the number means anything). Death is said only when it is proven; what cannot be told is `unknown`.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { ProcessId } from '../model/loop.js';
import { isProcessGone } from './kill.js';

/** This process. */
export const selfIdentity = (): ProcessId => identityOf(process.pid);

/** A process that is there now. Where there is no /proc, its pid and the host are all that is known. */
export function identityOf(pid: number): ProcessId {
  const start = statOf(pid)?.start;
  const boot = thisBoot();
  return {
    pid,
    host: hostname(),
    ...(start === undefined ? {} : { start }),
    ...(boot === undefined ? {} : { boot }),
  };
}

/**
 * `dead` is proof: its machine was booted anew since, there is no such pid, another process has it, or it is a zombie. `alive`:
 * the same start time; without one on record, that there is a process of that pid. `unknown`: another host or pid namespace.
 */
export function lifeOf(id: ProcessId): 'alive' | 'dead' | 'unknown' {
  if (id.host !== hostname()) return 'unknown';
  const boot = thisBoot();
  if (id.boot !== undefined && boot !== undefined && id.boot !== boot)
    return bootOf(id.boot) === bootOf(boot) ? 'unknown' : 'dead';
  if (isProcessGone(id.pid)) return 'dead';
  const now = statOf(id.pid);
  if (!now) return isProcessGone(id.pid) ? 'dead' : 'alive';
  if (id.start !== undefined && now.start !== id.start) return 'dead';
  return now.state === 'Z' || now.state === 'X' ? 'dead' : 'alive';
}

/** `<boot id>:<pid namespace>`. Read once: neither changes under a process. */
let known: { boot: string | undefined } | undefined;
function thisBoot(): string | undefined {
  known ??= { boot: readBoot() };
  return known.boot;
}

const bootOf = (boot: string): string => boot.replace(/:.*$/, '');

function readBoot(): string | undefined {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${id}:${readlinkSync('/proc/self/ns/pid').replace(/\D/g, '')}`;
  } catch {
    // No /proc on this machine.
    return undefined;
  }
}

/** `/proc/PID/stat`: behind the name in brackets, which may hold anything, come the state (field 3) and, as field 22, the start time. */
function statOf(pid: number): { state: string; start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    return state === undefined || start === undefined ? undefined : { state, start };
  } catch {
    return undefined;
  }
}
