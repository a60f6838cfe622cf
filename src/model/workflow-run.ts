/**
 * The records of one run of a workflow, `runs/<day>/<id>/`. Each is published once, so that whoever was first is on record and a
 * death between two of them leaves facts that say what is missing. Instants are ISO 8601 UTC, durations milliseconds.
 */
import * as z from 'zod/mini';
import { endingShape, processIdSchema } from './loop.js';
import { workflowSchema } from './workflow.js';

/** `run.json`: what is run, as the workflow was when it began, and for whom. */
export const workflowRunSchema = z.object({
  format: z.number(),
  id: z.string(),
  workflow: workflowSchema,
  loopId: z.optional(z.string()),
  loopName: z.optional(z.string()),
  loopRunId: z.optional(z.string()),
  scheduledFor: z.optional(z.string()),
  attempt: z.optional(z.number()),
  /** Loop, slot, attempt and node: the same key never makes a second run. */
  idempotencyKey: z.optional(z.string()),
  goalId: z.optional(z.string()),
  goalNodeKey: z.optional(z.string()),
  /** Appended to the prompts of agents: the objective of a node. */
  promptSuffix: z.optional(z.string()),
  /** For the whole run, without the time in which it waits for a human. */
  timeoutMs: z.optional(z.number()),
  startedAt: z.string(),
});
export type WorkflowRun = z.infer<typeof workflowRunSchema>;

/** `workflows/keys/<hash>.json`: the one run of an idempotency key. */
export const runKeySchema = z.object({ format: z.number(), key: z.string(), run: z.string() });

/**
 * `own-NN.json`: who drives the run. `NN+1` may be published only when `NN` has let go (`own-NN.end`) or is proven dead, so there
 * is never more than one. `hand`: a verb in the foreground; `attempt`: the attempt of a timed loop; `pulse`: the controller.
 */
export const ownerSchema = z.object({
  format: z.number(),
  kind: z.enum(['hand', 'attempt', 'pulse']),
  token: z.string(),
  process: processIdSchema,
  at: z.string(),
});
export type Owner = z.infer<typeof ownerSchema>;

/** `own-NN.end`: it let go. `activeMs` counts against the run's timeout. */
export const ownerEndSchema = z.object({ format: z.number(), token: z.string(), activeMs: z.number(), at: z.string() });

/** `steps/NN/sN.start`: start N of the step is this owner's alone. */
export const stepStartSchema = z.object({
  format: z.number(),
  /** Mark of every process of the step. */
  token: z.string(),
  owner: z.string(),
  at: z.string(),
});
export type StepStart = z.infer<typeof stepStartSchema>;

/** `steps/NN/sN.lease`: the child, as soon as there is one. */
export const stepLeaseSchema = z.object({
  format: z.number(),
  token: z.string(),
  child: processIdSchema,
  at: z.string(),
});

/** `steps/NN/sN.ask`: the ask that this step waits for. */
export const stepAskSchema = z.object({ format: z.number(), ask: z.string(), at: z.string() });

/** `steps/NN/sN.void`: this start left no result and is proven dead; the step may start again. */
export const stepVoidSchema = z.object({ format: z.number(), reason: z.string(), at: z.string() });

/** `steps/NN/sN.result`. A step that is passed over has a result and no start. */
export const stepResultSchema = z.object({
  format: z.number(),
  token: z.optional(z.string()),
  status: z.enum(['succeeded', 'failed', 'timed_out', 'skipped']),
  ...endingShape,
  /** What an agent reported of itself. */
  usage: z.optional(
    z.object({
      inputTokens: z.optional(z.number()),
      outputTokens: z.optional(z.number()),
      costUsd: z.optional(z.number()),
      sessionId: z.optional(z.string()),
    }),
  ),
});
export type StepResult = z.infer<typeof stepResultSchema>;

/** `result.json`: the end of the run, whoever publishes it first. Steps without a result of their own follow from it. */
export const runResultSchema = z.object({
  format: z.number(),
  status: z.enum(['succeeded', 'failed', 'timed_out', 'cancelled']),
  error: z.optional(z.string()),
  finishedAt: z.string(),
  durationMs: z.number(),
});
export type RunResult = z.infer<typeof runResultSchema>;

export const WORKFLOW_EVENTS = [
  'created',
  'step_started',
  'step_waiting',
  'step_succeeded',
  'step_failed',
  'step_timed_out',
  'step_skipped',
  'recovered',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
] as const;
export type WorkflowEventType = (typeof WORKFLOW_EVENTS)[number];

/** A row of `events.ndjson`; its sequence is its place among the valid rows. */
export const workflowEventSchema = z.object({
  format: z.number(),
  eventType: z.enum(WORKFLOW_EVENTS),
  stepId: z.optional(z.string()),
  /** Which start of the step it tells of. */
  start: z.optional(z.number()),
  payload: z.optional(z.record(z.string(), z.unknown())),
  createdAt: z.string(),
});
export type WorkflowEvent = z.infer<typeof workflowEventSchema>;
