/**
 * The owner of an objective: plan → nodes → audit, one turn at a time. Every step is on the disk before the next begins, so a run
 * that takes over repeats no node that is complete and asks for no second plan.
 */

import { monotonicMs, now } from '../../host/clock.js';
import { tailBytes } from '../../lib/clip.js';
import { EVIDENCE_BYTES, type ObjectiveNode, type ObjectiveStatus } from '../../model/objective.js';
import { newWorkflowRunId } from '../../store/workflow-runs.js';
import type { Performed, RunIdentity } from '../performer.js';
import { askModel, freshFence, moneyFor } from './ask-model.js';
import { AUDIT_JSON_SCHEMA, type Audit, readAudit, unmet } from './audit.js';
import type { Model } from './model-call.js';
import { PLAN_JSON_SCHEMA, type PlannedNode, planProblems, readProposal } from './plan.js';
import { auditPrompt, nodeSuffix, planPrompt, replanPrompt } from './prompts.js';
import type { Session } from './session.js';
import { blockedBy, isStuck, nextTurn, overBudget } from './turn.js';

export interface Hands {
  model: Model;
  identity: RunIdentity;
  /** Each node is a run of an agent, which costs money; steps of a workflow look for themselves. */
  isAgent: boolean;
  /** The workflow run of a node is named before it begins, because no key of an attempt leads back to it. */
  namesRuns: boolean;
  perform(identity: RunIdentity, promptSuffix: string, workflowRunId?: string): Promise<Performed>;
  /** What agents in nodes have used, added up. */
  used: { inputTokens: number; outputTokens: number; costUsd?: number };
}

/** How it came to rest. `reason` is for people; absent: it is complete, or was only to be planned. */
export type Ending =
  | { status: Exclude<ObjectiveStatus, 'active'>; reason?: string; audit?: Audit }
  /** A workflow of a node waits for a human. */
  | { status: 'parked'; workflowRunId: string };

export const CANCELLED: Ending = { status: 'cancelled', reason: 'cancelled' };

export async function runObjective(session: Session, hands: Hands): Promise<Ending> {
  const planned = session.plan ? undefined : await makePlan(session, hands.model);
  if (planned) return planned;
  const spent = overBudget(session.objective);
  if (spent !== undefined) return { status: 'budgetLimited', reason: spent };
  if (session.objective.config.autoExecute === 'off') return { status: 'paused' };
  for (;;) {
    const turn = nextTurn(session.objective, nodesOf(session), session.signal.aborted);
    if (turn.do === 'cancel') return CANCELLED;
    if (turn.do === 'over-budget') return { status: 'budgetLimited', reason: turn.reason };
    if (turn.do === 'out-of-turns') return { status: 'usageLimited', reason: turn.reason };
    session.save({ turn: session.objective.turn + 1 });
    const did = await take(session, hands, turn);
    if ('status' in did) return did;
    if (session.signal.aborted) return CANCELLED;
    session.save({
      blocker: did.blocker === undefined ? undefined : blockedBy(session.objective.blocker, did.blocker),
    });
    const { blocker } = session.objective;
    if (blocker && isStuck(blocker)) return { status: 'blocked', reason: blocker.text };
  }
}

/** What a turn left: an end, or what kept it from getting on. */
type Did = Ending | { blocker?: string };

async function take(
  session: Session,
  hands: Hands,
  turn: { do: 'execute'; keys: string[] } | { do: 'audit' } | { do: 'idle'; blocker: string },
): Promise<Did> {
  if (turn.do === 'audit') return audit(session, hands.model);
  if (turn.do === 'execute') return execute(session, hands, turn.keys);
  session.event({ turn: session.objective.turn, phase: 'status', status: 'active', tokens: 0, text: turn.blocker });
  return { blocker: turn.blocker };
}

const nodesOf = (session: Session): ObjectiveNode[] => session.plan?.nodes ?? [];

/** Undefined when a plan is stored. One that cannot be run is asked for once more. */
async function makePlan(session: Session, model: Model): Promise<Ending | undefined> {
  const { objective } = session;
  if (objective.planned)
    return { status: 'cancelled', reason: 'its plan was damaged and put into quarantine; the next attempt plans anew' };
  const goal = objective.config.objective;
  let rejected: string[] | undefined;
  for (let plans = 0; plans < PLANS_MAX; plans++) {
    if (session.signal.aborted) return CANCELLED;
    const spent = overBudget(session.objective);
    if (spent !== undefined) return { status: 'budgetLimited', reason: spent };
    const fence = freshFence(goal);
    const reply = await askModel<PlannedNode[]>(session, model, {
      name: 'plan',
      schema: PLAN_JSON_SCHEMA,
      prompt: rejected ? replanPrompt(goal, rejected, fence) : planPrompt(goal, fence),
      read(value) {
        const { nodes, problems } = readProposal(value);
        return problems ? { problems } : { value: nodes };
      },
    });
    const told = {
      turn: 0,
      phase: 'plan' as const,
      tokens: reply.tokens,
      ...(reply.raw === undefined ? {} : { raw: reply.raw }),
    };
    if (reply.state === 'aborted') return CANCELLED;
    if (reply.state === 'failed') {
      session.event({ ...told, status: 'blocked', text: reply.error });
      return { status: 'blocked', reason: reply.error };
    }
    const problems = planProblems(reply.value);
    if (problems.length === 0) {
      session.saveNodes(reply.value.map(fresh));
      session.save({ planned: true });
      session.event({ ...told, status: 'active', text: `${reply.value.length} nodes` });
      return undefined;
    }
    rejected = problems.map((problem) => session.clean(problem));
    session.event({ ...told, status: 'blocked', text: `plan rejected: ${rejected.join('; ')}` });
  }
  return { status: 'blocked', reason: `the plan was rejected twice: ${rejected?.join('; ')}` };
}

