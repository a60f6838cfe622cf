import * as z from 'zod/mini';

/**
 * `pulse/memory.json`: all that a beat knows of earlier beats, in one file so that it changes in one step. Only the pulse
 * writes it, under its lock's epoch. Unix seconds throughout.
 */
export const memorySchema = z.object({
  format: z.number(),
  /** The world whose decision took effect; absent before the first. `items` is the baseline for WHAT CHANGED. */
  committed: z.optional(
    z.object({ hash: z.string(), items: z.record(z.string(), z.string()), ts: z.number(), noop: z.boolean() }),
  ),
  /** Failed beats in a row. Only a success clears it; an edit of policy skips the wait but keeps the count. */
  backoff: z.optional(z.object({ fails: z.number(), ts: z.number(), policyHash: z.string() })),
  /** The provider's quota is used up: it named `until_ts`, in a failure at `ts`. A look that is asked for by hand passes it. */
  quota: z.optional(z.object({ ts: z.number(), until_ts: z.number() })),
  /**
   * Failed beats in a row for one `cause` that cannot mend itself. `open`: the loop pauses until `stamp` (config and policy)
   * changes or `ask` is answered.
   */
  breaker: z.optional(
    z.object({
      cause: z.string(),
      fails: z.number(),
      ts: z.number(),
      stamp: z.string(),
      open: z.boolean(),
      ask: z.optional(z.string()),
    }),
  ),
  lastFailure: z.optional(
    z.object({ code: z.string(), error: z.string(), run: z.optional(z.string()), ts: z.number() }),
  ),
  /** A decider asked for a beat at this time; consumed by a beat that attempted a decision. */
  nextWake: z.optional(z.object({ due_ts: z.number() })),
  /** Times of model calls in the last hour: attempts, not successes. */
  decides: z._default(z.array(z.number()), []),
  /** The last shell move's output, shown once to the decider. */
  lastShell: z.optional(
    z.object({
      cmd: z.string(),
      exit_code: z.nullable(z.number()),
      output: z.string(),
      ts: z.number(),
      run: z.string(),
    }),
  ),
  /** Rule → digest of the world in which it fired last: a rule fires once per world. */
  rules: z._default(z.record(z.string(), z.string()), {}),
  /**
   * The move that a beat is about to make, written before it and gone with it: what the next life follows up when this one died.
   * `run` is the one run that it may be, `rule` the rule that wants it, `answers` those that the decision was told of, `world` the
   * one that it is about: committed when the move has taken effect.
   */
  acting: z.optional(
    z.object({
      run: z.string(),
      rule: z.optional(z.object({ key: z.string(), firedIn: z.string() })),
      answers: z.array(z.string()),
      world: z.object({ hash: z.string(), items: z.record(z.string(), z.string()), noop: z.boolean() }),
    }),
  ),
  /** Snapshot → last signal's hash and change streak. */
  flaps: z._default(z.record(z.string(), z.object({ last: z.string(), streak: z.number() })), {}),
  /** Approvals that ended since the last decision, for its prompt: what was asked, what the human said, what became of it. */
  settled: z.optional(
    z.array(
      z.object({
        id: z.string(),
        question: z.string(),
        outcome: z.enum(['answered', 'closed', 'expired']),
        answer: z.string(),
        by: z.string(),
        effect: z.string(),
      }),
    ),
  ),
  /** Goal → last time a move acted on it; for fairness. */
  goalActivity: z._default(z.record(z.string(), z.number()), {}),
});
export type Memory = z.infer<typeof memorySchema>;
