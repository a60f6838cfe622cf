/** The built program. */
import { spawnSync } from 'node:child_process';
import type { BenchProfile } from './profile.js';

export const BIN = process.env['TEND_TEST_BIN'] ?? new URL('../../dist/main.js', import.meta.url).pathname;

export function tend(profile: BenchProfile, args: readonly string[]): string {
  const ended = spawnSync(process.execPath, [BIN, ...args], {
    env: { ...process.env, ...profile.env },
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (ended.status !== 0) throw new Error(`tend ${args.join(' ')} ended with ${ended.status}: ${ended.stderr}`);
  return ended.stdout;
}

export const tendJson = <T>(profile: BenchProfile, args: readonly string[]): T => JSON.parse(tend(profile, args)) as T;
