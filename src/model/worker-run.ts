/** Rows of the ledger about one life of a worker: how it ended, and what the verify said that judged it. Pure. */
import { oneLine } from '../lib/clip.js';
import { FORMAT } from './record.js';
import type { RunRow } from './run.js';
import type { WorkerStatus, WorkerUsage, WorkerVerdict } from './worker.js';

export type WorkerRunKind = 'worker' | 'verify';

/** A row is about 500 bytes; the whole message stands in the status, the whole output in the verdict. */
const ERROR_CHARS = 512;

/** Id of one life of a worker, or of the verify that judged it. That of a life is its run in the ledger of money, too. */
export const workerRunId = (kind: WorkerRunKind, generation: string): string => `${kind}-${generation}`;

/** The other way round. */
export const generationOfRun = ({ id }: Pick<RunRow, 'id'>): string => id.slice(id.indexOf('-') + 1);

/**
 * The row of a life that has ended. `usage`: dollars and tokens as its CLI reported them, of this life alone; an estimate is no fact about a run
 * and stands in the ledger of money only.
 */
export function workerRow(status: WorkerStatus, usage: WorkerUsage | undefined): RunRow {
  const { id, exit_code: code, started_ts: began, ended_ts: end = began } = status;
  const ok = status.state === 'exited' && code === 0;
  const word = ok ? 'succeeded' : status.state === 'killed' ? 'killed' : 'failed';
  const why = [code === null || code === 0 ? undefined : `exit code ${code}`, status.message].filter(Boolean);
  return {
    ...endRow('worker', status, { id, word, error: ok ? '' : why.join(', ') }),
    ts: began,
    // Whole seconds of the wall clock, where no supervisor lived to say it better.
    duration_ms: status.duration_ms ?? Math.max(0, end - began) * 1_000,
    finished_ts: end,
    ...(status.runner === undefined ? {} : { runner: status.runner }),
    ...(usage?.usd === undefined ? {} : { usd: usage.usd }),
    ...(usage?.input_tokens === undefined ? {} : { input_tokens: usage.input_tokens }),
    ...(usage?.output_tokens === undefined ? {} : { output_tokens: usage.output_tokens }),
  };
}

/** The row of what judged worker `id`. */
export function verifyRow(id: string, verdict: WorkerVerdict): RunRow {
  const { ok, exit_code: code, ts, duration_ms: took = 0 } = verdict;
  const word = ok ? 'succeeded' : verdict.timed_out ? 'timed_out' : 'failed';
  const last = verdict.output.trimEnd().split('\n').at(-1)?.trim();
  const why = [code === null || verdict.timed_out ? undefined : `exit code ${code}`, last].filter(Boolean);
  return {
    ...endRow('verify', verdict, { id, word, error: ok ? '' : why.join(': ') }),
    ts,
    duration_ms: took,
    finished_ts: ts + Math.floor(took / 1_000),
    runner: 'command',
  };
}

/** What is under way: a life that has not ended. */
export const openWorkerRow = (status: WorkerStatus): RunRow => ({
  ...endRow('worker', status, { id: status.id, word: 'running', error: '' }),
  ts: status.started_ts,
  duration_ms: 0,
  summary: `${status.id}: under way`,
  ...(status.runner === undefined ? {} : { runner: status.runner }),
});

function endRow(
  kind: WorkerRunKind,
  { generation, exit_code: code }: Pick<WorkerStatus, 'generation' | 'exit_code'>,
  { id, word, error: whole }: { id: string; word: string; error: string },
): Omit<RunRow, 'ts' | 'duration_ms'> {
  const error = whole === '' ? undefined : oneLine(whole, ERROR_CHARS);
  const said = kind === 'verify' ? `verify ${word}` : word;
  return {
    format: FORMAT,
    id: workerRunId(kind, generation),
    kind,
    ok: word === 'succeeded',
    summary: oneLine(`${id}: ${said}${error === undefined ? '' : `, ${error}`}`, ERROR_CHARS),
    worker: id,
    status: word,
    ...(code === null ? {} : { exit_code: code }),
    ...(error === undefined ? {} : { error }),
  };
}
