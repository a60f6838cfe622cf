/** Could each timed loop that is to run start on this machine as it is now? For check-ups: starts no target, changes nothing. */
import { messageOf } from '../model/error.js';
import type { LoopSpec, ObjectiveConfig } from '../model/loop.js';
import type { Workflow } from '../model/workflow.js';
import { readLoops } from '../store/loops.js';
import { liveWorkflowRuns, readRun } from '../store/workflow-runs.js';
import { readWorkflowRecord } from '../store/workflows.js';
import type { RunDeps } from './performer.js';
import { lookAt } from './workflow/look.js';
import { preflight } from './workflow/preflight.js';

export interface LoopReadiness {
  id: string;
  name: string;
  /** Only active loops are to start; a broken one is told as well. */
  state: 'active' | 'broken';
  /** Why it could not be started, or read. */
  problem?: string;
  /** It, or a step of its workflow, names an account profile. */
  wantsAccounts: boolean;
  /** An objective of it is planned by a model that needs a key. */
  wantsKey: boolean;
  /** When its state was written, milliseconds. */
  stateAt?: number;
}

/** One after another: `accounts` is asked for each loop that names a profile. */
export async function loopsReadiness(deps: RunDeps, signal: AbortSignal): Promise<LoopReadiness[]> {
  const found: LoopReadiness[] = [];
  for (const entry of readLoops(deps.disk)) {
    if (entry.state !== 'ok') {
      const name = entry.name ?? entry.id;
      found.push({ id: entry.id, name, state: 'broken', problem: entry.reason, wantsAccounts: false, wantsKey: false });
    } else if (entry.loopState.status === 'active' && entry.spec.archived !== true)
      found.push({ ...(await readiness(deps, entry.spec, signal)), stateAt: Date.parse(entry.loopState.updatedAt) });
  }
  return found;
}

async function readiness(deps: RunDeps, spec: LoopSpec, signal: AbortSignal): Promise<LoopReadiness> {
  const own = { id: spec.id, name: spec.name, state: 'active' as const };
  const flow = workflowOf(deps, spec);
  if ('problem' in flow)
    return { ...own, problem: flow.problem, wantsAccounts: false, wantsKey: needsKey(deps, [spec.goal]) };
  const targets = flow.steps.map(({ target }) => target);
  const wants = {
    wantsAccounts: targets.some((target) => 'account' in target && target.account !== undefined),
    wantsKey: needsKey(deps, [spec.goal, flow.goal, ...flow.steps.map(({ goal }) => goal)]),
  };
  try {
    const ready = await preflight(deps, flow, signal);
    return { ...own, ...wants, ...(ready.problem === undefined ? {} : { problem: ready.problem }) };
  } catch (error) {
    return { ...own, ...wants, problem: messageOf(error) };
  }
}

type Flow = Pick<Workflow, 'steps' | 'name' | 'goal'>;

/** A loop over a command or an agent is looked at as a workflow of one step. */
function workflowOf({ disk }: RunDeps, { target, name }: LoopSpec): Flow | { problem: string } {
  if (target.type !== 'workflow')
    return { name, steps: [{ id: name, target, dependsOn: [], continueOnFailure: false }] };
  const read = readWorkflowRecord(disk, target.workflowId);
  if (read.state === 'absent') return { problem: `workflow "${target.workflowId}" does not exist` };
  if (read.state !== 'present') return { problem: `workflow "${target.workflowId}": ${read.reason}` };
  return read.value.status === 'active' ? read.value : { problem: `workflow "${read.value.name}" is archived` };
}

/** A model of ours, `runner:…`, needs none. */
const needsKey = ({ env }: RunDeps, goals: readonly (ObjectiveConfig | undefined)[]): boolean =>
  goals.some(
    (goal) => goal && !(goal.model ?? env['TEND_GOAL_MODEL'] ?? env['LOOPS_GOAL_MODEL'] ?? '').startsWith('runner:'),
  );

/** Ids of workflow runs that are unfinished, wait for nobody, and have nothing that drives them. */
export const orphanedRuns = ({ disk }: Pick<RunDeps, 'disk'>): string[] =>
  liveWorkflowRuns(disk).filter((id) => {
    const run = readRun(disk, id);
    return run.state === 'present' && lookAt(disk, run.value).orphaned;
  });
