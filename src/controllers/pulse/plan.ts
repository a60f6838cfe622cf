/** Pure: which approvals end before this beat may decide. An approval lives only in the world it was proposed in. */
import type { Answer, Ask } from '../../model/ask.js';

export interface ApprovalFact {
  ask: Ask;
  /** How it ended, when it has. */
  answer?: Answer;
}

export type ApprovalStep =
  /** The human has spoken and nobody has acted on it: settle (run it, deliver the no, or find it expired). */
  | { do: 'settle'; ask: Ask; answer: Answer }
  /** Nobody answered and the world moved on: take it off the human's desk. */
  | { do: 'expire'; ask: Ask };

/** Oldest first. `world` is `World.approvalHash` of this beat. */
export function planApprovals(approvals: readonly ApprovalFact[], world: string): ApprovalStep[] {
  return [...approvals]
    .sort((a, b) => a.ask.ts - b.ask.ts || (a.ask.id < b.ask.id ? -1 : 1))
    .flatMap(({ ask, answer }): ApprovalStep[] => {
      if (answer) return [{ do: 'settle', ask, answer }];
      return ask.proposal && ask.proposal.world !== world ? [{ do: 'expire', ask }] : [];
    });
}

export interface NextBeatInput {
  now: number;
  intervalS: number;
  /** Asked for by the decider or a shell follow-up, unix seconds. */
  dueTs?: number;
  /** Until when the wake rules hold still (backoff, hourly cap, budget), milliseconds. */
  heldUntil?: number;
}

/** When to look again if no event comes first: the interval, or earlier when something is due or a hold ends. Never in the past. */
export function nextBeatAt(input: NextBeatInput): number {
  const interval = input.now + input.intervalS * 1000;
  const candidates = [interval];
  if (input.dueTs !== undefined) candidates.push(input.dueTs * 1000);
  if (input.heldUntil !== undefined) candidates.push(input.heldUntil);
  // A past-due leftover must not make a spin: anything not in the future waits for the interval.
  return Math.min(...candidates.filter((at) => at > input.now), interval);
}
