/** An objective as scripts of @hasna/loops read it: the names of that tool, nothing that is only ours. Pure. */
import {
  NODE_STATUSES,
  type Objective,
  type ObjectiveEvent,
  type ObjectiveNode,
  type ObjectivePlan,
} from '../../model/objective.js';
import { readyNodes } from './turn.js';

/** Fields of the goal; a view may shorten its text. */
export function publicGoal(objective: Objective): Record<string, unknown> {
  const { id, config, status, source, previousGoalId, tokensUsed, timeUsedMs, reason, createdAt, updatedAt } =
    objective;
  return present({
    goalId: id,
    planId: id,
    objective: config.objective,
    status,
    tokenBudget: config.tokenBudget,
    tokensUsed,
    timeUsedSeconds: seconds(timeUsedMs),
    autoExecute: config.autoExecute ?? 'readyOnly',
    model: config.model,
    maxTurns: config.maxTurns,
    maxTokens: config.maxTokens,
    reason,
    previousGoalId,
    loopId: source.loopId,
    loopRunId: source.loopRunId,
    workflowId: source.workflowId,
    workflowRunId: source.workflowRunId,
    workflowStepId: source.workflowStepId,
    createdAt,
    updatedAt,
  });
}

export function publicNodes(objective: Objective, plan: ObjectivePlan | undefined): Record<string, unknown>[] {
  const nodes = plan?.nodes ?? [];
  const ready = new Set(readyNodes(nodes).map((node) => node.key));
  return nodes.map((node, at) =>
    present({
      nodeId: `${objective.id}.${node.key}`,
      planId: objective.id,
      key: node.key,
      sequence: at + 1,
      priority: node.priority,
      objective: node.objective,
      status: node.status,
      ready: ready.has(node.key),
      tokenBudget: node.tokenBudget,
      tokensUsed: node.tokensUsed,
      timeUsedSeconds: seconds(node.timeUsedMs),
      dependsOn: node.dependsOn,
      runs: node.runs,
      error: node.error,
      createdAt: plan?.createdAt,
      updatedAt: node.updatedAt,
    }),
  );
}

/** Id of an event, as `goal status` takes it. */
export const eventId = (objective: string, seq: number): string => `${objective}.${seq}`;

export const publicEvent = ({ id, source }: Objective, event: ObjectiveEvent): Record<string, unknown> =>
  present({
    runId: eventId(id, event.seq),
    goalId: id,
    planId: id,
    loopId: source.loopId,
    loopRunId: source.loopRunId,
    workflowId: source.workflowId,
    workflowRunId: source.workflowRunId,
    workflowStepId: source.workflowStepId,
    turn: event.turn,
    phase: event.phase,
    status: event.status,
    nodeKey: event.node,
    tokensUsed: event.tokens,
    text: event.text,
    evidence: event.evidence,
    rawResponse: event.raw,
    createdAt: event.at,
    updatedAt: event.at,
  });

/** How many nodes are in which state. */
export function rollup(nodes: readonly ObjectiveNode[]): Record<string, number> {
  const counts = NODE_STATUSES.map((status) => [status, nodes.filter((node) => node.status === status).length]);
  return { total: nodes.length, ...(Object.fromEntries(counts) as Record<string, number>) };
}

const seconds = (ms: number): number => Math.round(ms / 1_000);
const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
