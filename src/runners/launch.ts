/**
 * Runs the command of one decision: `bash -c`, its own process group, stdin closed, a deadline, a cap on its output. When it
 * ends, everything that it started is gone with it.
 */
import { LIMITS } from '../model/limits.js';

export interface LaunchRequest {
  /** Shell text, its template filled. */
  shell: string;
  cwd: string;
  /** Complete environment, with `TEND_MARK`. */
  env: Readonly<Record<string, string>>;
  /** Given to stdin; absent: stdin is /dev/null. */
  input?: string;
  /** Seconds; 0 = no deadline. */
  timeoutS: number;
  /** Signals that it gets before KILL, gentlest first; TERM alone by default. */
  gentle?: readonly NodeJS.Signals[];
  signal?: AbortSignal;
}

export interface Launched {
  /** `exited` is the only end that can be a success, and only with code 0. */
  end: 'exited' | 'signal' | 'timeout' | 'aborted' | 'too-much-output' | 'not-started';
  exitCode: number | null;
  /** Why it did not start, which signal ended it, or which limit of output it met. */
  detail?: string;
  /** UTF-8, bytes that are none are replaced. */
  stdout: string;
  stderrTail: string;
  durationMs: number;
}

/** Never throws: whatever happened is in the result. */
export async function launch(request: LaunchRequest): Promise<Launched> {
  const { execBounded } = await import('../host/exec.js');
  const result = await execBounded({
    // Node's stdin pipe is a socket, which bash takes for a remote login and reads ~/.bashrc, unless it is told not to.
    argv: ['bash', '--norc', '-c', request.shell],
    cwd: request.cwd,
    env: request.env,
    ...(request.input === undefined ? {} : { input: request.input }),
    timeoutMs: request.timeoutS * 1_000,
    graceMs: LIMITS.stopGraceMs,
    ...(request.gentle ? { gentle: request.gentle } : {}),
    stdoutMaxBytes: LIMITS.runOutputBytes,
    // The message stands at the end: with the end cut off there is nothing left to read, and the model still costs.
    whenOver: 'kill',
    stderrTailBytes: LIMITS.runStderrBytes,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  const end = result.problem
    ? 'not-started'
    : result.timedOut
      ? 'timeout'
      : result.aborted
        ? 'aborted'
        : result.over || result.overStderr
          ? 'too-much-output'
          : result.exitCode === null
            ? 'signal'
            : 'exited';
  const limit = result.over ? `${LIMITS.runOutputBytes} bytes` : `${LIMITS.childStderrBytes} bytes on stderr`;
  const detail = end === 'too-much-output' ? limit : (result.problem ?? result.signal);
  return {
    end,
    exitCode: result.exitCode,
    ...(detail === undefined ? {} : { detail }),
    stdout: result.stdout.toString('utf8'),
    stderrTail: result.stderrTail,
    durationMs: result.durationMs,
  };
}
