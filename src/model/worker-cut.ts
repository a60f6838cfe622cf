/**
 * Whether the session of a dead worker was cut, and with what it could go on. Pure. Nothing begins by itself from here: it is a fact that a
 * decider and a human may act on.
 */
import { LIMITS } from './limits.js';
import type { WorkerCut, WorkerSpec, WorkerStatus } from './worker.js';

/** The last number of a signal: an exit code of 128 and up to it is how a shell tells that a signal ended its child. */
const SIGNAL_MAX = 31;

export interface KnownSession {
  /** The CLI's own id. */
  id: string;
  runner: string;
  /** Generation in which it began. */
  first: string;
  /** How often it has been resumed. */
  resumed: number;
}

type Known = { spec?: WorkerSpec | undefined; status?: WorkerStatus | undefined };

/** The session of this worker's present generation: what its supervisor has told, else what it was to go on with. */
export function sessionOf({ spec, status }: Known): KnownSession | undefined {
  const resume = spec?.resume;
  const id = status?.session ?? resume?.session;
  const runner = status?.runner ?? resume?.runner;
  const generation = spec?.generation ?? status?.generation;
  if (id === undefined || runner === undefined || generation === undefined) return undefined;
  return { id, runner, first: resume?.first ?? generation, resumed: resume?.count ?? 0 };
}

/**
 * What cut the session of a worker of which nothing lives, in words. Undefined: it came to an end of its own, or somebody wanted it to end.
 */
export function cutBy({ spec, status }: Known): string | undefined {
  if (!spec || !status || spec.desired !== 'running') return undefined;
  if (status.state === 'starting' || status.state === 'running') return 'its supervisor died';
  const { state, exit_code: code, signal, message } = status;
  if (state === 'exited')
    return code !== null && code > 128 && code <= 128 + SIGNAL_MAX
      ? `its agent was ended by signal ${code - 128}`
      : undefined;
  if (state === 'killed') return signal === undefined ? (message ?? 'it was ended') : `it was ended by ${signal}`;
  // What never had a process has no session of its own, but may have been on its way to an earlier one.
  return status.child_pid === null && !spec.resume ? undefined : (message ?? 'its supervisor died');
}

/** For a worker of which nothing lives. Undefined: there is nothing that could be resumed. */
export function cutOf(known: Known): WorkerCut | undefined {
  const session = sessionOf(known);
  const why = cutBy(known);
  if (!session || why === undefined || known.status?.no_resume !== undefined) return undefined;
  return { why, resumed: session.resumed, left: Math.max(0, LIMITS.workerResumes - session.resumed) };
}
