/**
 * Timed loops: what is run when (`spec.json`, people may edit it), where its cursor stands (`state/<rev>.json`), and the records
 * of one attempt of one slot. Names and shapes are those of @hasna/loops, so that its users' scripts go on. Times are ISO 8601
 * UTC with milliseconds; durations are whole milliseconds. A **slot** is one planned time of one loop; (loop, slot) runs once.
 */
import * as z from 'zod/mini';

export const LOOP_STATUSES = ['active', 'paused', 'stopped', 'expired'] as const;
export const CATCH_UPS = ['none', 'latest', 'all'] as const;
export const OVERLAPS = ['skip', 'allow'] as const;
/** How agent providers are named by the user; `cursor` is the runner cursor-agent. */
export const PROVIDERS = ['claude', 'cursor', 'codewith', 'aicopilot', 'opencode', 'codex'] as const;

export const timingSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('once'), at: z.string() }),
  z.object({ type: z.literal('interval'), everyMs: z.number(), anchor: z.enum(['fixed_rate', 'fixed_delay']) }),
  z.object({ type: z.literal('cron'), expression: z.string(), timezone: z.optional(z.string()) }),
  z.object({ type: z.literal('dynamic'), minIntervalMs: z.number() }),
]);
/** The `schedule` of a loop. */
export type Timing = z.infer<typeof timingSchema>;

export const accountSchema = z.object({ profile: z.string(), tool: z.optional(z.string()) });
export type Account = z.infer<typeof accountSchema>;

export const commandTargetSchema = z.object({
  type: z.literal('command'),
  command: z.string(),
  args: z.optional(z.array(z.string())),
  cwd: z.optional(z.string()),
  /** `/bin/sh -c`; else `command` is a program and `args` are its words. */
  shell: z.optional(z.boolean()),
  env: z.optional(z.record(z.string(), z.string())),
  timeoutMs: z.optional(z.number()),
  account: z.optional(accountSchema),
  /** An exit code that is neither success nor failure: the run is told as skipped. */
  skipExit: z.optional(z.number()),
});
export type CommandTarget = z.infer<typeof commandTargetSchema>;

export const agentTargetSchema = z.object({
  type: z.literal('agent'),
  provider: z.enum(PROVIDERS),
  prompt: z.string(),
  cwd: z.optional(z.string()),
  model: z.optional(z.string()),
  agent: z.optional(z.string()),
  authProfile: z.optional(z.string()),
  extraArgs: z.optional(z.array(z.string())),
  env: z.optional(z.record(z.string(), z.string())),
  timeoutMs: z.optional(z.number()),
  configIsolation: z.optional(z.enum(['safe', 'none'])),
  account: z.optional(accountSchema),
});
export type AgentTarget = z.infer<typeof agentTargetSchema>;

export const workflowTargetSchema = z.object({
  type: z.literal('workflow'),
  workflowId: z.string(),
  input: z.optional(z.unknown()),
  timeoutMs: z.optional(z.number()),
});
export type WorkflowTarget = z.infer<typeof workflowTargetSchema>;

export const targetSchema = z.discriminatedUnion('type', [
  commandTargetSchema,
  agentTargetSchema,
  workflowTargetSchema,
]);
export type Target = z.infer<typeof targetSchema>;

/** What the loops spec calls the goal of a run; inside our code an objective. */
export const objectiveConfigSchema = z.object({
  objective: z.string(),
  tokenBudget: z.optional(z.number()),
  model: z.optional(z.string()),
  maxTurns: z.optional(z.number()),
  maxTokens: z.optional(z.number()),
  autoExecute: z.optional(z.enum(['off', 'readyOnly', 'aiDirected'])),
});
export type ObjectiveConfig = z.infer<typeof objectiveConfigSchema>;

/** `schedules/<id>/spec.json`. `id` is 12 lowercase hex digits. */
export const loopSpecSchema = z.object({
  format: z.number(),
  id: z.string(),
  name: z.string(),
  description: z.optional(z.string()),
  schedule: timingSchema,
  target: targetSchema,
  goal: z.optional(objectiveConfigSchema),
  machine: z.optional(z.string()),
  catchUp: z.enum(CATCH_UPS),
  catchUpLimit: z.number(),
  catchUpWindowMs: z.optional(z.number()),
  overlap: z.enum(OVERLAPS),
  maxAttempts: z.number(),
  retryDelayMs: z.number(),
  leaseMs: z.number(),
  /** Consecutive final failures after which the loop is paused; 0 = never. */
  breaker: z.number(),
  expiresAt: z.optional(z.string()),
  archived: z.optional(z.boolean()),
  createdAt: z.string(),
});
export type LoopSpec = z.infer<typeof loopSpecSchema>;

/** What a loop gets that says nothing else (loops spec 3.2, 5.9). */
export const LOOP_DEFAULTS = {
  catchUp: 'latest',
  catchUpLimit: 50,
  overlap: 'skip',
  maxAttempts: 1,
  retryDelayMs: 60_000,
  leaseMs: 1_800_000,
  breaker: 5,
  timeoutMs: 1_800_000,
  dynamicMs: 60_000,
} as const;

export const STATE_CAUSES = [
  'create',
  'advance',
  'retry',
  'pause',
  'resume',
  'stop',
  'expire',
  'repair',
  'clock',
  'zone',
  'edit',
  'breaker',
  'archive',
] as const;

