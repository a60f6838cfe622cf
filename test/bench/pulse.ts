/** A real pulse under observation: its processor time and memory as the kernel counts them, and every byte it leaves. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchProfile } from './profile.js';
import { BIN, tendJson } from './tend.js';

export function up(profile: BenchProfile): number {
  const started = tendJson<{ state: string; pid: number }>(profile, ['up', '--json']);
  if (started.state !== 'started') throw new Error(`the pulse was not started by ${BIN}: ${started.state}`);
  return started.pid;
}

/** Nanoseconds on a core, over all threads since the start. */
export const cpuNs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce(
    (sum, task) => sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
    0,
  );

export const rssMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Bytes that the process has handed to write(), to files and pipes alike. */
export const writtenBytes = (pid: number): number =>
  Number(/wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);

/** Every file with its content; the times are left out, because a lock shows its life by them. */
export function fingerprint(dir: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(dir, name);
    hash.update(`${name}\0`);
    if (statSync(path).isFile()) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}
