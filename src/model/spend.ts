import * as z from 'zod/mini';

/**
 * Rows of `spend-<day>.ndjson`. A run reserves its estimate before it starts and settles after; a reservation that was never
 * settled (we died) keeps counting. `raise` lifts the day's limit by the human's word.
 */
export const spendRowSchema = z.object({
  format: z.number(),
  kind: z.enum(['reserve', 'settle', 'raise']),
  run: z.string(),
  ts: z.number(),
  usd: z.number(),
  tokens: z._default(z.number(), 0),
  /** False when the runner reported nothing and the estimate was counted. */
  metered: z._default(z.boolean(), true),
  runner: z.optional(z.string()),
  /** Of a raise for good: the config value that it sets, so that repeating it after a crash sets the same one. */
  config: z.optional(z.enum(['budget.day_usd', 'budget.day_tokens'])),
  value: z.optional(z.number()),
});
export type SpendRow = z.infer<typeof spendRowSchema>;

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
