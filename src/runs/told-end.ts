/** From how a child ended to what is told of the attempt (loops spec 8.6 to 8.10): status, error and output without secrets. */
import type { BoundedResult } from '../host/bounded-child.js';
import type { Kept } from '../host/kept-stream.js';
import { LOOP_DEFAULTS } from '../model/loop.js';
import type { Performed } from './performer.js';

export type Ended = Exclude<Performed, { status: 'parked' }>;

/** Kept of the end of each stream, and of the beginning of one that was longer. */
export const TAIL_BYTES = 256 * 1024;
export const HEAD_BYTES = 8 * 1024;

/** The first that was asked for, else what every target gets. */
export const timeoutOf = (...asked: (number | undefined)[]): number =>
  asked.find((ms) => ms !== undefined) ?? LOOP_DEFAULTS.timeoutMs;

/** An attempt that ended before anything was started. */
export const notStarted = (error: string): Ended => ({
  status: 'failed',
  durationMs: 0,
  stdout: '',
  stderr: '',
  error,
});

export interface EndTerms {
  timeoutMs: number;
  idleMs?: number | undefined;
  /** The program, for what could not be started. */
  program: string;
  skipExit?: number | undefined;
  scrub(text: string): string;
}

export function toldEnd(end: BoundedResult, { scrub, ...terms }: EndTerms): Ended {
  const { status, error } = outcomeOf(end, terms);
  const head = end.stdout.head;
  return {
    status,
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    ...(end.pid === undefined ? {} : { pid: end.pid }),
    durationMs: end.durationMs,
    stdout: textOf(end.stdout, scrub),
    stderr: textOf(end.stderr, scrub),
    ...(head === undefined ? {} : { head: scrub(head) }),
    ...(error === undefined ? {} : { error }),
  };
}

type Outcome = Pick<Ended, 'status' | 'error'>;

function outcomeOf(end: BoundedResult, terms: Omit<EndTerms, 'scrub'>): Outcome {
  if (end.problem !== undefined)
    return { status: 'failed', error: `Cannot start ${JSON.stringify(terms.program)}: ${end.problem}` };
  if (end.ended === 'timeout') return { status: 'timed_out', error: `timed out after ${terms.timeoutMs}ms` };
  if (end.ended === 'idle') return { status: 'timed_out', error: `timed out after ${terms.idleMs}ms without output` };
  if (end.ended === 'abort') return { status: 'failed', error: 'cancelled' };
  if (end.signal !== undefined) return { status: 'failed', error: `terminated by ${end.signal}` };
  if (end.exitCode === 0) return { status: 'succeeded' };
  if (end.exitCode === terms.skipExit) return { status: 'skipped', error: `skipped with exit code ${end.exitCode}` };
  return { status: 'failed', error: `process exited with code ${end.exitCode}` };
}

function textOf({ text, dropped }: Kept, scrub: (text: string) => string): string {
  const clean = text === '' ? '' : scrub(text);
  return dropped > 0 ? `[truncated ${dropped} bytes]\n${clean}` : clean;
}
