/** A child on a real terminal: its own session and process group, raw bytes out, keys in. */
import { spawn } from '@lydell/node-pty';

export interface PtyRequest {
  file: string;
  args: readonly string[];
  cwd: string;
  /** The complete environment, with `TEND_MARK`. */
  env: Readonly<Record<string, string>>;
  columns: number;
  rows: number;
  onOutput: (bytes: Uint8Array) => void;
  /** Called once, after the last output. `code` null: a signal ended it. */
  onExit: (exit: { code: number | null; signal?: string }) => void;
}

export interface Pty {
  /** Also the process group: a pty child leads its own session. */
  readonly pid: number;
  write(data: string | Buffer): void;
  resize(columns: number, rows: number): void;
  /** Stops and resumes reading: the kernel then blocks the writer, so endless output cannot fill our memory. */
  pause(): void;
  resume(): void;
}

/** Starts it. Throws when no pty or process can be made. */
export function openPty(request: PtyRequest): Pty {
  const child = spawn(request.file, [...request.args], {
    name: 'xterm-256color',
    cols: request.columns,
    rows: request.rows,
    cwd: request.cwd,
    env: { ...request.env },
    encoding: null,
  });
  let over = false;
  // With `encoding: null` the library hands out bytes, whatever its types say.
  child.onData((data) => request.onOutput(data as unknown as Uint8Array));
  child.onExit(({ exitCode, signal }) => {
    over = true;
    request.onExit(signal ? { code: null, signal: signalName(signal) } : { code: exitCode });
  });
  return {
    pid: child.pid,
    write: (data) => {
      // The child may be gone while keys are under way: they have nowhere to go.
      if (!over) child.write(data as string);
    },
    resize: (columns, rows) => {
      if (!over) child.resize(columns, rows);
    },
    pause: () => child.pause(),
    resume: () => child.resume(),
  };
}

/** Numbers that are the same on Linux and macOS; others are given as they are. */
const NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};

const signalName = (signal: number): string => NAMES[signal] ?? `signal ${signal}`;
