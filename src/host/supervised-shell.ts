/**
 * The caller's side of a supervised shell command: start it unless it was started, and wait for its record. May be done by any
 * process, any number of times, after any death: the names in the run dir decide, not who asks.
 */
import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import { unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { FORMAT } from '../model/record.js';
import { type ExitRecord, exitRecordSchema, type ShellStarted, shellStartedSchema } from '../model/run.js';
import { askBeacon, sweepBeacon } from './beacon.js';
import { monotonicMs, now } from './clock.js';
import { detach, selfArgv } from './detach.js';
import { findMarked, signalProcess, stopTree } from './kill.js';
import { publishFile, readRecord } from './publish-file.js';

/** Backstop behind file events; the longest that a lost event costs. */
const POLL_MS = 200;

export interface ShellLaunch {
  /** Absolute path of the `tend` program. */
  bin: string;
  /** The complete environment of the command, `TEND_MARK` included; passed on by environment, never in argv. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** SHA-256 of the text of `command.json` that shall run; the supervisor runs nothing else. Absent: whatever lies there. */
  digest?: string;
}

/**
 * Starts a supervisor for a run dir that holds `command.json`, unless one has begun. Resolves with the pid of a new one.
 * Rejects when no process can be started.
 */
export async function ensureShell(runDir: string, launch: ShellLaunch): Promise<number | undefined> {
  if (readRecord(join(runDir, 'started.json'), shellStartedSchema).state !== 'absent') return undefined;
  const argv: [string, ...string[]] = [...selfArgv(launch.bin), '__shell', '--run-dir', runDir];
  if (launch.digest !== undefined) argv.push('--digest', launch.digest);
  // The supervisor has a mark of its own: ending the command by its mark must not end the one who reports it.
  const env = { ...launch.env, TEND_MARK: supervisorMark(launch.env['TEND_MARK'] ?? '') };
  return detach({ argv, cwd: launch.cwd, env, logPath: join(runDir, 'supervisor.log') });
}

const supervisorMark = (mark: string): string => `supervisor-${mark}`;

export type ShellEnd =
  | { state: 'exited'; exit: ExitRecord }
  /** Its supervisor died without a record: what the command did is not known, and it is never run again. */
  | { state: 'interrupted'; reason: string }
  /** Proven: nothing ever ran, and nothing will. */
  | { state: 'not-started'; reason: string }
  /** `signal` fired while it runs: it goes on, and can be waited for again. */
  | { state: 'left-running' };

export interface AwaitShell {
  /** Mark of the command: what outlives a dead supervisor is ended by it. */
  mark: string;
  signal?: AbortSignal | undefined;
  /** Pid of a supervisor that we started ourselves: its early end is noticed at once. */
  pid?: number | undefined;
}

/** Waits for the end of the command of a run dir. */
export async function awaitShell(runDir: string, options: AwaitShell): Promise<ShellEnd> {
  const change = watchDir(runDir);
  const patience: Patience = { startByMs: monotonicMs() + LIMITS.shellStartMs };
  try {
    for (;;) {
      const next = change.next(options.signal);
      const end = await look(runDir, options, patience);
      if (end) return end;
      if (options.signal?.aborted) return { state: 'left-running' };
      await next;
    }
  } finally {
    change.close();
  }
}

interface Patience {
  /** A supervisor that has not begun by then is given up. */
  startByMs: number;
  /** Since when its socket has had no name although a process of its id is there. */
  goneSinceMs?: number;
  /** Since when it has not answered. */
  silentSinceMs?: number | undefined;
}

/** One that is silent for so long was stopped, as a rule by its own command: woken, it holds that to its deadline again. */
const WAKE_AFTER_MS = 5_000;

/** A living supervisor whose socket's name was removed makes it again within 3 s; longer, and the id is another's. */
const GONE_MS = 10_000;

/** True while a supervisor is at work on this run dir, or when that cannot be told. */
export async function isShellRunning(runDir: string): Promise<boolean> {
  if (readRecord(join(runDir, 'exit.json'), exitRecordSchema).state !== 'absent') return false;
  const started = readRecord(join(runDir, 'started.json'), shellStartedSchema);
  if (started.state !== 'present') return started.state === 'bad';
  if (started.value.socket === '') return false;
  return (await askBeacon(started.value.socket, started.value.nonce)).state !== 'dead';
}

/** Asks the supervisor of a run dir to stop its command; it still records the end. False when none could be asked. */
export async function stopShell(runDir: string): Promise<boolean> {
  const started = readRecord(join(runDir, 'started.json'), shellStartedSchema);
  if (started.state !== 'present' || started.value.socket === '') return false;
  return (await askBeacon(started.value.socket, started.value.nonce, { op: 'stop' })).state === 'alive';
}

/**
 * Takes the one execution away from a supervisor that may still come late, so that "nothing ran" is true and stays true.
 * Undefined when a supervisor was faster.
 */
export function giveUpShell(runDir: string, why: string): ShellEnd | undefined {
  const nobody = { format: FORMAT, socket: '', nonce: '', pid: 0, ts: unixSeconds(now()) };
  if (!publishFile(join(runDir, 'started.json'), nobody)) return undefined;
  return { state: 'not-started', reason: why };
}

/** Its supervisor may have found that it cannot be started. */
const endOf = (exit: ExitRecord): ShellEnd =>
  exit.never_ran === true
    ? { state: 'not-started', reason: exit.problem ?? 'its supervisor does not say why' }
    : { state: 'exited', exit };

async function look(runDir: string, options: AwaitShell, patience: Patience): Promise<ShellEnd | undefined> {
  const exit = readRecord(join(runDir, 'exit.json'), exitRecordSchema);
  if (exit.state === 'present') return endOf(exit.value);
  if (exit.state === 'bad') return { state: 'interrupted', reason: `its exit record cannot be read: ${exit.reason}` };
  const started = readRecord(join(runDir, 'started.json'), shellStartedSchema);
  if (started.state === 'bad')
    return { state: 'interrupted', reason: `its start record cannot be read: ${started.reason}` };
  if (started.state === 'present') return lookAtSupervisor(runDir, started.value, options.mark, patience);
  const died = options.pid !== undefined && !exists(options.pid);
  if (!died && monotonicMs() < patience.startByMs) return undefined;
  const why = died ? 'its supervisor ended before it began' : `no supervisor began within ${LIMITS.shellStartMs} ms`;
  return giveUpShell(runDir, `${why}; see ${join(runDir, 'supervisor.log')}`);
}

async function lookAtSupervisor(
  runDir: string,
  started: ShellStarted,
  mark: string,
  patience: Patience,
): Promise<ShellEnd | undefined> {
  if (started.socket === '') return { state: 'not-started', reason: 'it was given up before it began' };
  const sight = await askBeacon(started.socket, started.nonce);
  if (sight.state === 'silent') wakeInTime(mark, patience);
  else patience.silentSinceMs = undefined;
  if (sight.state !== 'dead') return undefined;
  if (sight.gone && exists(started.pid)) {
    patience.goneSinceMs ??= monotonicMs();
    if (monotonicMs() - patience.goneSinceMs < GONE_MS) return undefined;
  }
  // Its last act may have come between our look for the record and our question.
  const exit = readRecord(join(runDir, 'exit.json'), exitRecordSchema);
  if (exit.state === 'present') return endOf(exit.value);
  sweepBeacon(started.socket);
  // Nobody is left to hold it to its deadline.
  await stopTree(0, mark, LIMITS.stopGraceMs);
  return { state: 'interrupted', reason: 'its supervisor died before it could record the end' };
}

function wakeInTime(mark: string, patience: Patience): void {
  patience.silentSinceMs ??= monotonicMs();
  if (monotonicMs() - patience.silentSinceMs < WAKE_AFTER_MS) return;
  for (const pid of findMarked(supervisorMark(mark))) signalProcess(pid, 'SIGCONT');
  patience.silentSinceMs = undefined;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** `next` is taken before looking, so that a change between the look and the wait is not lost. */
function watchDir(dir: string): { next(signal?: AbortSignal): Promise<void>; close(): void } {
  let wake: () => void = () => undefined;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dir, () => wake());
    watcher.on('error', () => undefined);
  } catch {
    // No watches left on this machine: the poll alone does it.
  }
  const next = (signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(done, POLL_MS);
      function done(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      wake = done;
      signal?.addEventListener('abort', done, { once: true });
    });
  return {
    next,
    close: () => {
      wake();
      watcher?.close();
    },
  };
}
