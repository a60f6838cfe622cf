/**
 * What a model proposed as a plan → nodes, or everything that is wrong with it. Pure. A plan is a flat graph without cycles, so that
 * it always has an order; it is checked whole before the first node runs.
 */
import * as z from 'zod/mini';
import { isObject } from '../../lib/json.js';
import { NODES_MAX, OBJECTIVE_CHARS_MAX, type ObjectiveNode } from '../../model/objective.js';
import { check } from '../../model/record.js';

/** A node as it is proposed. */
export type PlannedNode = Pick<ObjectiveNode, 'key' | 'objective' | 'dependsOn' | 'priority' | 'tokenBudget'>;

const KEY = /^[A-Za-z0-9_.-]{1,64}$/;

const proposalSchema = z.object({
  nodes: z.array(
    z.object({
      key: z.string(),
      objective: z.string(),
      dependsOn: z.optional(z.array(z.string())),
      priority: z.optional(z.number()),
      tokenBudget: z.optional(z.number()),
    }),
  ),
});

/** The JSON Schema that a model is held to. Strict modes want every field required and open ones nullable. */
export const PLAN_JSON_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['nodes'],
  properties: {
    nodes: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['key', 'objective', 'dependsOn', 'priority', 'tokenBudget'],
        properties: {
          key: { type: 'string' },
          objective: { type: 'string' },
          dependsOn: { type: 'array', items: { type: 'string' } },
          priority: { type: ['integer', 'null'] },
          tokenBudget: { type: ['integer', 'null'] },
        },
      },
    },
  },
} as const;

export type ReadPlan = { nodes: PlannedNode[]; problems?: never } | { nodes?: never; problems: string[] };

/** Whether it has the form of a plan at all; what is no plan is asked for once more, as broken JSON is. */
export function readProposal(value: unknown): ReadPlan {
  const checked = check(proposalSchema, withoutNulls(value));
  if (checked.problems) return { problems: checked.problems };
  return {
    nodes: checked.value.nodes.map((node) => ({
      key: node.key,
      // It goes into the environment of children, which takes no NUL.
      objective: node.objective.replaceAll('\u0000', '').trim(),
      dependsOn: [...new Set(node.dependsOn ?? [])],
      priority: node.priority ?? 0,
      ...(node.tokenBudget === undefined ? {} : { tokenBudget: node.tokenBudget }),
    })),
  };
}

/** Everything that is wrong with a plan; empty: it can be run. */
export function planProblems(nodes: readonly PlannedNode[]): string[] {
  if (nodes.length === 0) return ['the plan has no nodes, at least 1 is wanted'];
  const problems =
    nodes.length > NODES_MAX ? [`the plan has ${nodes.length} nodes, ${NODES_MAX} at most are allowed`] : [];
  const seen = new Set<string>();
  for (const node of nodes) {
    problems.push(...nodeProblems(node));
    if (seen.has(node.key)) problems.push(`the key ${quoted(node.key)} is there more than once`);
    seen.add(node.key);
  }
  for (const node of nodes)
    for (const wanted of node.dependsOn)
      if (!seen.has(wanted))
        problems.push(`node ${quoted(node.key)} depends on ${quoted(wanted)}, which is no node of the plan`);
  const cycle = inCycle(nodes);
  if (cycle.length > 0) problems.push(`these nodes wait for one another: ${cycle.map(quoted).join(', ')}`);
  return problems;
}

function nodeProblems({ key, objective, priority, tokenBudget }: PlannedNode): string[] {
  const problems: string[] = [];
  if (!KEY.test(key))
    problems.push(`the key ${quoted(key)} is none: 1 to 64 letters, digits, "_", "." and "-" are allowed`);
  if (objective === '') problems.push(`node ${quoted(key)} has a blank objective`);
  if (objective.length > OBJECTIVE_CHARS_MAX)
    problems.push(
      `the objective of node ${quoted(key)} has ${objective.length} characters, ${OBJECTIVE_CHARS_MAX} at most are allowed`,
    );
  if (!Number.isFinite(priority)) problems.push(`the priority of node ${quoted(key)} is no number`);
  if (tokenBudget !== undefined && !(Number.isSafeInteger(tokenBudget) && tokenBudget > 0))
    problems.push(`the tokenBudget of node ${quoted(key)} is no positive integer`);
  return problems;
}

/** Nodes that can never be ready, because what they depend on waits for them: what is left when ready nodes are taken away. */
function inCycle(nodes: readonly PlannedNode[]): string[] {
  const keys = new Set(nodes.map((node) => node.key));
  let left = [...nodes];
  for (;;) {
    const waiting = new Set(left.map((node) => node.key));
    // A dependency that is no node is a problem of its own and no cycle.
    const kept = left.filter((node) => node.dependsOn.some((wanted) => keys.has(wanted) && waiting.has(wanted)));
    if (kept.length === left.length) return kept.map((node) => node.key);
    left = kept;
  }
}

/** Strict modes answer `null` for what is absent. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value) || !Array.isArray(value['nodes'])) return value;
  const nodes = value['nodes'].map((node: unknown) =>
    isObject(node) ? Object.fromEntries(Object.entries(node).filter(([, field]) => field !== null)) : node,
  );
  return { ...value, nodes };
}

/** What a model wrote, in one of our lines: short and on one line. */
const quoted = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
