/**
 * Where an objective stands → what its next turn does, and what a turn that got nowhere comes to (loops spec 11.4). Pure: `aborted`
 * is a value. The order of the questions is the rule: an abort goes before a budget, a budget before work.
 */
import { MAX_TURNS_DEFAULT, type Objective, type ObjectiveNode } from '../../model/objective.js';

export type Turn =
  | { do: 'cancel' }
  | { do: 'over-budget'; reason: string }
  | { do: 'out-of-turns'; reason: string }
  /** Keys of the nodes that are ready at its start, in order. */
  | { do: 'execute'; keys: string[] }
  | { do: 'audit' }
  | { do: 'idle'; blocker: string };

/** So often in a row the same blocker, and nobody waits for a fourth (loops spec 11.4). */
export const BLOCKER_TIMES = 3;

export function nextTurn(objective: Objective, nodes: readonly ObjectiveNode[], aborted: boolean): Turn {
  if (aborted) return { do: 'cancel' };
  const spent = overBudget(objective);
  if (spent !== undefined) return { do: 'over-budget', reason: spent };
  const turns = objective.config.maxTurns ?? MAX_TURNS_DEFAULT;
  if (objective.turn >= turns) return { do: 'out-of-turns', reason: outOfTurns(turns, objective.blocker?.text) };
  const ready = readyNodes(nodes);
  if (ready.length > 0) return { do: 'execute', keys: ready.map((node) => node.key) };
  if (nodes.every((node) => node.status === 'complete')) return { do: 'audit' };
  return { do: 'idle', blocker: 'no ready nodes' };
}

/** Why no further call may be made, or undefined. Looked at before each turn and right after planning. */
export function overBudget({ config, tokensUsed }: Pick<Objective, 'config' | 'tokensUsed'>): string | undefined {
  if (config.tokenBudget === undefined || tokensUsed < config.tokenBudget) return undefined;
  return `the token budget of the goal is used up: ${tokensUsed} of ${config.tokenBudget} tokens`;
}

const outOfTurns = (turns: number, blocker: string | undefined): string =>
  `the goal was not reached in its max turns (${turns})${blocker === undefined ? '' : `; last: ${blocker}`}`;

/** Nodes that may run now, in the order in which they do: greatest priority first, then as planned. Keys are unique, so plan order decides. */
export function readyNodes(nodes: readonly ObjectiveNode[]): ObjectiveNode[] {
  const complete = new Set(nodes.filter((node) => node.status === 'complete').map((node) => node.key));
  return nodes
    .filter((node) => node.status === 'pending' && !hasSpent(node) && node.dependsOn.every((key) => complete.has(key)))
    .sort((a, b) => b.priority - a.priority);
}

export const hasSpent = ({ tokenBudget, tokensUsed }: Pick<ObjectiveNode, 'tokenBudget' | 'tokensUsed'>): boolean =>
  tokenBudget !== undefined && tokensUsed >= tokenBudget;

type Blocker = NonNullable<Objective['blocker']>;

/** The blocker after a turn that left `text`. One that says something else begins to count anew. */
export const blockedBy = (before: Blocker | undefined, text: string): Blocker =>
  before?.text === text ? { text, count: before.count + 1 } : { text, count: 1 };

export const isStuck = (blocker: Blocker | undefined): boolean => (blocker?.count ?? 0) >= BLOCKER_TIMES;

/** A run that nobody works on any more left its node `active`: it returns to pending, and what is complete stays. */
export const reopenedNodes = (nodes: readonly ObjectiveNode[]): ObjectiveNode[] =>
  nodes.map((node) => (node.status === 'active' ? { ...node, status: 'pending' as const } : node));
