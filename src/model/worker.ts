import * as z from 'zod/mini';

/** Tokens and dollars as a CLI counts them. */
const countedSchema = z.object({
  input_tokens: z.optional(z.number()),
  output_tokens: z.optional(z.number()),
  cache_read_tokens: z.optional(z.number()),
  cache_write_tokens: z.optional(z.number()),
  usd: z.optional(z.number()),
});
export type Counted = z.infer<typeof countedSchema>;

/** What a worker goes on with whose session was cut: the same conversation of the same agent CLI, as a run of its own. */
export const workerResumeSchema = z.object({
  /** The CLI's own id of the session. */
  session: z.string(),
  /** Name of the CLI, a name of runners/registry.ts. */
  runner: z.string(),
  /** Generation in which the session began. */
  first: z.string(),
  /** How often it has been resumed, this time included. */
  count: z.number(),
  /** Dollars that its earlier runs have used: its budget goes on. */
  usd: z.number(),
  /** What the session has come to in them, for a CLI that counts over the whole of it. */
  since: z.optional(countedSchema),
  /** Asks whose answers stand in its prompt. */
  answered: z.array(z.string()),
});
export type WorkerResume = z.infer<typeof workerResumeSchema>;

/** `workers/<id>/spec.json`: desired state, written by the start, resume and kill moves, made true by the fleet controller. */
export const workerSpecSchema = z.object({
  format: z.number(),
  id: z.string(),
  /** Fresh nonce of each start: leftovers of an earlier worker of the same id never leak into this one. */
  generation: z.string(),
  desired: z.enum(['running', 'stopped']),
  /** Shell template with `{{prompt_file}}`, for this worker alone; absent: `worker_command` of the config. */
  command: z.optional(z.string()),
  model: z.optional(z.string()),
  thinking: z.optional(z.string()),
  /** Shell command that judges the result after exit; exit code alone is not "done". */
  verify: z.optional(z.string()),
  /** Dollars that it may use in its whole life; absent: no limit of its own. */
  budget_usd: z.optional(z.number()),
  /** Absolute path of the git repository in a worktree of which it works; absent: it works in the data dir. */
  repo: z.optional(z.string()),
  /** Absent: its session begins with it. */
  resume: z.optional(workerResumeSchema),
  /** Unix seconds. */
  ts: z.number(),
  reason: z.optional(z.string()),
});
export type WorkerSpec = z.infer<typeof workerSpecSchema>;

/** `workers/<id>/status.json`: observed state, written by the worker's supervisor alone. */
export const workerStatusSchema = z.object({
  format: z.number(),
  id: z.string(),
  generation: z.string(),
  state: z.enum(['starting', 'running', 'exited', 'killed', 'failed']),
  /** Exit code, null while it runs or when a signal ended it. */
  exit_code: z.nullable(z.number()),
  signal: z.optional(z.string()),
  /** Control socket and the nonce that it must answer with: the only proof of life. */
  socket: z.string(),
  nonce: z.string(),
  supervisor_pid: z.number(),
  child_pid: z.nullable(z.number()),
  columns: z.number(),
  rows: z.number(),
  started_ts: z.number(),
  ended_ts: z.optional(z.number()),
  /** How long it lived, on a clock that only goes forward; absent: its supervisor did not live to say. */
  duration_ms: z.optional(z.number()),
  /** Name of the agent CLI that it runs on. */
  runner: z.optional(z.string()),
  /** That CLI's id of its session, from the moment in which it is known. */
  session: z.optional(z.string()),
  /** Why nothing can go on with that session, in words; absent: something can. */
  no_resume: z.optional(z.string()),
  /** Why it did not start or was ended, in words. */
  message: z.optional(z.string()),
});
export type WorkerStatus = z.infer<typeof workerStatusSchema>;

/**
 * `workers/<id>/gen-<generation>.claim`: the name that exactly one supervisor of a generation can create. Its beacon is lit
 * before the claim is made, so a claim whose beacon does not answer belongs to a dead supervisor. An empty `socket` says that
 * nobody will run this generation: it was cancelled before it began.
 */
