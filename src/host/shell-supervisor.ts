/**
 * `tend __shell --run-dir ABS [--digest SHA256]`: runs one shell command and leaves a record of how it ended. A process of its own, so that the
 * command neither dies nor is forgotten with the pulse. Invariant: whoever creates `started.json` owns the one execution of
 * this run dir, and creates it before anything is spawned; a second supervisor ends at once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { nonce } from '../lib/hash.js';
import { badInput, messageOf, TendError } from '../model/error.js';
import { unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { FORMAT } from '../model/record.js';
import { type ExitRecord, type ShellCommand, shellCommandSchema } from '../model/run.js';
import { type Beacon, lightBeacon } from './beacon.js';
import { monotonicMs, now } from './clock.js';
import { readEnv } from './env.js';
import { signalGroup, stopTree } from './kill.js';
import { publishFile, readRecord } from './publish-file.js';
import { removeSocket, runtimeDir } from './runtime-dir.js';

/** Between two looks at the size of the output: what a fast writer adds in between is cut off afterwards. */
const SIZE_LOOK_MS = 50;
/** setTimeout takes no more; a command that runs for 24 days has no deadline that matters. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Runs the command of a run dir unless somebody did already. Returns 0 once its end is recorded, whatever that end is. */
export async function superviseShell(argv: readonly string[]): Promise<number> {
  const { dir, digest } = argumentsOf(argv);
  const read = readRecord(join(dir, 'command.json'), shellCommandSchema, digest);
  if (read.state !== 'present')
    throw new TendError('environment', `Cannot read the command of run dir "${dir}"`, {
      code: 'bad-command-record',
      cause: new Error(read.state === 'absent' ? 'no such file' : read.reason),
    });
  const identity = nonce();
  const socket = join(runtimeDir(readEnv(), read.value.data_dir), `shell-${nonce(6)}.sock`);
  const told = new AbortController();
  const beacon = await lightBeacon(socket, identity, (request) => {
    if (request['op'] === 'stop') told.abort();
    return { state: 'running' };
  });
  try {
    const started = { format: FORMAT, socket, nonce: identity, pid: process.pid, ts: unixSeconds(now()) };
    if (!publishFile(join(dir, 'started.json'), started)) return 0;
    const exit = await runCommand(dir, read.value, told.signal);
    publishFile(join(dir, 'exit.json'), exit);
    return 0;
  } finally {
    // After exit.json: a beacon that is out without that record means that we died.
    putOut(beacon);
  }
}

function argumentsOf(argv: readonly string[]): { dir: string; digest?: string } {
  const [flag, dir, digestFlag, digest, ...more] = argv;
  const isDigest = digestFlag === undefined || (digestFlag === '--digest' && digest !== undefined);
  if (flag !== '--run-dir' || dir === undefined || !isAbsolute(dir) || !isDigest || more.length > 0)
    throw badInput(
      `Cannot supervise a command with ${JSON.stringify(argv.join(' '))}: --run-dir and an absolute path are wanted`,
    );
  return digest === undefined ? { dir } : { dir, digest };
}

type End = 'timeout' | 'over' | 'told';

async function runCommand(dir: string, command: ShellCommand, told: AbortSignal): Promise<ExitRecord> {
  const begun = { at: now(), ms: monotonicMs() };
  const opened = openOutput(dir);
  if ('problem' in opened) return { ...neverRan(begun), problem: opened.problem };
  const { fd } = opened;
  try {
    const child = spawn('bash', ['-c', command.cmd], {
      cwd: command.cwd,
      env: { ...readEnv(), TEND_MARK: command.mark },
      detached: true,
      stdio: ['ignore', fd, fd],
    });
    const watch = guard(child, { ...command, fd, told });
    const exit = await exitOf(child);
    const why = await watch.end();
    if (why === 'over') cutOutput(fd);
    return {
      format: FORMAT,
      exit_code: exit.code,
      timed_out: why === 'timeout',
      ...(exit.signal ? { signal: exit.signal } : {}),
      ...(why === 'over' ? { over: true } : {}),
      started_ts: unixSeconds(begun.at),
      duration_ms: Math.round(monotonicMs() - begun.ms),
      ...(why === 'told' ? { problem: 'its supervisor was told to stop' } : {}),
      ...(exit.problem ? { problem: exit.problem, never_ran: true } : {}),
    };
  } finally {
    closeSync(fd);
  }
}

/** A file, not a pipe: what a child wrote right before its exit is never lost, and nothing here can block it. */
function openOutput(dir: string): { fd: number } | { problem: string } {
  try {
    return { fd: openSync(join(dir, 'output.log'), 'a', 0o600) };
  } catch (error) {
    return { problem: `its output cannot be kept: ${codeOf(error)}` };
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? messageOf(error);

const neverRan = (begun: { at: number; ms: number }): ExitRecord => ({
  format: FORMAT,
  exit_code: null,
  timed_out: false,
  never_ran: true,
  started_ts: unixSeconds(begun.at),
  duration_ms: Math.round(monotonicMs() - begun.ms),
});

/** Ends the command at its deadline, past its output limit, or when we are told to stop. `end` leaves nothing of it alive. */
function guard(
  child: ChildProcess,
  terms: ShellCommand & { fd: number; told: AbortSignal },
): { end(): Promise<End | undefined> } {
  let why: End | undefined;
  let stopping: Promise<unknown> | undefined;
  const stop = (reason: End) => {
    if (stopping || child.pid === undefined) return;
    why = reason;
    stopping = stopTree(child.pid, terms.mark, LIMITS.stopGraceMs);
  };
  const onTold = () => stop('told');
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onTold);
  if (terms.told.aborted) onTold();
  terms.told.addEventListener('abort', onTold);
  const size = setInterval(() => fstatSync(terms.fd).size > LIMITS.shellOutputBytes && stop('over'), SIZE_LOOK_MS);
  const deadline =
    terms.timeout_ms > 0 ? setTimeout(() => stop('timeout'), Math.min(terms.timeout_ms, TIMER_MAX_MS)) : undefined;
  const end = async () => {
    clearInterval(size);
    clearTimeout(deadline);
    await stopping;
    if (child.pid !== undefined) {
      // What it left behind in its group or under its mark goes with it.
      signalGroup(child.pid, 'SIGKILL');
      await stopTree(child.pid, terms.mark, 0);
    }
    for (const name of signals) process.off(name, onTold);
    return why;
  };
  return { end };
}

interface Exit {
  code: number | null;
  signal?: string;
  problem?: string;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, ...(signal ? { signal } : {}) }));
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ code: null, problem: `bash could not be started: ${error.code ?? error.message}` }),
    );
  });
}

function cutOutput(fd: number): void {
  if (fstatSync(fd).size > LIMITS.shellOutputBytes) ftruncateSync(fd, LIMITS.shellOutputBytes);
  writeSync(fd, `\n[… stopped: more than ${LIMITS.shellOutputBytes} bytes of output]\n`);
}

function putOut(beacon: Beacon): void {
  beacon.close();
  removeSocket(beacon.path);
}
