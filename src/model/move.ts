import * as z from 'zod/mini';
import { idProblem } from './id.js';
import { LIMITS } from './limits.js';
import { type Checked, check } from './record.js';

/**
 * The typed moves: what a decider may propose, one per beat. The tag is `action`; `journal` and `next_interval_s` may stand
 * beside it. Executors live in act/moves/, one file per kind.
 */
const id = z
  .string()
  .check(z.refine((value) => idProblem(value) === undefined, { error: (i) => idProblem(String(i.input)) ?? '' }));
const text = (max: number) =>
  z.string().check(
    z.refine((value) => value.trim() !== '', 'may not be blank'),
    z.refine((value) => value.length <= max, `longer than ${max} characters`),
  );
/** Names of models with their provider and version are under 80 characters. */
const MODEL_CHARS = 128;
/** It becomes a word of a worker's command line, where a dash would make a flag of it. */
const word = z.optional(
  z
    .string()
    .check(
      z.refine(
        (value) => /^[\w@][^\s\p{C}]*$/u.test(value) && value.length <= MODEL_CHARS,
        'is no name of a model or level',
      ),
    ),
);
const line = z.optional(z.string().check(z.maxLength(LIMITS.journalLineChars)));

const isOne = (...values: unknown[]): boolean => values.filter((value) => value !== undefined).length === 1;

const kinds = {
  noop: z.object({ action: z.literal('noop'), reason: line }),
  run_shell: z.object({ action: z.literal('run_shell'), cmd: text(LIMITS.commandChars), reason: line }),
  write_goal: z.object({ action: z.literal('write_goal'), id, body: text(LIMITS.policyChars) }),
  archive_goal: z.object({ action: z.literal('archive_goal'), id }),
  write_sensor: z.object({ action: z.literal('write_sensor'), name: id, script: text(LIMITS.policyChars) }),
  remove_sensor: z.object({ action: z.literal('remove_sensor'), name: id, reason: line }),
  write_playbook: z.object({ action: z.literal('write_playbook'), body: text(LIMITS.policyChars) }),
  start_worker: z.object({
    action: z.literal('start_worker'),
    id,
    prompt: text(LIMITS.briefChars),
    command: z.optional(text(LIMITS.commandChars)),
    verify: z.optional(text(LIMITS.commandChars)),
    model: word,
    thinking: word,
    budget_usd: z.optional(z.number().check(z.positive())),
    repo: z.optional(text(LIMITS.pathChars)),
  }),
  resume_worker: z.object({
    action: z.literal('resume_worker'),
    id,
    prompt: z.optional(text(LIMITS.tellChars)),
    reason: line,
  }),
  kill_worker: z.object({ action: z.literal('kill_worker'), id, reason: line }),
  tell_worker: z.object({ action: z.literal('tell_worker'), id, message: text(LIMITS.tellChars) }),
  ask_human: z.object({
    action: z.literal('ask_human'),
    prompt: text(LIMITS.askChars),
    reference: z.optional(z.string()),
    options: z.optional(z.array(z.string()).check(z.maxLength(LIMITS.askOptions))),
    urgency: z.optional(z.enum(['low', 'normal', 'high'])),
  }),
  write_schedule: z
    .object({
      action: z.literal('write_schedule'),
      name: id,
      in_s: z.optional(z.int().check(z.positive())),
      every_s: z.optional(z.int().check(z.minimum(LIMITS.schedulePeriodMinS))),
      note: line,
      /** With a command it is a timed loop, and no reminder. */
      cmd: z.optional(text(LIMITS.commandChars)),
      cron: z.optional(text(LIMITS.journalLineChars)),
      at: z.optional(text(LIMITS.journalLineChars)),
      timezone: z.optional(text(LIMITS.journalLineChars)),
    })
    .check(
      z.refine(
        (m) => m.cmd !== undefined || (m.in_s === undefined) !== (m.every_s === undefined),
        'exactly one of in_s and every_s is wanted',
      ),
      z.refine(
        (m) => m.cmd !== undefined || [m.cron, m.at, m.timezone].every((one) => one === undefined),
        'cron, at and timezone are for a loop with cmd',
      ),
      z.refine(
        (m) => m.cmd === undefined || (m.in_s === undefined && isOne(m.cron, m.every_s, m.at)),
        'with cmd exactly one of cron, every_s and at is wanted',
      ),
      z.refine((m) => m.timezone === undefined || m.cron !== undefined, 'timezone is for cron'),
    ),
  drop_schedule: z.object({ action: z.literal('drop_schedule'), name: id }),
} as const;

/** What may stand beside the fields of every move. They are hints: what is wrong in them is passed over, never refused. */
export const ASIDES = z.object({
  journal: z.optional(z.string()),
  next_interval_s: z.optional(z.int()),
  stronger: z.optional(z.boolean()),
});

export const moveSchema = z.discriminatedUnion('action', [
  kinds.noop,
  kinds.run_shell,
  kinds.write_goal,
  kinds.archive_goal,
  kinds.write_sensor,
  kinds.remove_sensor,
  kinds.write_playbook,
  kinds.start_worker,
  kinds.resume_worker,
  kinds.kill_worker,
  kinds.tell_worker,
  kinds.ask_human,
  kinds.write_schedule,
  kinds.drop_schedule,
]);

export type Move = z.infer<typeof moveSchema>;
export type Action = Move['action'];
export type MoveOf<A extends Action> = Extract<Move, { action: A }>;
export const ACTIONS = Object.keys(kinds) as Action[];

/** A move with what the decider says beside it. */
export interface Decided {
  move: Move;
  /** The line for the journal, when the decider gave one. */
  journal?: string;
  /** Seconds until the next beat; clamped by the pulse. */
  nextIntervalS?: number;
  /** The decider asks that a stronger model decide instead of it. */
  stronger?: true;
}

/** Checks one decision object; unknown fields are ignored, every problem names its field. */
export function checkDecision(data: unknown): Checked<Decided> {
  const action = (data as { action?: unknown } | null)?.action;
  if (typeof action !== 'string') return { problems: ['action: missing, expected one of ' + ACTIONS.join(', ')] };
  if (!(ACTIONS as string[]).includes(action)) {
    return { problems: [`action: unknown ${JSON.stringify(action)}, expected one of ${ACTIONS.join(', ')}`] };
  }
  const move = check(kinds[action as Action] as unknown as z.ZodMiniType<Move>, data);
  if (move.problems) return { problems: move.problems };
  const { journal, next_interval_s: next, stronger } = data as Record<string, unknown>;
  return {
    value: {
      move: move.value,
      ...(typeof journal === 'string' && journal.trim() ? { journal: journal.slice(0, LIMITS.journalLineChars) } : {}),
      ...(typeof next === 'number' && Number.isInteger(next) && next >= 0 ? { nextIntervalS: next } : {}),
      ...(stronger === true ? { stronger } : {}),
    },
  };
}
