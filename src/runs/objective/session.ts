/**
 * One run's hold on its objective: found or made by a published name, taken over from whoever held it, written step by step. Each
 * write compares with what this run knows, so a run that was overtaken ends at its next step and changes nothing.
 */
import { monotonicMs, now } from '../../host/clock.js';
import { selfIdentity } from '../../host/process-identity.js';
import { scrubber, secretsOf } from '../../lib/scrub.js';
import { TendError } from '../../model/error.js';
import type { ObjectiveConfig } from '../../model/loop.js';
import {
  isTerminal,
  type Objective,
  type ObjectiveEvent,
  type ObjectiveNode,
  type ObjectivePlan,
  type ObjectiveSource,
} from '../../model/objective.js';
import { FORMAT } from '../../model/record.js';
import {
  appendEvent,
  claimName,
  currentName,
  markObjective,
  type ObjectiveName,
  objectiveKey,
  objectiveText,
  planKey,
  publishObjective,
  publishPlan,
  readEvents,
  readObjective,
  readPlan,
  replaceObjective,
  replacePlan,
  unmarkObjective,
} from '../../store/objectives.js';
import { quarantine } from '../../store/quarantine.js';
import { cannotRead } from '../../store/unreadable.js';
import type { RunDeps, RunIdentity } from '../performer.js';
import { reopenedNodes } from './turn.js';

/** Fields that are set; `undefined` takes one away. */
export type Patch<T> = { [K in keyof T]?: T[K] | undefined };

export interface Session {
  readonly deps: RunDeps;
  readonly signal: AbortSignal;
  readonly token: string;
  objective: Objective;
  plan: ObjectivePlan | undefined;
  /** Text that a model or a target gave, without its secrets. */
  clean(text: string): string;
  save(patch: Patch<Objective>): void;
  /** Stores the plan, or the nodes as they are now. */
  saveNodes(nodes: ObjectiveNode[]): void;
  event(event: Omit<ObjectiveEvent, 'format' | 'seq' | 'at'>): void;
  /** Nobody works on it from here on. `patch`: what is to be said with it. `staysMarked`: the pulse is to look at it. */
  letGo(patch?: Patch<Objective>, staysMarked?: boolean): void;
}

export interface Opening {
  config: ObjectiveConfig;
  identity: RunIdentity;
  token: string;
  signal: AbortSignal;
  continues?: string;
}

/** `done`: this very run has reached it already, before a crash; nothing is to be done again. */
export type Opened =
  | { state: 'open'; session: Session }
  | { state: 'done'; objective: Objective; plan: ObjectivePlan | undefined };

/** Throws when a record cannot be read: what cannot be read is never begun anew. */
export function openObjective(deps: RunDeps, opening: Opening): Opened {
  if (opening.continues !== undefined)
    return { state: 'open', session: takeOver(deps, opening, there(deps, opening.continues)) };
  const run = runOf(opening);
  const last = currentName(deps.disk, run);
  const before = last && loaded(deps, last);
  const fresh = (name: ObjectiveName): Opened => ({ state: 'open', session: begin(deps, opening, name) });
  if (!last || !before) return fresh(last ?? claimName(deps.disk, run, undefined, now()));
  const { status, source, config } = before.value;
  // A person who changed the words of the goal since wants that one.
  const isSameGoal = config.objective === opening.config.objective;
  // Reached by this very run, which died before it could say so. A step of another run of the workflow is done anew.
  if (status === 'complete' && isSameGoal && source.workflowRunId === opening.identity.workflowRunId)
    return { state: 'done', objective: before.value, plan: planOf(deps, before.value.id)?.value };
  if (isTerminal(status) || !isSameGoal) return fresh(claimName(deps.disk, run, last, now()));
  return { state: 'open', session: takeOver(deps, opening, before) };
}

/**
 * What is the same for every attempt: the loop's run and the step in it, else the workflow's run. Within a node of another objective
 * that node as well.
 */
export function runOf({ identity: of, token }: Pick<Opening, 'identity' | 'token'>): string {
  const run = of.runId ?? of.workflowRunId ?? token;
  return JSON.stringify([run, of.workflowId ?? '', of.workflowStepId ?? '', of.goalId ?? '', of.goalNodeKey ?? '']);
}

interface Stored {
  value: Objective;
  text: string;
}

function loaded({ disk }: RunDeps, { id }: Pick<ObjectiveName, 'id'>): Stored | undefined {
  const read = readObjective(disk, id);
  if (read.state === 'present') return read;
  if (read.state === 'absent') return undefined;
  if (read.state !== 'corrupt')
    throw cannotRead(disk, `go on with objective "${id}"`, { key: objectiveKey(id), reason: read.reason });
  quarantine(disk, objectiveKey(id), read.reason, now());
  return undefined;
}

function planOf({ disk }: RunDeps, id: string): { value: ObjectivePlan; text: string } | undefined {
  const read = readPlan(disk, id);
  if (read.state === 'present') return read;
  if (read.state === 'absent') return undefined;
  if (read.state !== 'corrupt')
    throw cannotRead(disk, `go on with objective "${id}"`, { key: planKey(id), reason: read.reason });
  quarantine(disk, planKey(id), read.reason, now());
  return undefined;
}

