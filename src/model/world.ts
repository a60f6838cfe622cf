import type { Json } from '../lib/json.js';
import type { Instant } from './instant.js';

/** One reading. Only `signal` takes part in change detection; `detail` reaches the prompt. */
export interface Fact {
  /** `sensor-<stem>` or `sys-<name>`. */
  name: string;
  signal: Json;
  detail?: Json;
  /** The sensor failed; signal and detail say how, in a form that is stable while it fails the same way. */
  failed?: boolean;
  /** Header `# tend:approvals=keep`: a change of this signal alone does not expire an approval. */
  keepsApprovals?: boolean;
}

export interface GoalText {
  id: string;
  /** Whole file, or undefined when it exists but cannot be read: then `problem` says why. */
  text?: string;
  problem?: string;
}

/** What was sensed for one beat. Hash and items come from the same bytes. */
export interface World {
  at: Instant;
  /** 32 hex digits over policy and every signal: the one question "did anything that matters change?". */
  hash: string;
  /** PLAYBOOK and goals alone: a human's edit cuts a backoff short. */
  policyHash: string;
  /** Policy and sensor signals without what tend itself moves (asks, fleet, leases …): what an approval is bound to. */
  approvalHash: string;
  /** Item name (`playbook`, `goal:<id>`, `snap:<name>`) → hash or signal text, for WHAT CHANGED. */
  items: Record<string, string>;
  playbook: { text?: string; problem?: string };
  goals: GoalText[];
  facts: Fact[];
  /** Names of sensors whose signal keeps changing. */
  flapping: string[];
}
