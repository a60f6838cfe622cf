/** Workflows: a checked file of steps (`workflows/<id>.json`), and the records of one run of it (`workflow-runs/<day>/<id>/`). */
import * as z from 'zod/mini';
import { agentTargetSchema, commandTargetSchema, objectiveConfigSchema } from './loop.js';

/** A step that asks a human and waits in the mailbox, for days if need be, without a process. */
export const askTargetSchema = z.object({
  type: z.literal('ask'),
  prompt: z.string(),
  options: z.optional(z.array(z.string())),
  /** Answers that let the run go on; any other one fails the step. Absent: every answer does. */
  proceedOn: z.optional(z.array(z.string())),
  timeoutMs: z.optional(z.number()),
});
export type AskTarget = z.infer<typeof askTargetSchema>;

export const stepTargetSchema = z.discriminatedUnion('type', [commandTargetSchema, agentTargetSchema, askTargetSchema]);
export type StepTarget = z.infer<typeof stepTargetSchema>;

export const stepSchema = z.object({
  id: z.string(),
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  target: stepTargetSchema,
  dependsOn: z.array(z.string()),
  continueOnFailure: z.boolean(),
  timeoutMs: z.optional(z.number()),
  account: z.optional(z.object({ profile: z.string(), tool: z.optional(z.string()) })),
  goal: z.optional(objectiveConfigSchema),
});
export type Step = z.infer<typeof stepSchema>;

export const workflowSchema = z.object({
  format: z.number(),
  id: z.string(),
  name: z.string(),
  description: z.optional(z.string()),
  version: z.number(),
  status: z.enum(['active', 'archived']),
  goal: z.optional(objectiveConfigSchema),
  maxParallel: z.number(),
  steps: z.array(stepSchema),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Workflow = z.infer<typeof workflowSchema>;

export const WORKFLOW_RUN_STATUSES = ['running', 'waiting', 'succeeded', 'failed', 'timed_out', 'cancelled'] as const;
export type WorkflowRunStatus = (typeof WORKFLOW_RUN_STATUSES)[number];
export const STEP_STATUSES = [
  'pending',
  'running',
  'waiting',
  'succeeded',
  'failed',
  'timed_out',
  'skipped',
  'cancelled',
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];
