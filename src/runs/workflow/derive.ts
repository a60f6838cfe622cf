/** Files of a run → what became of it and of each step. Pure, and the only place that says so: no status is ever stored as a flag. */
import type { StepStatus, WorkflowRunStatus } from '../../model/workflow.js';
import type { RunResult, StepResult, WorkflowRun } from '../../model/workflow-run.js';
import type { Loaded } from '../../store/codec.js';
import type { StepFiles } from '../../store/workflow-runs.js';
import type { StepState } from './order.js';

/** One step of a run. Instants are ISO. */
export interface StepView {
  /** Place in the file, from 0. */
  index: number;
  id: string;
  status: StepStatus;
  /** Number of its last start; 0: it never started. */
  n: number;
  /** Mark of its processes. */
  token?: string;
  pid?: number;
  ask?: string;
  startedAt?: string;
  finishedAt?: string;
  durationMs?: number;
  exitCode?: number;
  error?: string;
  accountProfile?: string;
  accountTool?: string;
  goalRunId?: string;
  usage?: StepResult['usage'];
  /** It has a result of its own and no start. */
  passedOver?: boolean;
  files: StepFiles;
}

/** Every step in the order of the file. `end` is the run's result, where it has one. */
export function stepViews(run: WorkflowRun, files: readonly StepFiles[], end: Loaded<RunResult>): StepView[] {
  return run.workflow.steps.map((step, index) => {
    const of = files[index] ?? { n: 0, isVoid: false };
    const own = ownView(step.target.type, of);
    return { index, id: step.id, n: of.n, files: of, ...overridden(own, end) };
  });
}

type Own = Omit<StepView, 'index' | 'id' | 'n' | 'files'>;

function ownView(kind: string, { start, lease, ask, isVoid, result }: StepFiles): Own {
  const token = start?.state === 'present' ? start.value.token : undefined;
  const begun = {
    ...(token === undefined ? {} : { token }),
    ...(start?.state === 'present' ? { startedAt: start.value.at } : {}),
    ...(lease?.state === 'present' ? { pid: lease.value.child.pid } : {}),
    ...(ask?.state === 'present' ? { ask: ask.value.ask } : {}),
  };
  if (result?.state === 'present') {
    const { format: _format, token: _token, outBytes: _out, errBytes: _err, ...end } = result.value;
    return { ...begun, ...(end as Own), ...(start ? {} : { passedOver: true }) };
  }
  // A result that is damaged says that there was an end; what it was cannot be known, and nothing is repeated for that.
  if (result)
    return { ...begun, status: 'failed', error: `corrupt result: ${'reason' in result ? result.reason : ''}` };
  if (isVoid || !start) return { status: 'pending' };
  return { ...begun, status: kind === 'ask' ? 'waiting' : 'running' };
}

/** In a run that is over no step runs, waits or comes: it was cancelled with the run, or passed over. */
function overridden(own: Own, end: Loaded<RunResult>): Own {
  if (end.state === 'absent' || !['pending', 'running', 'waiting'].includes(own.status)) return own;
  const { pid: _pid, ...rest } = own;
  if (end.state !== 'present') return { ...rest, status: 'skipped', error: 'the end of the run cannot be read' };
  const why = end.value.error === undefined ? {} : { error: end.value.error };
  return { ...rest, status: end.value.status === 'cancelled' ? 'cancelled' : 'skipped', ...why, passedOver: true };
}

/** By step id, as the rules of order take them. */
export const stepStates = (views: readonly StepView[]): Map<string, StepState> =>
  new Map(
    views.map(({ id, status, finishedAt, error, passedOver }) => [
      id,
      {
        status,
        ...(finishedAt === undefined ? {} : { finishedAt: Date.parse(finishedAt) }),
        ...(error === undefined ? {} : { error }),
        ...(passedOver ? { passedOver } : {}),
      },
    ]),
  );

/** `isDriven`: a living process drives the run. Without one it waits when a step does, and is an orphan otherwise. */
export function runStatus(views: readonly StepView[], end: Loaded<RunResult>, isDriven: boolean): WorkflowRunStatus {
  if (end.state === 'present') return end.value.status;
  if (end.state !== 'absent') return 'failed';
  return !isDriven && views.some(({ status }) => status === 'waiting') ? 'waiting' : 'running';
}