/** Makes the record of a name; when it is there already, because somebody died or is at it as well, it is taken over. */
function begin(deps: RunDeps, opening: Opening, name: ObjectiveName): Session {
  const at = new Date(now()).toISOString();
  const objective: Objective = {
    format: FORMAT,
    id: name.id,
    config: opening.config,
    status: 'active',
    source: sourceOf(opening.identity),
    name: name.file,
    ...(name.previousGoalId === undefined ? {} : { previousGoalId: name.previousGoalId }),
    owner: { token: opening.token, process: selfIdentity() },
    planned: false,
    tokensUsed: 0,
    calls: 0,
    turn: 0,
    timeUsedMs: 0,
    createdAt: at,
    updatedAt: at,
  };
  markObjective(deps.disk, name.id);
  if (publishObjective(deps.disk, objective) && !planOf(deps, name.id))
    return sessionOf(deps, opening, { value: objective, text: objectiveText(objective) });
  return takeOver(deps, opening, there(deps, name.id));
}

function there(deps: RunDeps, id: string): Stored {
  const stored = loaded(deps, { id });
  if (stored) return stored;
  throw new TendError('environment', `Cannot go on with objective "${id}": its record was there and is gone`, {
    code: 'unreadable',
  });
}

/** Opens it again, with fresh counters unless the pulse goes on with it. The record first: from then on an earlier run is refused; then the nodes that it left active. */
function takeOver(deps: RunDeps, opening: Opening, stored: Stored): Session {
  const session = sessionOf(deps, opening, stored);
  const { config, identity, token } = opening;
  markObjective(deps.disk, stored.value.id);
  session.save({
    config,
    status: 'active',
    source: sourceOf(identity),
    owner: { token, process: selfIdentity() },
    reason: undefined,
    ...(opening.continues === undefined ? FRESH : {}),
  });
  // Between our two writes an earlier run may still have written one of its own.
  for (let tries = 0; tries < TAKE_TRIES; tries++) {
    const plan = planOf(deps, session.objective.id);
    if (!plan) return session;
    try {
      session.plan = plan.value;
      session.adopt(plan.text);
      session.saveNodes(reopenedNodes(plan.value.nodes));
      break;
    } catch (error) {
      if (!(error instanceof TendError && error.code === 'overtaken') || tries === TAKE_TRIES - 1) throw error;
    }
  }
  tellMissing(session);
  return session;
}

const FRESH = { turn: 0, blocker: undefined, parked: undefined, byPulse: undefined } as const;

/** An overtaken run gets one more step done at most. */
const TAKE_TRIES = 3;

/** A death between a step and its event left a hole in the history. */
function tellMissing(session: Session & { events: readonly ObjectiveEvent[] }): void {
  const { events, plan } = session;
  if (!plan) return;
  if (!session.objective.planned) session.save({ planned: true });
  if (!events.some((event) => event.phase === 'plan' && event.status === 'active'))
    session.event({ turn: 0, phase: 'plan', status: 'active', tokens: 0, text: 'told late' });
  const told = new Set(
    events.filter((event) => event.phase === 'execute' && event.status === 'complete').map((event) => event.node),
  );
  for (const node of plan.nodes)
    if (node.status === 'complete' && !told.has(node.key))
      session.event({
        turn: 0,
        phase: 'execute',
        status: 'complete',
        node: node.key,
        tokens: 0,
        text: 'told late',
        evidence: node.evidence,
      });
}

function sourceOf(of: RunIdentity): ObjectiveSource {
  return set({
    loopId: of.loopId,
    loopName: of.loopName,
    loopRunId: of.runId,
    scheduledFor: of.scheduledFor,
    attempt: of.attempt,
    workflowId: of.workflowId,
    workflowName: of.workflowName,
    workflowRunId: of.workflowRunId,
    workflowStepId: of.workflowStepId,
  });
}

/** Without the fields that are undefined. */
const set = <T extends object>(value: Patch<T>): T =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;

type Hold = Session & { events: readonly ObjectiveEvent[]; adopt(planText: string): void };

function sessionOf(deps: RunDeps, { token, signal }: Opening, stored: Stored): Hold {
  const { disk } = deps;
  const { id } = stored.value;
  const events = readEvents(disk, id).rows;
  let seq = events.reduce((greatest, event) => Math.max(greatest, event.seq), 0);
  let { text } = stored;
  let planText: string | undefined;
  const began = monotonicMs() - stored.value.timeUsedMs;
  const iso = (): string => new Date(now()).toISOString();
  const scrub = disk.clean ?? scrubber(secretsOf(deps.env, []));
  const session: Hold = {
    deps,
    signal,
    token,
    events,
    objective: stored.value,
    plan: undefined,
    clean: (said) => scrub(said),
    adopt: (known) => {
      planText = known;
    },
    save(patch) {
      const timeUsedMs = Math.round(monotonicMs() - began);
      const next = set<Objective>({ ...session.objective, ...patch, timeUsedMs, updatedAt: iso() });
      text = replaceObjective(disk, text, next);
      session.objective = next;
    },
    saveNodes(nodes) {
      const next: ObjectivePlan = { format: FORMAT, createdAt: session.plan?.createdAt ?? iso(), token, nodes };
      if (planText !== undefined) planText = replacePlan(disk, id, planText, next);
      else planText = publishPlan(disk, id, next);
      session.plan = next;
    },
    event(event) {
      seq += 1;
      appendEvent(disk, id, { ...event, seq, at: iso() });
    },
    letGo(patch = {}, staysMarked = false) {
      // Somebody may have taken the mark away while it was without a record.
      if (staysMarked) markObjective(disk, id);
      session.save({ ...patch, owner: undefined });
      if (!staysMarked) unmarkObjective(disk, id);
    },
  };
  return session;
}
