/** Starts a process that belongs to nobody: own session, no descriptor of ours, and it lives on when we end. */
import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { shellQuote } from '../lib/shell-quote.js';
import { messageOf, TendError } from '../model/error.js';

export interface DetachRequest {
  argv: readonly [string, ...string[]];
  cwd: string;
  /** The complete environment. */
  env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of a file that takes stdout and stderr (a crash must leave a trace); absent: /dev/null. */
  logPath?: string;
}

/** Resolves with the pid once the process exists; rejects when it cannot be started. Nobody waits for its end. */
export async function detach(request: DetachRequest): Promise<number> {
  const [file, ...args] = request.argv;
  const log = request.logPath === undefined ? undefined : openLog(request.logPath);
  const out = log ?? 'ignore';
  return new Promise<number>((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: request.cwd,
      env: request.env,
      detached: true,
      stdio: ['ignore', out, out],
    });
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      resolve(child.pid!);
    });
  }).finally(() => {
    if (log !== undefined) closeSync(log);
  });
}

/** Opens without waiting (a pipe would keep us for ever) and never through a link, which could lead to any file of the user's. */
function openLog(path: string): number {
  const flags =
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK | constants.O_NOFOLLOW;
  let why: unknown;
  try {
    const fd = openSync(path, flags | constants.O_NOCTTY, 0o600);
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
  } catch (error) {
    why = error;
  }
  throw new TendError(
    'environment',
    `Cannot write the log "${path}": ${why ? messageOf(why) : 'it is no regular file'}`,
    {
      code: 'no-log',
      hint: `ls -ld ${shellQuote(path)}`,
    },
  );
}

/** How this very program is run again: the same Node with the same options (a loader in development), and `bin`. */
export const selfArgv = (bin: string): [string, ...string[]] => [process.execPath, ...process.execArgv, bin];

/**
 * V8 lets short-lived garbage grow to 16 MB, three times over, before it looks: a pulse of 60 beats held 91 MB so and holds 68 MB
 * with 1, for 2 ms of work a beat. Children that run this program again inherit it: supervisors are residents too.
 */
const SMALL_HEAP = '--max-semi-space-size=1';

/** As `selfArgv`, for a process that stays: its memory counts for more than its speed. */
export const residentArgv = (bin: string): [string, ...string[]] => [
  process.execPath,
  ...process.execArgv.filter((option) => option !== SMALL_HEAP),
  SMALL_HEAP,
  bin,
];
