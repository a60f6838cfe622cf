/** Arithmetic on the tokens of runs. What is not known stays unknown: a sum knows a field when one of its parts does. */
import type { RunUsage } from './result.js';
import { amount } from './usage.js';

const FIELDS = ['input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens'] as const;

/** Of counters as a CLI reports them; what is no finite number ≥ 0 is unknown, so a broken report cannot lower a sum. */
export function tokens(input: unknown, output: unknown, cacheRead?: unknown, cacheWrite?: unknown): RunUsage {
  const known = [input, output, cacheRead, cacheWrite].map(amount);
  return Object.fromEntries(FIELDS.flatMap((field, i) => (known[i] === undefined ? [] : [[field, known[i]]])));
}

export function addTokens(a: RunUsage, b: RunUsage): RunUsage {
  return perField((field) => (a[field] === undefined && b[field] === undefined ? undefined : count(a, b, field)));
}

/** A cumulative counter as the difference to what it was before; never below 0, should the CLI have begun anew. */
export function tokensSince(total: RunUsage, before: RunUsage): RunUsage {
  return perField((field) =>
    total[field] === undefined ? undefined : Math.max(0, total[field] - (before[field] ?? 0)),
  );
}

const count = (a: RunUsage, b: RunUsage, field: keyof RunUsage): number => (a[field] ?? 0) + (b[field] ?? 0);

function perField(value: (field: keyof RunUsage) => number | undefined): RunUsage {
  const known = FIELDS.map((field) => [field, value(field)] as const).filter(([, n]) => n !== undefined);
  return Object.fromEntries(known);
}
