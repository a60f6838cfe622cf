/**
 * A run with an objective instead of one plain run of its target: the target becomes the hands of each node. Loops, workflows and
 * steps with a goal all come through here; the same run of the same step always comes back to the same objective.
 */
import { monotonicMs, now, pause } from '../../host/clock.js';
import { messageOf, TendError } from '../../model/error.js';
import { localDay, unixSeconds } from '../../model/instant.js';
import type { ObjectiveConfig } from '../../model/loop.js';
import type { Objective, ObjectivePlan } from '../../model/objective.js';
import { logEvent } from '../../store/events.js';
import { recordRun, runRef } from '../../store/runs.js';
import type { Performed, PerformRequest, RunDeps, RunIdentity } from '../performer.js';
import type { Audit } from './audit.js';
import { objectiveRow } from './ledger-row.js';
import { MODEL_LIMIT_MS, type ModelTiming, objectiveModel } from './model-call.js';
import { publicGoal, publicNodes, rollup } from './public.js';
import { type Ending, type Hands, runObjective } from './run-objective.js';
import { openObjective, type Session } from './session.js';

/**
 * Runs the wrapped target once for one node. `identity` is the request's with `goalId`, `goalObjective`, `goalNodeKey` and
 * `goalNodeObjective`; a workflow has the node in its idempotency key. `promptSuffix` goes to agents as `PerformRequest.promptSuffix`.
 * `workflowRunId`: of a run by hand, the id that its workflow run is to have; the run of that id is gone on with when it is there.
 */
export type PerformNode = (identity: RunIdentity, promptSuffix: string, workflowRunId?: string) => Promise<Performed>;

/** Of the request that would be performed without an objective. */
export type ObjectiveRequest = Pick<PerformRequest, 'identity' | 'token' | 'signal'> & {
  /** What a node runs; without it a node costs no money that is not looked at where it is spent. */
  target?: Pick<PerformRequest['target'], 'type'>;
  /** Who runs it; `hand` and `pulse` have no attempt that would come back to it. */
  kind?: 'hand' | 'attempt' | 'pulse';
  /** The objective that the pulse goes on with, in place of the one that the identity names. */
  continues?: string;
};

const TIMING: ModelTiming = { pause, limitMs: MODEL_LIMIT_MS };

/**
 * Plans, executes and audits; comes back when it is over, or parked (a workflow of a node waits for a human: call again with the same
 * identity when that run has ended). Like a performer it never throws for what target, model or disk do, but for a lost lock.
 * stdout is one JSON object; `usage` is what agents in nodes used, while the calls that plan and audit are in the account already.
 */
export async function withObjective(
  deps: RunDeps,
  config: ObjectiveConfig,
  request: ObjectiveRequest,
  perform: PerformNode,
  timing = TIMING,
): Promise<Performed> {
  const began = monotonicMs();
  const took = (): number => Math.round(monotonicMs() - began);
  let session: Session | undefined;
  try {
    const model = await objectiveModel(deps, config, timing);
    if ('problem' in model) return failed(model.problem, took());
    const opened = openObjective(deps, { config: trimmed(config), ...request });
    const isAgent = request.target?.type === 'agent';
    const { identity, kind } = request;
    const namesRuns = kind === 'hand' || kind === 'pulse';
    const hands: Hands = { model, identity, isAgent, namesRuns, perform, used: { inputTokens: 0, outputTokens: 0 } };
    if (opened.state === 'done') return performedOf(opened.objective, opened.plan, { hands, durationMs: took() });
    session = opened.session;
    const ending = await runObjective(session, hands);
    if (ending.status === 'parked') {
      session.letGo(namesRuns ? { byPulse: true } : {}, namesRuns);
      return ending;
    }
    if (kind === 'pulse' && request.signal.aborted && ending.status !== 'complete') {
      // The pulse ends, and its next life goes on.
      session.letGo({}, true);
      return failed('the pulse was told to stop', took());
    }
    finish(session, ending, model.name);
    return performedOf(session.objective, session.plan, { hands, durationMs: took(), audit: ending.audit });
  } catch (error) {
    if (error instanceof TendError && error.code === 'fenced') throw error;
    if (session && request.kind === 'pulse') keepForPulse(session);
    else if (session) letGo(session, messageOf(error));
    const over = request.kind === 'pulse' ? undefined : session;
    return { ...failed(messageOf(error), took()), ...(over ? { goalRunId: over.objective.id } : {}) };
  }
}

