import * as z from 'zod/mini';

/**
 * Rows of `spend-<day>.ndjson`. A run reserves its estimate before it starts and settles after; a reservation that was never
 * settled (we died) keeps counting. `raise` lifts the day's limit by the human's word.
 */
export const spendRowSchema = z.object({
  format: z.number(),
  kind: z.enum(['reserve', 'settle', 'raise', 'belongs']),
  run: z.string(),
  ts: z.number(),
  usd: z.number(),
  tokens: z._default(z.number(), 0),
  /** False when the runner reported nothing and the estimate was counted. */
  metered: z._default(z.boolean(), true),
  runner: z.optional(z.string()),
  /** What kind of run it is, e.g. `beat` or `worker`; absent in older rows: the word in front of the run's id says it. */
  job: z.optional(z.string()),
  /** Goal that it was for. Of a raise: the goal whose limit it lifts. */
  goal: z.optional(z.string()),
  /** Worker whose session it is. Of a raise: the worker whose limit it lifts, and `run` is the ask. */
  worker: z.optional(z.string()),
  /** Timed loop whose run it is, and workflow whose step it is: ids, and the names they had then. */
  loop: z.optional(z.string()),
  loop_name: z.optional(z.string()),
  workflow: z.optional(z.string()),
  workflow_name: z.optional(z.string()),
  /** Of a worker that goes on with a session: the run in which that began. */
  first: z.optional(z.string()),
  /** Of a raise for good for good: the config value that it sets, so that repeating it after a crash sets the same one. */
  config: z.optional(z.enum(['budget.day_usd', 'budget.day_tokens'])),
  value: z.optional(z.number()),
});
export type SpendRow = z.infer<typeof spendRowSchema>;

/** One run of a day with what it counts. */
export interface RunSpend {
  run: string;
  usd: number;
  tokens: number;
  /** False: no cost was reported, `usd` is the estimate. */
  metered: boolean;
  /** True while it has not been settled: it runs, or somebody died in it. */
  open: boolean;
  job: string;
  runner?: string;
  goal?: string;
  worker?: string;
  loop?: string;
  loop_name?: string;
  workflow?: string;
  workflow_name?: string;
}

export interface DaySpend {
  usd: number;
  tokens: number;
  runs: number;
  unmetered: number;
  /** Dollars by which today's limit was raised. */
  raisedUsd: number;
  /** Tokens by which today's limit was raised. */
  raisedTokens: number;
  /** How often the human has raised the limit today: one more ask is due only after each. */
  raises: number;
}

/** Usage as a runner reports it; absent parts are unknown, not zero. */
export interface Usage {
  input_tokens?: number;
  output_tokens?: number;
  usd?: number;
}
