/** From any id that a person has at hand to the objective it belongs to. Reads only. */
import type { Objective } from '../../model/objective.js';
import type { Disk } from '../../store/disk.js';
import { isObjectiveId, newestObjective, objectiveKey, readEvents, readObjective } from '../../store/objectives.js';
import { cannotRead } from '../../store/unreadable.js';
import { readRun, workflowRunRef } from '../../store/workflow-runs.js';

/** The objective of this id; undefined when there is none. Throws when its record cannot be read. */
export function objectiveOf(disk: Disk, id: string): Objective | undefined {
  if (!isObjectiveId(id)) return undefined;
  const read = readObjective(disk, id);
  if (read.state === 'present') return read.value;
  if (read.state === 'absent') return undefined;
  throw cannotRead(disk, `show goal "${id}"`, { key: objectiveKey(id), reason: read.reason });
}

/** By its own id, that of one of its events, of a loop run, a workflow run or a step run. The newest of several. */
export function objectiveOfRun(disk: Disk, word: string): Objective | undefined {
  return (
    objectiveOf(disk, word) ??
    ofEvent(disk, word) ??
    newestObjective(disk, ({ source }) => source.loopRunId === word && source.workflowStepId === undefined) ??
    newestObjective(disk, ({ source }) => source.loopRunId === word) ??
    ofWorkflowRun(disk, word) ??
    ofStepRun(disk, word)
  );
}

function ofEvent(disk: Disk, word: string): Objective | undefined {
  const [, id, seq] = /^([^.]+)\.(\d+)$/.exec(word) ?? [];
  const objective = id === undefined ? undefined : objectiveOf(disk, id);
  return objective && readEvents(disk, objective.id).rows.some((event) => event.seq === Number(seq))
    ? objective
    : undefined;
}

/** A run that was made for a node names the objective; one whose steps have goals is named by them. */
function ofWorkflowRun(disk: Disk, word: string): Objective | undefined {
  if (!workflowRunRef(word)) return undefined;
  const run = readRun(disk, word);
  const named =
    run.state === 'present' && run.value.goalId !== undefined ? objectiveOf(disk, run.value.goalId) : undefined;
  return named ?? newestObjective(disk, ({ source }) => source.workflowRunId === word);
}

/** `<workflow run>-NN`: the NNth of its steps, counted from 0. */
function ofStepRun(disk: Disk, word: string): Objective | undefined {
  const [, id, n] = /^(.+)-(\d{2,})$/.exec(word) ?? [];
  if (id === undefined || !workflowRunRef(id)) return undefined;
  const run = readRun(disk, id);
  const step = run.state === 'present' ? run.value.workflow.steps[Number(n)] : undefined;
  return (
    step && newestObjective(disk, ({ source }) => source.workflowRunId === id && source.workflowStepId === step.id)
  );
}
