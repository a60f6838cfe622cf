/** What the files of the mailbox must say to be believed. ask-head.ts knows the same rules without the schema library. */
import * as z from 'zod/mini';
import { ASK_KINDS, OUTCOMES, URGENCIES } from './ask.js';
import { moveSchema } from './move.js';

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
  /** The run whose decision proposed it, for `tend explain`. */
  run: z.optional(z.string()),
});

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

/**
 * Front matter of `answers/<id>.md`; the body is the text. One name ends an ask, whoever creates it first:
 * an answer by the human, or a close (by the human, the asker, or tend itself when an approval expires).
 */
export const answerHeadSchema = z.object({
  format: z.number(),
  id: z.string(),
  outcome: z._default(z.enum(OUTCOMES), 'answered'),
  ts: z.number(),
  /** Login name or `tend`; and the way it came: cli, tui, web, slack, mcp, pulse. */
  by: z._default(z.string(), 'unknown'),
  channel: z._default(z.string(), 'unknown'),
  /** For an approval: the digest that the yes or no is about. */
  digest: z.optional(z.string()),
});
