/** Arithmetic on the tokens of runs. What is not known stays unknown: a sum knows a field when one of its parts does. */
import type { RunUsage } from './result.js';
import { amount } from './usage.js';

const FIELDS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] as const;

/** Of counters as a CLI reports them; what is no finite number ≥ 0 is unknown, so a broken report cannot lower a sum. */
export function tokens(input: unknown, output: unknown, cacheRead?: unknown, cacheWrite?: unknown): RunUsage {
  const known = [input, output, cacheRead, cacheWrite];
  return perField((_, i) => amount(known[i]));
}

export const addTokens = (a: RunUsage, b: RunUsage): RunUsage =>
  perField((field) =>
    a[field] === undefined && b[field] === undefined ? undefined : (a[field] ?? 0) + (b[field] ?? 0),
  );

/** A cumulative counter as the difference to what it was before; never below 0, should the CLI have begun anew. */
export const tokensSince = (total: RunUsage, before: RunUsage): RunUsage =>
  perField((field) => (total[field] === undefined ? undefined : Math.max(0, total[field] - (before[field] ?? 0))));

/** A plain loop: some streams tell tokens in every fifth line. */
function perField(value: (field: keyof RunUsage, index: number) => number | undefined): RunUsage {
  const usage: RunUsage = {};
  for (let i = 0; i < FIELDS.length; i++) {
    const n = value(FIELDS[i]!, i);
    if (n !== undefined) usage[FIELDS[i]!] = n;
  }
  return usage;
}
