/** A new run of a workflow: its key, its marker, its record, in this order, so that a death in between leaves nothing half. */
import { now } from '../../host/clock.js';
import { FORMAT } from '../../model/record.js';
import type { Workflow } from '../../model/workflow.js';
import type { WorkflowRun } from '../../model/workflow-run.js';
import type { Disk } from '../../store/disk.js';
import { cannotRead } from '../../store/unreadable.js';
import {
  claimKey,
  markLive,
  newWorkflowRunId,
  publishRun,
  readRun,
  unmarkLive,
  workflowRunRef,
} from '../../store/workflow-runs.js';
import type { RunIdentity } from '../performer.js';
import { present } from './findings.js';
import { tell } from './tell.js';

export interface RunDraft {
  workflow: Workflow;
  /** Of the loop whose attempt it is; empty for a run by hand. */
  identity: RunIdentity;
  timeoutMs?: number;
  promptSuffix?: string;
  /** Of a run without a key: the id that it is to have, so that it is the same run when it is begun again. */
  id?: string;
}

/** `loop:slot:attempt:N`, with the node of a loop's objective; undefined for a run by hand, which may be repeated. */
export function idempotencyKey(of: RunIdentity): string | undefined {
  if (of.loopId === undefined || of.scheduledFor === undefined) return undefined;
  const node = of.goalNodeKey === undefined ? '' : `:goal:${of.goalNodeKey}`;
  return `${of.loopId}:${of.scheduledFor}:attempt:${of.attempt ?? 1}${node}`;
}

/** The run of this draft: a new one, or the one that its key had before. */
export function beginRun(
  disk: Disk,
  { workflow, identity, timeoutMs, promptSuffix, id: wanted }: RunDraft,
): WorkflowRun {
  const at = now();
  const key = idempotencyKey(identity);
  const fresh = newWorkflowRunId(at);
  const id = key === undefined ? (wanted ?? fresh) : claimKey(disk, key, fresh);
  const known = id === fresh ? undefined : presentRun(disk, id);
  if (known) return known;
  const run: WorkflowRun = present({
    format: FORMAT,
    id,
    workflow,
    loopId: identity.loopId,
    loopName: identity.loopName,
    loopRunId: identity.runId,
    scheduledFor: identity.scheduledFor,
    attempt: identity.attempt,
    idempotencyKey: key,
    goalId: identity.goalId,
    goalNodeKey: identity.goalNodeKey,
    promptSuffix,
    timeoutMs,
    startedAt: new Date(at).toISOString(),
  }) as WorkflowRun;
  markLive(disk, id);
  if (publishRun(disk, run)) {
    tell(disk, id, { type: 'created' }, at);
    return run;
  }
  // Another process has the same key and was first.
  const other = presentRun(disk, id);
  if (other) return other;
  unmarkLive(disk, id);
  throw cannotRead(disk, `begin workflow run "${id}"`, {
    key: `${workflowRunRef(id)?.dir}/run.json`,
    reason: 'it is gone',
  });
}

function presentRun(disk: Disk, id: string): WorkflowRun | undefined {
  const read = readRun(disk, id);
  if (read.state === 'absent') return undefined;
  if (read.state === 'present') return read.value;
  throw cannotRead(disk, `go on with workflow run "${id}"`, {
    key: `${workflowRunRef(id)?.dir}/run.json`,
    reason: read.reason,
  });
}
