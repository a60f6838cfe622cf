/** Everything that a decide prompt says, as plain data. Who fills it reads the files; who renders it reads nothing. */
import type { Ask } from '../../model/ask.js';
import type { Instant } from '../../model/instant.js';
import type { Memory } from '../../model/memory.js';
import type { World } from '../../model/world.js';

export interface PromptInput {
  /** Text of seeds/prompts/decide.md; `{{moves}}` and `{{data_dir}}` in it are filled. */
  instructions: string;
  /** Text of seeds/prompts/constitution.md. */
  constitution: string;
  /** Absolute path, so that clipped files can be read. */
  dataDir: string;
  world: Pick<World, 'playbook' | 'goals' | 'facts' | 'flapping' | 'items'>;
  memory: Pick<Memory, 'committed' | 'lastShell' | 'lastFailure' | 'backoff' | 'goalActivity'>;
  inbox: Inbox;
  /** Newest journal lines, oldest first, without the leading `- `. */
  journal: readonly string[];
  /** Rules that could not be used, one line each. */
  ruleProblems: readonly string[];
  /** Why this beat thinks, from wake.ts; shown when no item differs. */
  why: string;
  now: Instant;
  /** Whole prompt in bytes; 0 = no limit. */
  maxBytes: number;
  /** A stronger model can be asked instead. */
  canAskStronger?: boolean;
  /** Goals and readings that are as they were at the last decision come as one line with their digest. */
  digests?: boolean;
}

/** The mailbox as the decider sees it. */
export interface Inbox {
  pending: PendingAsk[];
  /** Ended and not yet acted on. */
  answers: HumanAnswer[];
  /** Records that cannot be read. */
  problems: { id: string; reason: string }[];
}

export interface PendingAsk
  extends Pick<Ask, 'id' | 'worker' | 'kind' | 'urgency' | 'prompt' | 'reference' | 'options'> {
  /** live: a worker waits for it · stranded: who asked is gone · standing: asked by a part of tend, nobody waits. */
  life: 'live' | 'stranded' | 'standing';
  /** For an approval: the move that a yes releases, as JSON. */
  move?: string;
}

export interface HumanAnswer {
  id: string;
  worker: string;
  kind: Ask['kind'];
  question: string;
  outcome: 'answered' | 'closed' | 'expired';
  answer: string;
  by: string;
  life: PendingAsk['life'];
  /** For an approval: what became of it, e.g. `yes, ran: exit code 0`. */
  effect?: string;
}

export interface Prompt {
  text: string;
  /** Bytes before the first section that moves with the readings: what a provider's cache keeps while policy stays as it is. */
  stablePrefixBytes: number;
  /** Names of items that did not fit, e.g. `goal:x`, `answer:pulse-3`. */
  truncated: string[];
  /** Answers that stand in the prompt: only these have been seen by the decider and may be consumed. */
  shownAnswers: string[];
}
