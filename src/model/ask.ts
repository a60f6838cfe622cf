import * as z from 'zod/mini';
import { moveSchema } from './move.js';

/** What an ask wants of the human. `approval` carries an exact move and takes yes or no. */
export const ASK_KINDS = ['question', 'approval', 'review', 'escalation', 'setup'] as const;
export const URGENCIES = ['low', 'normal', 'high'] as const;
export type AskKind = (typeof ASK_KINDS)[number];
export type Urgency = (typeof URGENCIES)[number];

/** The move that a yes releases, bound to its digest and to the world it was proposed in. */
export const proposalSchema = z.object({
  move: moveSchema,
  /** SHA-256 of the canonical JSON of `move`. */
  digest: z.string(),
  /** `World.approvalHash` at the time of the proposal: when it differs later, the approval has expired. */
  world: z.string(),
  reason: z.optional(z.string()),
  /** The decider's line for the journal, kept for the time after the yes. */
  journal: z.optional(z.string()),
  /** The run whose decision proposed it: its directory has prompt and output. */
  run: z.optional(z.string()),
});
export type Proposal = z.infer<typeof proposalSchema>;

/** Front matter of `asks/<id>.md`; the body is the prompt, Markdown. */
export const askHeadSchema = z.object({
  format: z.number(),
  id: z.string(),
  /** Who asks: a worker id, `pulse` (the decider), `gate` (an approval), `budget`, `setup`, or a human's own name for it. */
  worker: z.string(),
  kind: z._default(z.enum(ASK_KINDS), 'question'),
  urgency: z._default(z.enum(URGENCIES), 'normal'),
  /** Unix seconds. */
  ts: z.number(),
  reference: z.optional(z.string()),
  options: z.optional(z.array(z.string())),
  proposal: z.optional(proposalSchema),
  /** Nonce of the worker generation that asked; a successor of the same id may take the ask over. */
  generation: z.optional(z.string()),
  /** Nonce of the beacon of the process that blocks on the answer; when that beacon is dead, nobody waits. */
  waiter: z.optional(z.string()),
  /** The ask this one was reassigned from; that one is closed. */
  from: z.optional(z.string()),
});

export interface Ask extends z.infer<typeof askHeadSchema> {
  prompt: string;
}

/**
 * Front matter of `answers/<id>.md`; the body is the text. One name ends an ask, whoever creates it first:
 * an answer by the human, or a close (by the human, the asker, or tend itself when an approval expires).
 */
export const answerHeadSchema = z.object({
  format: z.number(),
  id: z.string(),
  outcome: z._default(z.enum(['answered', 'closed', 'expired']), 'answered'),
  ts: z.number(),
  /** Login name or `tend`; and the way it came: cli, tui, web, slack, mcp, pulse. */
  by: z._default(z.string(), 'unknown'),
  channel: z._default(z.string(), 'unknown'),
  /** For an approval: the digest that the yes or no is about. */
  digest: z.optional(z.string()),
});

export interface Answer extends z.infer<typeof answerHeadSchema> {
  answer: string;
}

/**
 * Reads a yes or no from free text: `no`, `n`, `deny`, `reject` with a reason behind it if there is one, or a plain `yes`, `y`,
 * `ok`, `approve`. A yes with words behind it ("yes, but not on main") is neither: what it allows is not exactly what was asked.
 */
export function readVerdict(text: string): { yes: boolean; reason: string } | undefined {
  if (/^(yes|y|ok|approve|approved)[.!]?$/i.test(text.trim())) return { yes: true, reason: '' };
  const no = /^(?:no|n|deny|denied|reject)\b[\s:,.–-]*(.*)$/is.exec(text.trim());
  return no ? { yes: false, reason: no[1]!.trim() } : undefined;
}
