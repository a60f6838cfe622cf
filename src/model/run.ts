import * as z from 'zod/mini';

export const RUN_KINDS = ['beat', 'shell', 'worker', 'verify', 'loop', 'workflow', 'step', 'objective'] as const;
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
  /** Of a timed loop, a workflow run, a step or an objective: whose run it is, and how it ended in its own words (model/loop.ts). */
  loop: z.optional(z.string()),
  loop_name: z.optional(z.string()),
  /** ISO: the slot. */
  slot: z.optional(z.string()),
  attempt: z.optional(z.number()),
  status: z.optional(z.string()),
  source: z.optional(z.string()),
  exit_code: z.optional(z.number()),
  finished_ts: z.optional(z.number()),
  error: z.optional(z.string()),
  out_bytes: z.optional(z.number()),
  err_bytes: z.optional(z.number()),
  workflow: z.optional(z.string()),
  workflow_run: z.optional(z.string()),
  objective: z.optional(z.string()),
  /** Of a worker, or of the verify that judged it: which. */
  worker: z.optional(z.string()),
});
export type RunRow = z.infer<typeof runRowSchema>;

/** How a run ended in one word; rows of beats and commands say no more than whether it went well. */
export const runStatus = ({ status, ok }: Pick<RunRow, 'status' | 'ok'>): string =>
  status ?? (ok ? 'succeeded' : 'failed');

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
  /** Login name of the human whose word it is. */
  user: z.optional(z.string()),
  /** Digest of the file that the move changes as it was before, or `absent`: a repeat never overwrites a later edit. */
  base: z.optional(z.string()),
  ts: z.number(),
  /** Over all other fields (store/seal.ts): nobody but tend makes tend act. */
  seal: z.optional(z.string()),
});
export type Intent = z.infer<typeof intentSchema>;

/** `runs/<day>/<id>/exit.json`: how a supervised command ended, published once by its supervisor. */
export const exitRecordSchema = z.object({
  format: z.number(),
  exit_code: z.nullable(z.number()),
  signal: z.optional(z.string()),
  timed_out: z.boolean(),
  /** It was stopped because it printed more than `LIMITS.shellOutputBytes`. */
  over: z.optional(z.boolean()),
  started_ts: z.number(),
  duration_ms: z.number(),
  /** The command never began; `problem` says why. */
  never_ran: z.optional(z.boolean()),
  /** Why it did not run, or not to its end. */
  problem: z.optional(z.string()),
});
export type ExitRecord = z.infer<typeof exitRecordSchema>;

/** `runs/<day>/<id>/command.json`: what a supervisor shall run, and under which limits. */
export const shellCommandSchema = z.object({
  format: z.number(),
  cmd: z.string(),
  /** Absolute working directory: the data dir. */
  cwd: z.string(),
  /** Where the supervisor's beacon may lie: the data dir's runtime directory is made from it. */
  data_dir: z.string(),
  /** 0 = no deadline. */
  timeout_ms: z.number(),
  /** `TEND_MARK` of everything that the command starts. */
  mark: z.string(),
});
export type ShellCommand = z.infer<typeof shellCommandSchema>;

/**
 * `runs/<day>/<id>/started.json`: the name that one supervisor can create, before it spawns. Its beacon is lit first, so a
 * beacon that does not answer belongs to a dead supervisor. An empty `socket` says that nobody will run the command.
 */
export const shellStartedSchema = z.object({
  format: z.number(),
  socket: z.string(),
  nonce: z.string(),
  pid: z.number(),
  ts: z.number(),
});
export type ShellStarted = z.infer<typeof shellStartedSchema>;

/** What a shell move left, for the next prompt and for `tend run`. */
export const shellOutputSchema = z.object({
  run: z.string(),
  cmd: z.string(),
  exit_code: z.nullable(z.number()),
  timed_out: z.boolean(),
  /** The last bytes of stdout and stderr, with a first line that says so when there was more. */
  output: z.string(),
  ts: z.number(),
});
export type ShellOutput = z.infer<typeof shellOutputSchema>;

/** `runs/<day>/<id>/outcome.json`: how a move ended, published once; whoever publishes it writes the journal. */
export const outcomeRecordSchema = z.object({
  format: z.number(),
  run: z.string(),
  state: z.enum(['done', 'refused', 'failed']),
  summary: z.string(),
  code: z.optional(z.string()),
  reason: z.optional(z.string()),
  /** The next command to type. */
  hint: z.optional(z.string()),
  goal: z.optional(z.string()),
  /** The line for the journal; absent: this end is not journaled. */
  journal: z.optional(z.string()),
  /** How often that line stood there already, for another run of the same minute: one more means that this one was told. */
  journal_before: z.optional(z.number()),
  output: z.optional(shellOutputSchema),
  duration_ms: z.optional(z.number()),
  ts: z.number(),
});
export type OutcomeRecord = z.infer<typeof outcomeRecordSchema>;

/** `approvals/<ask>.json`: what became of an answered approval, claimed once: it runs, or it never will. */
export const settlementSchema = z.object({
  format: z.number(),
  ask: z.string(),
  verdict: z.enum(['run', 'denied', 'expired', 'refused']),
  reason: z.string(),
  /** The one run that the yes may start, and the day of its directory. */
  run: z.string(),
  day: z.string(),
  ts: z.number(),
  /** Over all other fields (store/seal.ts). */
  seal: z.optional(z.string()),
});
export type Settlement = z.infer<typeof settlementSchema>;