export const workerClaimSchema = z.object({
  format: z.number(),
  generation: z.string(),
  socket: z.string(),
  nonce: z.string(),
  supervisor_pid: z.number(),
  ts: z.number(),
});
export type WorkerClaim = z.infer<typeof workerClaimSchema>;

/** `TEND_MARK` of everything that a worker starts: how its processes are found again, whatever group they moved to. */
export const workerMark = (generation: string): string => `worker-${generation}`;
/** `TEND_MARK` of the supervisor itself, so that stopping a worker's processes does not end the one who reports it. */
export const supervisorMark = (generation: string): string => `supervisor-${generation}`;

/** `workers/<id>/verdict.json`: what `verify` said, once per generation. */
export const workerVerdictSchema = z.object({
  format: z.number(),
  generation: z.string(),
  ok: z.boolean(),
  exit_code: z.nullable(z.number()),
  output: z.string(),
  /** When verify began. */
  ts: z.number(),
  duration_ms: z.optional(z.number()),
  /** It was stopped at its deadline. */
  timed_out: z.optional(z.boolean()),
});
export type WorkerVerdict = z.infer<typeof workerVerdictSchema>;

/** `workers/<id>/usage.json`: what this generation has used in its whole life, told by its supervisor. */
export const workerUsageSchema = z.object({
  format: z.number(),
  generation: z.string(),
  /** Hours begun, on a clock that only goes forward. */
  hours: z.number(),
  /** Dollars as reported; absent: none were, and the hours are what counts. */
  usd: z.optional(z.number()),
  tokens: z.optional(z.number()),
  /** `tokens`, apart. */
  input_tokens: z.optional(z.number()),
  output_tokens: z.optional(z.number()),
  /** What its session has come to, this run and the earlier ones; absent: nobody counts it. */
  session: z.optional(countedSchema),
});
export type WorkerUsage = z.infer<typeof workerUsageSchema>;

/** `workers/<id>/held.json`: its processes are stopped (SIGSTOP) because a budget is used up. */
export const workerHeldSchema = z.object({
  format: z.number(),
  generation: z.string(),
  why: z.string(),
  /** Unix seconds. */
  ts: z.number(),
});
export type WorkerHeld = z.infer<typeof workerHeldSchema>;

/** dead: no life · waiting-ask: alive with a pending ask · stuck: silent too long · busy: all else. */
export type WorkerHealth = 'dead' | 'waiting-ask' | 'stuck' | 'busy';

/** Where a worker works that has a git worktree of its own. */
export interface WorkerPlace {
  repo: string;
  branch: string;
  /** Where the branch is checked out; null: nowhere, not yet or no more. */
  path: string | null;
  /** Why the worktree of an ended worker is kept. */
  note?: string;
}

/** One worker as observed: spec, status, proof of life, and what follows from them. */
export interface WorkerView {
  id: string;
  /** `pending` before the supervisor has written a status. */
  state: WorkerStatus['state'] | 'pending';
  alive: boolean;
  exit_code: number | null;
  health: WorkerHealth;
  idle_s: number | null;
  uptime_s: number | null;
  ask_age_s: number | null;
  verify: 'pass' | 'fail' | null;
  generation: string;
  /** When it ended, unix seconds; absent while it has not, or when nobody wrote that down. */
  ended_ts?: number;
  pending_tells: number;
  place?: WorkerPlace;
  /** Name of the agent CLI. */
  runner?: string;
  /** That CLI's id of its session. */
  session?: string;
  /** Only of one that is dead and can go on in its session. */
  cut?: WorkerCut;
}

/** A session that somebody or something ended in the middle of its work. */
export interface WorkerCut {
  /** What ended it, in words. */
  why: string;
  /** How often the session has been resumed. */
  resumed: number;
  /** How often a decider may still resume it. */
  left: number;
}

/** Ids that workers may not take: they name parts of tend in asks, leases and sessions. */
export const RESERVED_WORKER_IDS: readonly string[] = [
  'pulse',
  'gate',
  'budget',
  'setup',
  'loops',
  'workflow',
  'decider',
  'shell',
  'sensor',
  'tend',
  'archive',
];
