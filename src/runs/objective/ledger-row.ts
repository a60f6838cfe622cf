/** The row of an objective in the ledger. Pure; written again with the same id when it was opened again, and the last one counts. */
import { oneLine } from '../../lib/clip.js';
import { unixSeconds } from '../../model/instant.js';
import type { Objective } from '../../model/objective.js';
import type { RunRow } from '../../model/run.js';

/** What a row shows of a text. */
const SUMMARY_CHARS = 120;
/** Of an error (loops spec 6.5). */
const ERROR_CHARS = 512;

/** `finishedTs`: unix seconds. */
export function objectiveRow(objective: Objective, finishedTs: number, runner?: string): Omit<RunRow, 'format' | 'id'> {
  const { id, config, status, source, reason, timeUsedMs, createdAt } = objective;
  return {
    kind: 'objective',
    ts: unixSeconds(Date.parse(createdAt)),
    finished_ts: finishedTs,
    duration_ms: timeUsedMs,
    ok: status === 'complete' || status === 'paused',
    summary: `${status}: ${oneLine(config.objective, SUMMARY_CHARS)}`,
    status,
    objective: id,
    ...(runner === undefined ? {} : { runner }),
    ...(reason === undefined ? {} : { error: oneLine(reason, ERROR_CHARS) }),
    ...(source.loopId === undefined ? {} : { loop: source.loopId }),
    ...(source.loopName === undefined ? {} : { loop_name: source.loopName }),
    ...(source.scheduledFor === undefined ? {} : { slot: source.scheduledFor }),
    ...(source.attempt === undefined ? {} : { attempt: source.attempt }),
    ...(source.workflowId === undefined ? {} : { workflow: source.workflowId }),
    ...(source.workflowRunId === undefined ? {} : { workflow_run: source.workflowRunId }),
  };
}
