/**
 * An objective: what the loops spec calls the goal of a run. It is planned once into a small graph of nodes, each node is one run
 * of the wrapped target, and a model that is asked to disprove it says whether it is reached. Records of `objectives/<id>/`.
 */
import * as z from 'zod/mini';
import { type ObjectiveConfig, objectiveConfigSchema, processIdSchema } from './loop.js';

export const OBJECTIVE_STATUSES = [
  'active',
  'paused',
  'blocked',
  'usageLimited',
  'budgetLimited',
  'complete',
  'cancelled',
] as const;
export type ObjectiveStatus = (typeof OBJECTIVE_STATUSES)[number];

/** Ends without a way out: a later attempt makes a new objective that names this one. */
export const TERMINAL_STATUSES: readonly ObjectiveStatus[] = ['budgetLimited', 'complete', 'cancelled'];
export const isTerminal = (status: ObjectiveStatus): boolean => TERMINAL_STATUSES.includes(status);

/** Of a node as well; `pending` is a node that waits for its turn. */
export const NODE_STATUSES = ['pending', ...OBJECTIVE_STATUSES] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];

/** Longest objective of a run and of a node, in characters (loops spec 3.2). */
export const OBJECTIVE_CHARS_MAX = 4_000;
/** Turns of one attempt when the config says nothing (loops spec 11.4). */
export const MAX_TURNS_DEFAULT = 10;
/** Nodes of one plan (loops spec 11.2). */
export const NODES_MAX = 32;
/** Kept of each stream of a node as evidence (loops spec 11.4). */
export const EVIDENCE_BYTES = 8 * 1024;

/** Whose it is: parts of the identity of the run that it was made for. Absent ones are absent. */
export const objectiveSourceSchema = z.object({
  loopId: z.optional(z.string()),
  loopName: z.optional(z.string()),
  /** Run of the slot (`loopRunId` of model/loop.ts). */
  loopRunId: z.optional(z.string()),
  scheduledFor: z.optional(z.string()),
  attempt: z.optional(z.number()),
  workflowId: z.optional(z.string()),
  workflowName: z.optional(z.string()),
  workflowRunId: z.optional(z.string()),
  workflowStepId: z.optional(z.string()),
});
export type ObjectiveSource = z.infer<typeof objectiveSourceSchema>;

/** `objectives/<id>/goal.json`. Written by its owner alone, by comparison: whoever took it over since refuses the write. */
export const objectiveSchema = z.object({
  format: z.number(),
  id: z.string(),
  config: objectiveConfigSchema,
  status: z.enum(OBJECTIVE_STATUSES),
  source: objectiveSourceSchema,
  /** The file in `objectives/names/` by which its run comes back to it. */
  name: z.string(),
  /** The objective that ended for good and was tried anew as this one. */
  previousGoalId: z.optional(z.string()),
  /** The run that works on it: fencing token of its claim, and its process. Absent while nobody does. */
  owner: z.optional(z.object({ token: z.string(), process: processIdSchema })),
  /** `nodes.json` holds the plan. */
  planned: z.boolean(),
  /** Of planning and audits; what agents use in nodes is theirs. */
  tokensUsed: z.number(),
  /** Model calls begun, each reserved in the day's spend under a number of its own. */
  calls: z.number(),
  /** Turns begun since it was last opened. */
  turn: z.number(),
  /** What kept the last turns from getting on, and how many in a row said the same. */
  blocker: z.optional(z.object({ text: z.string(), count: z.number() })),
  /** Why it stopped, for people. */
  reason: z.optional(z.string()),
  /** The workflow run of a node that is under way, or waits for a human without a process. By hand it is named before it begins. */
  parked: z.optional(z.object({ workflowRunId: z.string(), node: z.string() })),
  /** It was run by hand and had to wait for a human: the pulse goes on with it, for as long as it is active. */
  byPulse: z.optional(z.boolean()),
  /** Milliseconds in which somebody worked on it. */
  timeUsedMs: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type Objective = z.infer<typeof objectiveSchema>;

export const nodeSchema = z.object({
  key: z.string(),
  objective: z.string(),
  dependsOn: z.array(z.string()),
  /** Greater goes first. */
  priority: z.number(),
  /** Tokens that its own runs may use. */
  tokenBudget: z.optional(z.number()),
  status: z.enum(NODE_STATUSES),
  /** Of its agents, as they report them. */
  tokensUsed: z.number(),
  timeUsedMs: z.number(),
  /** How often its target was started. */
  runs: z.number(),
  /** Last 8 KiB of each stream of its last run. */
  evidence: z.optional(z.object({ stdout: z.string(), stderr: z.string(), exitCode: z.optional(z.number()) })),
  /** Why its last run failed. */
  error: z.optional(z.string()),
  updatedAt: z.string(),
});
export type ObjectiveNode = z.infer<typeof nodeSchema>;

/** `objectives/<id>/nodes.json`: the plan, stored before anything runs and never made anew. */
export const objectivePlanSchema = z.object({
  format: z.number(),
  /** Token of the owner that wrote it. */
  token: z.string(),
  nodes: z.array(nodeSchema),
  createdAt: z.string(),
});
export type ObjectivePlan = z.infer<typeof objectivePlanSchema>;

export const OBJECTIVE_PHASES = ['plan', 'execute', 'validate', 'status'] as const;

/** A row of `objectives/<id>/events.ndjson`; its id is `<objective id>.<seq>`. */
export const objectiveEventSchema = z.object({
  format: z.number(),
  seq: z.number(),
  turn: z.number(),
  phase: z.enum(OBJECTIVE_PHASES),
  /** Of the node when `node` is there, else of the objective. */
  status: z.enum(NODE_STATUSES),
  node: z.optional(z.string()),
  /** Of this phase alone. */
  tokens: z.number(),
  text: z.optional(z.string()),
  evidence: z.optional(z.unknown()),
  /** What the model said, scrubbed. */
  raw: z.optional(z.string()),
  at: z.string(),
});
export type ObjectiveEvent = z.infer<typeof objectiveEventSchema>;

const isPositiveInteger = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/**
 * The first thing that is wrong with a goal that a user gave, with its path (`at`, e.g. `workflow.steps[0].goal`), or undefined. The
 * objective is meant trimmed: a caller stores it so.
 */
export function objectiveProblem(config: ObjectiveConfig, at = 'goal'): string | undefined {
  const length = config.objective.trim().length;
  if (length === 0) return `${at}.objective must not be blank, 1 to ${OBJECTIVE_CHARS_MAX} characters are wanted`;
  if (length > OBJECTIVE_CHARS_MAX)
    return `${at}.objective has ${length} characters, ${OBJECTIVE_CHARS_MAX} at most are allowed`;
  for (const field of ['tokenBudget', 'maxTurns', 'maxTokens'] as const) {
    const value = config[field];
    if (value !== undefined && !isPositiveInteger(value))
      return `${at}.${field} must be a positive integer, it is ${JSON.stringify(value)}`;
  }
  if (config.model !== undefined && config.model.trim() === '')
    return `${at}.model is blank, a model or "runner:NAME" is wanted`;
  return undefined;
}
