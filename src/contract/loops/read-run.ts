/**
 * One run of a loop as verbs print it (loops spec 4.2): all attempts of one slot. Read from the slot's files while they are there,
 * which say what is under way; from the rows of the ledger when the slot was folded away or its loop removed.
 */
import { redacted } from '../../lib/redacted.js';
import { localDay } from '../../model/instant.js';
import { type RunRow, runStatus } from '../../model/run.js';
import type { Disk } from '../../store/disk.js';
import { attemptName } from '../../store/live.js';
import { type AttemptFiles, readOutputs, readSlot } from '../../store/slots.js';
import { defined } from '../views/loops.js';

export type PublicRun = Record<string, unknown>;

export interface RunWanted {
  loopId: string;
  loopName: string;
  /** `<loop id>-<slot key>`. */
  id: string;
  /** Milliseconds. */
  slot: number;
}

interface Shown {
  /** Show stdout and stderr as they are, instead of how long they are. */
  output: boolean;
}

/** Undefined when the slot has no files. */
export function runOfFiles(disk: Disk, run: RunWanted, shown: Shown): PublicRun | undefined {
  // What is told of a slot's state depends on its loop's spec, and is not asked for here.
  const { attempts } = readSlot(disk, { loop: run.loopId, slot: run.slot }, 1);
  const first = attempts[0];
  if (!first) return undefined;
  const all = attempts.map((files) => ofAttempt(files, outputs(readOutputs(disk, files.ref), shown)));
  return whole(run, all, createdAt(first));
}

/** `rows` are those of one run, at least one. */
export function runOfRows(disk: Disk, run: RunWanted, rows: readonly RunRow[], shown: Shown): PublicRun {
  const attempts = [...rows].sort((a, b) => (a.attempt ?? 1) - (b.attempt ?? 1));
  const all = attempts.map((row) => ofRow(row, outputs(keptOutputs(disk, row), shown)));
  return whole(run, all, iso(attempts[0]!.ts * 1_000));
}

/** The last attempt is the run; the earlier ones stay readable in it. */
function whole(run: RunWanted, attempts: PublicRun[], created: string): PublicRun {
  const last = attempts.at(-1)!;
  return defined({
    id: run.id,
    loopId: run.loopId,
    loopName: run.loopName,
    scheduledFor: iso(run.slot),
    ...last,
    createdAt: created,
    updatedAt: last['finishedAt'] ?? last['createdAt'],
    attempts: attempts.length > 1 ? attempts : undefined,
  });
}

function ofAttempt(files: AttemptFiles, output: PublicRun): PublicRun {
  const { ref, claim, lease, result } = files;
  const said = claim.state === 'present' ? claim.value : undefined;
  const isSkip = said?.kind === 'skip';
  const status = isSkip ? 'skipped' : (result?.status ?? 'running');
  return defined({
    attempt: ref.attempt,
    status,
    source: said?.source,
    startedAt: isSkip ? undefined : (result?.startedAt ?? lease?.childStartedAt),
    finishedAt: isSkip ? said?.createdAt : result?.finishedAt,
    claimedBy: said?.claimedBy,
    leaseExpiresAt: status === 'running' ? (lease?.leaseExpiresAt ?? said?.leaseExpiresAt) : undefined,
    pid: result?.pid ?? lease?.child?.pid,
    exitCode: result?.exitCode,
    durationMs: result?.durationMs,
    ...output,
    error: result?.error ?? said?.reason ?? (claim.state === 'present' ? undefined : `${claim.state} claim`),
    goalRunId: result?.goalRunId,
    workflowRunId: result?.workflowRunId ?? files.parked?.workflowRunId,
    accountProfile: result?.accountProfile,
    accountTool: result?.accountTool,
    createdAt: createdAt(files),
  });
}

function ofRow(row: RunRow, output: PublicRun): PublicRun {
  const status = runStatus(row);
  const began = iso(row.ts * 1_000);
  const finished = row.finished_ts === undefined ? undefined : iso(row.finished_ts * 1_000);
  return defined({
    attempt: row.attempt ?? 1,
    status,
    source: row.source,
    startedAt: status === 'skipped' ? undefined : began,
    finishedAt: status === 'running' ? undefined : (finished ?? iso(row.ts * 1_000 + row.duration_ms)),
    exitCode: row.exit_code,
    durationMs: status === 'skipped' || status === 'running' ? undefined : row.duration_ms,
    ...output,
    error: row.error,
    goalRunId: row.objective,
    workflowRunId: row.workflow_run,
    createdAt: began,
  });
}

/** Empty streams are left out. */
function outputs({ stdout, stderr }: { stdout: string; stderr: string }, { output }: Shown): PublicRun {
  const told = (text: string): string | undefined => (text === '' ? undefined : output ? text : redacted(text));
  return defined({ stdout: told(stdout), stderr: told(stderr) });
}

/** What was kept of a run that was folded away: in the ledger's directory of its day. */
function keptOutputs(disk: Disk, row: RunRow): { stdout: string; stderr: string } {
  const text = (stream: 'out' | 'err'): string => {
    for (const day of daysAround(row.ts)) {
      const read = disk.read(`runs/${day}/${row.id}/${attemptName(row.attempt ?? 1)}.${stream}`);
      if (read.state === 'present') return read.text;
    }
    return '';
  };
  return { stdout: text('out'), stderr: text('err') };
}

/** The local day on which it began, first; a machine that was carried to another zone had another one. */
const daysAround = (ts: number): string[] => [0, -1, 1].map((days) => localDay((ts + days * 86_400) * 1_000));

const createdAt = ({ claim }: AttemptFiles): string =>
  claim.state === 'present' ? claim.value.createdAt : iso(claim.at);
const iso = (ms: number): string => new Date(ms).toISOString();
