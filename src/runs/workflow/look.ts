/** One look at everything that a run's files say. Reads only. */
import { refused } from '../../model/error.js';
import type { WorkflowRunStatus } from '../../model/workflow.js';
import type { RunResult, WorkflowRun } from '../../model/workflow-run.js';
import type { Loaded } from '../../store/codec.js';
import type { Disk } from '../../store/disk.js';
import { cannotRead } from '../../store/unreadable.js';
import { readResult, readRun, readStepFiles, workflowRunRef } from '../../store/workflow-runs.js';
import { runStatus, type StepView, stepViews } from './derive.js';
import { type OwnerLife, ownerLife } from './own.js';

export interface RunLook {
  run: WorkflowRun;
  steps: StepView[];
  end: Loaded<RunResult>;
  owner: OwnerLife;
  status: WorkflowRunStatus;
  /** Unfinished, waits for nobody, and nothing drives it. */
  orphaned: boolean;
}

/** The run of this id. Throws `no-workflow-run` when there is none, and when its record cannot be read. */
export function lookAtRun(disk: Disk, id: string, doing: string): RunLook {
  const ref = workflowRunRef(id);
  const run = ref ? readRun(disk, id) : ({ state: 'absent' } as const);
  if (run.state === 'absent' || !ref)
    throw refused(
      'no-workflow-run',
      `Cannot ${doing} workflow run ${JSON.stringify(id)}: there is none of that id`,
      'tend workflows runs',
    );
  if (run.state !== 'present')
    throw cannotRead(disk, `${doing} workflow run "${id}"`, { key: `${ref.dir}/run.json`, reason: run.reason });
  return lookAt(disk, run.value);
}

export function lookAt(disk: Disk, run: WorkflowRun): RunLook {
  // The end is read first: steps that end after it was published belong to nobody.
  const end = readResult(disk, run.id);
  const owner = ownerLife(disk, run.id);
  const steps = stepViews(
    run,
    run.workflow.steps.map((_step, index) => readStepFiles(disk, run.id, index)),
    end,
  );
  const isDriven = owner.state === 'alive' || owner.state === 'unknown';
  const status = runStatus(steps, end, isDriven);
  return { run, steps, end, owner, status, orphaned: status === 'running' && !isDriven };
}
