/**
 * Which step comes when, pure: a function of the steps as the file has them and of what became of each. The order is the same
 * whatever runs at the same time: depth first over the file, dependencies first (loops spec 7.3).
 */
import type { Step, StepStatus } from '../../model/workflow.js';

type Node = Pick<Step, 'id' | 'dependsOn'>;

/** Steps in the order in which they start when each takes its turn. Missing dependencies are passed over. */
export function stepOrder<T extends Node>(steps: readonly T[]): T[] {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const done = new Set<string>();
  const order: T[] = [];
  for (const root of steps) {
    // A stack of our own: a chain of a thousand steps is no reason to run out of the language's.
    const stack: { step: T; next: number }[] = done.has(root.id) ? [] : [{ step: root, next: 0 }];
    done.add(root.id);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const dependency = byId.get(top.step.dependsOn[top.next] ?? '');
      if (top.next >= top.step.dependsOn.length) {
        order.push(top.step);
        stack.pop();
      } else {
        top.next += 1;
        if (dependency && !done.has(dependency.id)) {
          done.add(dependency.id);
          stack.push({ step: dependency, next: 0 });
        }
      }
    }
  }
  return order;
}

/** The ids of one cycle, its first member again at the end; undefined when there is none. A step that names itself is no cycle here. */
export function findCycle(steps: readonly Node[]): string[] | undefined {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const state = new Map<string, 'open' | 'done'>();
  for (const root of steps) {
    const path: { step: Node; next: number }[] = [];
    const enter = (step: Node) => {
      state.set(step.id, 'open');
      path.push({ step, next: 0 });
    };
    if (!state.has(root.id)) enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const id = top.step.dependsOn[top.next++];
      if (id === undefined) {
        state.set(top.step.id, 'done');
        path.pop();
        continue;
      }
      const dependency = byId.get(id);
      if (!dependency || dependency.id === top.step.id) continue;
      const known = state.get(id);
      if (known === 'open') {
        const ids = path.map((entry) => entry.step.id);
        return [...ids.slice(ids.indexOf(id)), id];
      }
      if (known === undefined) enter(dependency);
    }
  }
  return undefined;
}

/** What is known of one step: its status, when it ended (milliseconds) and why it did not succeed. */
export interface StepState {
  status: StepStatus;
  finishedAt?: number;
  error?: string;
  /** It was passed over by the run, and did not choose so itself by its exit code. */
  passedOver?: boolean;
}

export interface NextSteps {
  /** To be started now, in this order, none beyond the free places. */
  start: string[];
  /** To be passed over for good. */
  skip: { id: string; reason: string }[];
  /** Asks that wait for an answer that changes nothing any more. */
  withdraw: { id: string; reason: string }[];
  /** How the run ends; absent while anything runs, waits or is to be started. */
  end?: { status: 'succeeded' | 'failed' | 'timed_out'; error?: string };
}

const OVER: readonly StepStatus[] = ['succeeded', 'failed', 'timed_out', 'skipped', 'cancelled'];
export const isOver = (status: StepStatus): boolean => OVER.includes(status);

/**
 * What is to be done next. `states` has every step by id. A step that waits for a human keeps its place: with one place
 * everything behind it waits for the answer, as it would for a command.
 */
export function nextSteps(
  workflow: { steps: readonly Step[]; maxParallel: number },
  states: ReadonlyMap<string, StepState>,
): NextSteps {
  const stateOf = (id: string): StepState => states.get(id) ?? { status: 'pending' };
  const byId = new Map(workflow.steps.map((step) => [step.id, step]));
  const order = stepOrder(workflow.steps);
  const next: NextSteps = { start: [], skip: [], withdraw: [] };
  const failure = firstFailure(order, stateOf);
  const running = order.filter(({ id }) => ['running', 'waiting'].includes(stateOf(id).status));
  if (failure) {
    const reason = errorOf(failure.step.id, failure.state);
    for (const { id } of order) {
      if (stateOf(id).status === 'pending') next.skip.push({ id, reason });
      if (stateOf(id).status === 'waiting') next.withdraw.push({ id, reason });
    }
    const busy = order.some(({ id }) => stateOf(id).status === 'running');
    if (!busy && next.skip.length === 0 && next.withdraw.length === 0)
      next.end = { status: failure.state.status === 'timed_out' ? 'timed_out' : 'failed', error: reason };
    return next;
  }
  let places = Math.max(0, workflow.maxParallel - running.length);
  for (const step of order) {
    if (stateOf(step.id).status !== 'pending') continue;
    const verdict = mayStart(step, stateOf, byId);
    if (verdict.skip !== undefined) next.skip.push({ id: step.id, reason: verdict.skip });
    else if (verdict.may && places > 0) {
      next.start.push(step.id);
      places -= 1;
    }
  }
  if (next.start.length > 0 || next.skip.length > 0 || running.length > 0) return next;
  next.end = endOf(order, stateOf);
  return next;
}

/** The failure that ends the run: of several at the same time the one that ended first. */
function firstFailure(
  order: readonly Step[],
  stateOf: (id: string) => StepState,
): { step: Step; state: StepState } | undefined {
  const failures = order
    .map((step) => ({ step, state: stateOf(step.id) }))
    .filter(({ step, state }) => !step.continueOnFailure && ['failed', 'timed_out'].includes(state.status));
  return failures.sort((a, b) => (a.state.finishedAt ?? 0) - (b.state.finishedAt ?? 0))[0];
}

function mayStart(
  step: Step,
  stateOf: (id: string) => StepState,
  byId: ReadonlyMap<string, Step>,
): { may: boolean; skip?: string } {
  let may = true;
  for (const id of step.dependsOn) {
    const { status } = stateOf(id);
    if (!isOver(status)) may = false;
    else if (status === 'cancelled' || (status !== 'succeeded' && !byId.get(id)?.continueOnFailure))
      return { may: false, skip: `its dependency ${id} was ${wordOf(status)}` };
  }
  return { may };
}

const wordOf = (status: StepStatus): string => (status === 'timed_out' ? 'timed out' : status);

/** Everything is over, and nothing failed that counts. A step that was passed over because of another one does count. */
function endOf(order: readonly Step[], stateOf: (id: string) => StepState): NonNullable<NextSteps['end']> {
  const lost = order.find(({ id }) => stateOf(id).status === 'skipped' && stateOf(id).passedOver);
  return lost ? { status: 'failed', error: errorOf(lost.id, stateOf(lost.id)) } : { status: 'succeeded' };
}

/** `step build failed: process exited with code 2`. */
export const errorOf = (id: string, { status, error }: StepState): string =>
  `step ${id} ${status}${error === undefined ? '' : `: ${error}`}`;
