/** The nouns of the mailbox. Their schemas stand apart in ask-schema.ts: a verb that only lists asks does not load the schema library. */
import type * as z from 'zod/mini';
import type { answerHeadSchema, askHeadSchema, proposalSchema } from './ask-schema.js';

/** What an ask wants of the human. `approval` carries an exact move and takes yes or no. */
export const ASK_KINDS = ['question', 'approval', 'review', 'escalation', 'setup'] as const;
export const URGENCIES = ['low', 'normal', 'high'] as const;
export const OUTCOMES = ['answered', 'closed', 'expired'] as const;
export type AskKind = (typeof ASK_KINDS)[number];
export type Urgency = (typeof URGENCIES)[number];

export type Proposal = z.infer<typeof proposalSchema>;
export type AskHead = z.infer<typeof askHeadSchema>;
export type AnswerHead = z.infer<typeof answerHeadSchema>;

/** `asks/<id>.md`: the body is the prompt, Markdown. */
export interface Ask extends AskHead {
  prompt: string;
}

/** `answers/<id>.md`: the body is the text. */
export interface Answer extends AnswerHead {
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
