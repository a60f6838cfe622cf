/** Timing of two programs against each other: interleaved, so that what the machine does meanwhile hits both. */
import { spawnSync } from 'node:child_process';

export interface Program {
  argv: readonly [string, ...string[]];
  env?: Record<string, string>;
  cwd?: string;
}

export interface Compared {
  /** Median of the measured times over median of the baseline's. */
  ratio: number;
  /** Milliseconds, in the order in which they were taken. */
  measuredMs: number[];
  baselineMs: number[];
}

/** Wall time of one run; a program that fails is no measurement. */
export function wallMs({ argv: [file, ...args], env, cwd }: Program): number {
  const from = performance.now();
  const ended = spawnSync(file, args, {
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 30,
  });
  const ms = performance.now() - from;
  if (ended.status !== 0) throw new Error(`"${file} ${args.join(' ')}" ended with ${ended.status}: ${ended.stderr}`);
  return ms;
}

/** `n` pairs after one pair that only warms the caches. */
export async function compare(
  n: number,
  measured: () => number | Promise<number>,
  baseline: () => number | Promise<number>,
): Promise<Compared> {
  const measuredMs: number[] = [];
  const baselineMs: number[] = [];
  for (let i = 0; i <= n; i++) {
    const [base, ours] = [await baseline(), await measured()];
    if (i === 0) continue;
    baselineMs.push(base);
    measuredMs.push(ours);
  }
  return { ratio: quantile(measuredMs, 0.5) / quantile(baselineMs, 0.5), measuredMs, baselineMs };
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * q)]!;
}

/** `72.7 ms (70.3 – 80.5)`: the median, and between which times eight of ten lie. */
export const spread = (values: readonly number[]): string =>
  `${quantile(values, 0.5).toFixed(1)} ms (${quantile(values, 0.1).toFixed(1)} – ${quantile(values, 0.9).toFixed(1)})`;
