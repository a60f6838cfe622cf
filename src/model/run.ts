import * as z from 'zod/mini';

export const RUN_KINDS = ['beat', 'shell', 'worker', 'verify'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** One row of the ledger, `runs/<day>.ndjson`; the directory `runs/<day>/<id>/` holds prompt, output and decision. */
export const runRowSchema = z.object({
  format: z.number(),
  id: z.string(),
  kind: z.enum(RUN_KINDS),
  ts: z.number(),
  duration_ms: z.number(),
  ok: z.boolean(),
  /** One line: what was decided or run, or why it failed. */
  summary: z.string(),
  runner: z.optional(z.string()),
  goal: z.optional(z.string()),
  usd: z.optional(z.number()),
  input_tokens: z.optional(z.number()),
  output_tokens: z.optional(z.number()),
});
export type RunRow = z.infer<typeof runRowSchema>;

/** `intents/<run>.json`: written before an effect, removed after its outcome is journaled. */
export const intentSchema = z.object({
  format: z.number(),
  run: z.string(),
  /** Day of the run directory. */
  day: z.string(),
  action: z.string(),
  move: z.unknown(),
  journal: z.optional(z.string()),
  /** `pulse`, `human` or `approval:<ask id>`. */
  origin: z.string(),
  ts: z.number(),
});
export type Intent = z.infer<typeof intentSchema>;

/** `runs/<day>/<id>/exit.json`: how a supervised command ended, published once by its supervisor. */
export const exitRecordSchema = z.object({
  format: z.number(),
  exit_code: z.nullable(z.number()),
  signal: z.optional(z.string()),
  timed_out: z.boolean(),
  started_ts: z.number(),
  duration_ms: z.number(),
  /** Set when the command could not be started at all. */
  problem: z.optional(z.string()),
});
export type ExitRecord = z.infer<typeof exitRecordSchema>;