/** After what nobody planned, e.g. a full disk: it shall not stay active in a process that lives on. */
function letGo(session: Session, reason: string): void {
  try {
    session.letGo({ status: 'blocked', reason });
  } catch {
    // The disk refuses this too, or another run has the objective: the next one that opens it sees what stands.
  }
}

/** The pulse tries again later. */
function keepForPulse(session: Session): void {
  try {
    session.letGo({}, true);
  } catch {
    // It stays ours until we are gone, or until the next look of this pulse: its controller knows what it is at.
  }
}

/** What loops, workflows and steps are handed, so that a run without a goal loads none of this. */
export type WithObjective = typeof withObjective;

/** Without what no environment of a child takes. */
const trimmed = (config: ObjectiveConfig): ObjectiveConfig => ({
  ...config,
  objective: config.objective.replaceAll('\u0000', '').trim(),
});

/** The status first, then history and ledger, then the hold is let go: whoever finds a dead owner writes what is missing. */
function finish(session: Session, { status, reason }: Exclude<Ending, { status: 'parked' }>, runner: string): void {
  const { disk } = session.deps;
  session.save({ status, reason });
  const { objective } = session;
  session.event({
    turn: objective.turn,
    phase: 'status',
    status,
    tokens: 0,
    ...(reason === undefined ? {} : { text: reason }),
  });
  recordRun(
    disk,
    runRef(localDay(Date.parse(objective.createdAt)), objective.id),
    objectiveRow(objective, unixSeconds(now()), runner),
  );
  logEvent(disk, now(), 'objective.ended', {
    objective: objective.id,
    status,
    ...(reason === undefined ? {} : { reason }),
  });
  session.letGo();
}

function performedOf(
  objective: Objective,
  plan: ObjectivePlan | undefined,
  of: { hands: Hands; durationMs: number; audit?: Audit | undefined },
): Performed {
  // What was only to be planned has done what was wanted of it.
  const isGood = objective.status === 'complete' || objective.status === 'paused';
  const { inputTokens, outputTokens, costUsd } = of.hands.used;
  return {
    status: isGood ? 'succeeded' : 'failed',
    exitCode: isGood ? 0 : 1,
    durationMs: of.durationMs,
    stdout: stdoutOf(objective, plan, of.audit),
    stderr: '',
    goalRunId: objective.id,
    ...(isGood ? {} : { error: objective.reason ?? objective.status }),
    ...(inputTokens + outputTokens === 0 && costUsd === undefined
      ? {}
      : { usage: { inputTokens, outputTokens, ...(costUsd === undefined ? {} : { costUsd }) } }),
  };
}

/** Performers keep the last 256 KiB of a stream, and half a JSON object is none. */
const STDOUT_BYTES_MAX = 240 * 1024;

/** With less and less evidence until it fits: all of it stands in the objective's own files. */
function stdoutOf(objective: Objective, plan: ObjectivePlan | undefined, validation: Audit | undefined): string {
  for (let chars = 8_192; ; chars = Math.floor(chars / 2)) {
    const evidence = Object.fromEntries(
      (plan?.nodes ?? []).flatMap(({ key, evidence: of }) =>
        of ? [[key, { ...of, stdout: end(of.stdout, chars), stderr: end(of.stderr, chars) }]] : [],
      ),
    );
    const text = `${JSON.stringify({ goal: publicGoal(objective), rollup: rollup(plan?.nodes ?? []), nodes: publicNodes(objective, plan), evidence, validation })}\n`;
    if (chars === 0 || Buffer.byteLength(text) <= STDOUT_BYTES_MAX) return text;
  }
}

const end = (text: string, chars: number): string => (chars === 0 ? '' : text.slice(-chars));

const failed = (error: string, durationMs: number): Performed => ({
  status: 'failed',
  exitCode: 1,
  durationMs,
  stdout: '',
  stderr: '',
  error,
});