/** The plan, and one more when it is rejected (loops spec 11.2). */
const PLANS_MAX = 2;

const fresh = (node: PlannedNode): ObjectiveNode => ({
  ...node,
  status: 'pending',
  tokensUsed: 0,
  timeUsedMs: 0,
  runs: 0,
  updatedAt: new Date(now()).toISOString(),
});

async function execute(session: Session, hands: Hands, keys: readonly string[]): Promise<Did> {
  for (const key of keys) {
    if (session.signal.aborted) return {};
    const did = await runNode(session, hands, key);
    if (did !== 'complete') return did;
  }
  return {};
}

/** One run of the target for one node. It is on record as active before, so nobody takes it for one that never began. */
async function runNode(session: Session, hands: Hands, key: string): Promise<Did | 'complete'> {
  const node = nodesOf(session).find((one) => one.key === key);
  if (!node) return { blocker: 'no ready nodes' };
  const { objective } = session;
  const goal = objective.config.objective;
  const refusal = hands.isAgent ? await moneyFor(session) : undefined;
  if (refusal !== undefined) return { status: 'blocked', reason: refusal };
  const began = monotonicMs();
  const workflowRunId = hands.namesRuns ? namedRun(session, key) : undefined;
  saveNode(session, { ...node, status: 'active', runs: node.runs + 1 });
  const identity = {
    ...hands.identity,
    goalId: objective.id,
    goalObjective: goal,
    goalNodeKey: key,
    goalNodeObjective: node.objective,
  };
  const performed = await hands.perform(identity, nodeSuffix(goal, node), workflowRunId);
  if (performed.status === 'parked') {
    session.save({ parked: { workflowRunId: performed.workflowRunId, node: key } });
    return { status: 'parked', workflowRunId: performed.workflowRunId };
  }
  const { inputTokens = 0, outputTokens = 0, costUsd } = performed.usage ?? {};
  hands.used.inputTokens += inputTokens;
  hands.used.outputTokens += outputTokens;
  if (costUsd !== undefined) hands.used.costUsd = (hands.used.costUsd ?? 0) + costUsd;
  const error =
    performed.status === 'succeeded'
      ? undefined
      : session.clean(`node "${key}": ${performed.error ?? performed.status}`);
  const { error: _before, ...rest } = node;
  const ended: ObjectiveNode = {
    ...rest,
    runs: node.runs + 1,
    status: error === undefined ? 'complete' : 'pending',
    tokensUsed: node.tokensUsed + inputTokens + outputTokens,
    timeUsedMs: node.timeUsedMs + Math.round(monotonicMs() - began),
    evidence: {
      stdout: tail(session, performed.stdout),
      stderr: tail(session, performed.stderr),
      ...(performed.exitCode === undefined ? {} : { exitCode: performed.exitCode }),
    },
    ...(error === undefined ? {} : { error }),
  };
  saveNode(session, ended);
  session.event({
    turn: objective.turn,
    phase: 'execute',
    status: ended.status,
    node: key,
    tokens: inputTokens + outputTokens,
    evidence: ended.evidence,
    ...(error === undefined ? {} : { text: error }),
  });
  if (session.objective.parked) session.save({ parked: undefined });
  if (performed.isCancelled) return { status: 'cancelled', reason: error ?? 'cancelled' };
  return error === undefined ? 'complete' : { blocker: error };
}

/** The run of a node that somebody left is gone on with; else one that is not there yet, so that a death leaves none unnamed. */
function namedRun(session: Session, node: string): string {
  const { parked } = session.objective;
  if (parked?.node === node) return parked.workflowRunId;
  const workflowRunId = newWorkflowRunId(now());
  session.save({ parked: { workflowRunId, node } });
  return workflowRunId;
}

const tail = (session: Session, text: string): string => tailBytes(Buffer.from(session.clean(text)), EVIDENCE_BYTES);

function saveNode(session: Session, node: ObjectiveNode): void {
  const dated = { ...node, updatedAt: new Date(now()).toISOString() };
  session.saveNodes(nodesOf(session).map((one) => (one.key === node.key ? dated : one)));
}

async function audit(session: Session, model: Model): Promise<Did> {
  const goal = session.objective.config.objective;
  const nodes = nodesOf(session);
  const fence = freshFence(goal, ...nodes.flatMap(({ evidence }) => [evidence?.stdout ?? '', evidence?.stderr ?? '']));
  const reply = await askModel<Audit>(session, model, {
    name: 'audit',
    schema: AUDIT_JSON_SCHEMA,
    prompt: auditPrompt(goal, nodes, fence),
    read(value) {
      const { audit: said, problems } = readAudit(value);
      return problems ? { problems } : { value: said };
    },
  });
  if (reply.state === 'aborted') return CANCELLED;
  const told = {
    turn: session.objective.turn,
    phase: 'validate' as const,
    tokens: reply.tokens,
    ...(reply.raw === undefined ? {} : { raw: reply.raw }),
  };
  if (reply.state === 'failed') {
    session.event({ ...told, status: 'blocked', text: reply.error });
    return { status: 'blocked', reason: reply.error };
  }
  const missing = unmet(reply.value);
  const blocker = missing === undefined ? undefined : session.clean(missing);
  const status = blocker === undefined ? 'complete' : 'active';
  session.event({
    ...told,
    status,
    evidence: reply.value.evidence.map((text) => session.clean(text)),
    ...(blocker === undefined ? {} : { text: blocker }),
  });
  return blocker === undefined ? { status: 'complete', audit: reply.value } : { blocker };
}