/** A time that is reckoned with: text that is none would wedge its loop, so such a revision counts as unreadable. */
const instant = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'is no date'));

/** `schedules/<id>/state/<rev, 10 digits>.json`: a chain by compare-and-swap; the highest valid revision is the present one. */
export const loopStateSchema = z.object({
  format: z.number(),
  rev: z.number(),
  status: z.enum(LOOP_STATUSES),
  nextRunAt: z.optional(instant),
  /** Slot whose next attempt `nextRunAt` is. */
  retryScheduledFor: z.optional(instant),
  /** While a retry waits: the first slot of the grid that nothing was decided about yet; the cursor goes on from there. */
  heldFrom: z.optional(instant),
  /** Late slots of a catch-up `all` that ran since the cursor was last in the future. */
  catchUpUsed: z.number(),
  /** The attempt that was settled last: settling it again changes nothing. */
  settled: z.optional(z.object({ slot: z.string(), attempt: z.number() })),
  failureStreak: z.number(),
  missed: z.object({
    total: z.number(),
    last: z.optional(z.object({ from: z.string(), to: z.string(), count: z.number(), at: z.string() })),
  }),
  lastRun: z.optional(z.object({ id: z.string(), status: z.string(), finishedAt: z.string() })),
  /** Of the spec's schedule, by which a hand edit is noticed. */
  specHash: z.string(),
  /** Zone in which `nextRunAt` was reckoned. */
  zone: z.optional(z.string()),
  updatedAt: instant,
  by: z.string(),
  cause: z.enum(STATE_CAUSES),
});
export type LoopState = z.infer<typeof loopStateSchema>;

export const RUN_STATUSES = ['running', 'succeeded', 'failed', 'timed_out', 'abandoned', 'skipped'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export const RUN_SOURCES = ['schedule', 'ad_hoc', 'due_slot', 'retry_slot', 'backfill'] as const;
export type RunSource = (typeof RUN_SOURCES)[number];

/** A process that can be told from a later one of the same pid: boot id and start time (`/proc/PID/stat`, field 22). */
export const processIdSchema = z.object({
  pid: z.number(),
  start: z.optional(z.string()),
  boot: z.optional(z.string()),
  host: z.string(),
});
export type ProcessId = z.infer<typeof processIdSchema>;

/** `schedules/<id>/slots/<slotKey>/aNN.claim`: published once; whoever published it owns the attempt. */
export const claimSchema = z.object({
  format: z.number(),
  kind: z.enum(['run', 'skip']),
  /** Fencing token, unique for each attempt; the child's TEND_MARK. */
  token: z.string(),
  source: z.enum(RUN_SOURCES),
  claimedBy: z.string(),
  runner: processIdSchema,
  leaseExpiresAt: z.string(),
  createdAt: z.string(),
  /** Of a skip: why. */
  reason: z.optional(z.string()),
});
export type Claim = z.infer<typeof claimSchema>;

/** `aNN.lease`: replaced by the runner. `beat` counts renewals, for watchers whose clock cannot be compared with ours. */
export const leaseRecordSchema = z.object({
  format: z.number(),
  token: z.string(),
  beat: z.number(),
  leaseExpiresAt: z.string(),
  child: z.optional(processIdSchema),
  childStartedAt: z.optional(z.string()),
});
export type LeaseRecord = z.infer<typeof leaseRecordSchema>;

/** `aNN.parked`: the attempt waits for its workflow run, which waits for a human; nobody holds a process or a lease for it. */
export const parkedSchema = z.object({ format: z.number(), workflowRunId: z.string(), at: z.string() });
export type Parked = z.infer<typeof parkedSchema>;

/** How the target of an attempt or of a step ended, as its result file says it. */
export const endingShape = {
  startedAt: z.optional(z.string()),
  finishedAt: z.string(),
  durationMs: z.optional(z.number()),
  exitCode: z.optional(z.number()),
  pid: z.optional(z.number()),
  error: z.optional(z.string()),
  outBytes: z.number(),
  errBytes: z.number(),
  accountProfile: z.optional(z.string()),
  accountTool: z.optional(z.string()),
  goalRunId: z.optional(z.string()),
};

/** `aNN.result`: published once. */
export const attemptResultSchema = z.object({
  format: z.number(),
  token: z.string(),
  status: z.enum(['succeeded', 'failed', 'timed_out', 'abandoned', 'skipped']),
  ...endingShape,
  workflowRunId: z.optional(z.string()),
});
export type AttemptResult = z.infer<typeof attemptResultSchema>;

/** `20261121T074200000Z` for a slot; sorts by time. Milliseconds in, and back out of `slotTime`. */
export const slotKey = (slot: number): string => new Date(slot).toISOString().replace(/[-:.]/g, '');
/** Milliseconds of a slot key, undefined when it is none. */
export function slotTime(key: string): number | undefined {
  const part = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(key);
  if (!part) return undefined;
  const at = Date.parse(`${part[1]}-${part[2]}-${part[3]}T${part[4]}:${part[5]}:${part[6]}.${part[7]}Z`);
  return Number.isNaN(at) ? undefined : at;
}
/** Id of the run of a slot: `<loop id>-<slotKey>`; attempts share it. */
export const loopRunId = (loopId: string, slot: number): string => `${loopId}-${slotKey(slot)}`;
