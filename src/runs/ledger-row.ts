/**
 * Step 8 of an attempt: its one row in the ledger of the day on which it began. A row that may be there already is looked for
 * first; readers count the last row of an attempt in any case.
 */
import { clip, oneLine } from '../lib/clip.js';
import { localDay, unixSeconds } from '../model/instant.js';
import { type AttemptResult, type Claim, loopRunId } from '../model/loop.js';
import { runRowSchema } from '../model/run.js';
import { parseRows } from '../store/codec.js';
import type { Disk } from '../store/disk.js';
import type { AttemptRef } from '../store/live.js';
import { recordDerivedRun, recordRun, runRef } from '../store/runs.js';
import type { AttemptDeps } from './attempt-deps.js';
import type { Performed } from './performer.js';

/** A row is about 500 bytes; longer errors stand in the result. */
const ERROR_CHARS = 512;
/** Rows after ours since its owner died: the newest 2,000 of the day are looked at. */
const LOOK_BYTES = 1024 * 1024;

export interface RowOf {
  ref: AttemptRef;
  loopName: string;
  claim: Pick<Claim, 'createdAt' | 'source' | 'kind' | 'reason'>;
  /** Absent: a skip. */
  result?: AttemptResult;
  /** `command`, the agent's provider, or `workflow`. */
  runner: string;
  usage?: Extract<Performed, { usage?: unknown }>['usage'];
  /** Claim and result are gone, or go next: nobody could write the row anew. */
  isLastTrace?: boolean;
}

/** Adds the row. `ifMissing`: somebody may have added it before they died. */
export function ledgerRow(deps: Pick<AttemptDeps, 'disk' | 'now'>, of: RowOf, ifMissing = false): void {
  const { ref, claim, result, usage } = of;
  const began = Date.parse(result?.startedAt ?? claim.createdAt);
  const at = Number.isNaN(began) ? deps.now() : began;
  const run = runRef(localDay(at), loopRunId(ref.loop, ref.slot));
  if (ifMissing && hasRow(deps.disk, run.day, { id: run.id, attempt: ref.attempt })) return;
  const status = result?.status ?? 'skipped';
  const error = result ? result.error : claim.reason;
  const finished = Date.parse(result?.finishedAt ?? claim.createdAt);
  // Folding looks whether the row is there while the files of the slot still are; what was used stands nowhere else among them. Who
  // asked for a run is told its end, and may look for its row at once.
  const record = of.isLastTrace || usage || claim.source !== 'schedule' ? recordRun : recordDerivedRun;
  record(deps.disk, run, {
    kind: 'loop',
    ts: unixSeconds(at),
    duration_ms: result?.durationMs ?? 0,
    ok: status === 'succeeded',
    summary: oneLine(`${of.loopName}: ${status}${error === undefined ? '' : `, ${error}`}`, ERROR_CHARS),
    runner: of.runner,
    loop: ref.loop,
    loop_name: of.loopName,
    slot: new Date(ref.slot).toISOString(),
    attempt: ref.attempt,
    status,
    source: claim.source,
    finished_ts: unixSeconds(Number.isNaN(finished) ? at : finished),
    ...(error === undefined ? {} : { error: clip(error, ERROR_CHARS) }),
    ...(result?.exitCode === undefined ? {} : { exit_code: result.exitCode }),
    ...(result ? { out_bytes: result.outBytes, err_bytes: result.errBytes } : {}),
    ...(result?.workflowRunId === undefined ? {} : { workflow_run: result.workflowRunId }),
    ...(result?.goalRunId === undefined ? {} : { objective: result.goalRunId }),
    ...(usage?.costUsd === undefined ? {} : { usd: usage.costUsd }),
    ...(usage?.inputTokens === undefined ? {} : { input_tokens: usage.inputTokens }),
    ...(usage?.outputTokens === undefined ? {} : { output_tokens: usage.outputTokens }),
  });
}

function hasRow(disk: Disk, day: string, of: { id: string; attempt: number }): boolean {
  const read = disk.tail(`runs/${day}.ndjson`, LOOK_BYTES);
  if (read.state !== 'present') return false;
  // Parsed only where the id stands: a day may have thousands of rows.
  const lines = read.text.split('\n').filter((line) => line.includes(of.id));
  return parseRows(lines.join('\n'), runRowSchema).rows.some((row) => row.id === of.id && row.attempt === of.attempt);
}
