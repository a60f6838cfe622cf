import { ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { tailBytes } from '../lib/clip.js';
import { LIMITS } from '../model/limits.js';
import { monotonicMs } from './clock.js';
import { findMarked, signalGroup, stopTree } from './kill.js';
import type { Sweep } from './sweep.js';

export interface ExecRequest {
  /** Program and arguments; shell text goes as `['bash', '-c', text]`, written by a human or judged by the gate. */
  argv: readonly [string, ...string[]];
  cwd: string;
  /** The complete environment, with `TEND_MARK`. */
  env: Readonly<Record<string, string>>;
  /** Given to stdin, which is then closed; absent: stdin is /dev/null. */
  input?: string;
  /** 0 = no deadline. */
  timeoutMs: number;
  graceMs?: number;
  /** Signals that it gets before KILL, one after the other; TERM alone by default. */
  gentle?: readonly NodeJS.Signals[];
  /** Bytes of stdout kept; what is beyond is dropped (`drop`) or ends the process (`kill`). */
  stdoutMaxBytes: number;
  whenOver: 'drop' | 'kill';
  /** Bytes kept of the end of stderr; past LIMITS.childStderrBytes the process is ended. */
  stderrTailBytes: number;
  /** Ends the run early, like a deadline. */
  signal?: AbortSignal;
  /** Looks for what the child left behind, together with others' children; its owner awaits `done`. Absent: looked for at once. */
  sweep?: Sweep;
}

export interface ExecResult {
  /** Exit code, or null when a signal ended it or it never started. */
  exitCode: number | null;
  signal?: string;
  timedOut: boolean;
  aborted: boolean;
  /** More stdout came than was kept. */
  over: boolean;
  /** It was ended for what it printed on stderr. */
  overStderr: boolean;
  /** Why the process could not be started. */
  problem?: string;
  stdout: Buffer;
  stderrTail: string;
  durationMs: number;
}

/** After the exit a survivor may hold the pipes; output that comes later than this is not ours. */
const DRAIN_MS = 1_000;

/** A pipe that is open this long after the exit is held by a survivor. */
const HELD_MS = 25;

/**
 * Runs one child in its own session and process group with a deadline and a cap on memory. When it ends, for whatever reason,
 * its group and every process with its mark are gone; with a `sweep`, the marked ones by the time that is done. Never throws:
 * whatever happened is in the result.
 */
export async function execBounded(request: ExecRequest): Promise<ExecResult> {
  const started = monotonicMs();
  const child = begin(request);
  if (!(child instanceof ChildProcess)) return notStarted(child.problem);
  const mark = request.env['TEND_MARK'] ?? '';
  const grace = request.graceMs ?? 2_000;
  let ended: 'timeout' | 'abort' | 'over' | undefined;
  const stop = (why: 'timeout' | 'abort' | 'over') => {
    ended ??= why;
    if (child.pid !== undefined) void stopTree(child.pid, mark, grace, request.gentle);
  };
  const out = collectHead(child.stdout, request.stdoutMaxBytes, () => request.whenOver === 'kill' && stop('over'));
  const err = collectTail(child.stderr, request.stderrTailBytes, () => stop('over'));
  const timer =
    request.timeoutMs > 0 ? setTimeout(() => stop('timeout'), Math.min(request.timeoutMs, 2 ** 31 - 1)) : undefined;
  const onAbort = () => stop('abort');
  request.signal?.addEventListener('abort', onAbort, { once: true });
  if (request.input !== undefined && child.stdin) {
    child.stdin.on('error', () => undefined); // The child may end without reading: its exit code tells more than EPIPE.
    child.stdin.end(request.input);
  }
  const exit = await exitOf(child);
  clearTimeout(timer);
  request.signal?.removeEventListener('abort', onAbort);
  const drained = Promise.all([out.done, err.done]);
  if (child.pid !== undefined) {
    // What it left behind in its group or under its mark goes with it.
    signalGroup(child.pid, 'SIGKILL');
    if (request.sweep && (await isWithin(drained, HELD_MS))) request.sweep.add(mark);
    else if (findMarked(mark).length > 0) await stopTree(child.pid, mark, 0);
  }
  await isWithin(drained, DRAIN_MS);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return {
    exitCode: exit.code,
    ...(exit.signal ? { signal: exit.signal } : {}),
    timedOut: ended === 'timeout',
    aborted: ended === 'abort',
    over: out.over(),
    overStderr: err.over(),
    ...(exit.problem ? { problem: exit.problem } : {}),
    stdout: out.bytes(),
    stderrTail: err.text(),
    durationMs: Math.round(monotonicMs() - started),
  };
}

interface Exit {
  code: number | null;
  signal?: string;
  problem?: string;
}

/** The child in a session of its own, or why it could not be started: some failures are thrown, others come as an event. */
function begin({ argv: [file, ...args], cwd, env, input }: ExecRequest): ChildProcess | { problem: string } {
  const stdio: StdioOptions = [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'];
  try {
    return spawn(file, args, { cwd, env: { ...env }, detached: true, stdio });
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

const notStarted = (problem: string): ExecResult => ({
  exitCode: null,
  timedOut: false,
  aborted: false,
  over: false,
  overStderr: false,
  problem,
  stdout: Buffer.alloc(0),
  stderrTail: '',
  durationMs: 0,
});

/** The exit itself, not the end of the pipes: a survivor that holds them must not hold us. */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, ...(signal ? { signal } : {}) }));
    child.on('error', (error: NodeJS.ErrnoException) => resolve({ code: null, problem: error.code ?? error.message }));
  });
}

/** Whether `work` is done before `ms` are over. */
function isWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    void work.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

function collectHead(stream: NodeJS.ReadableStream | null, max: number, onOver: () => void) {
  const chunks: Buffer[] = [];
  let kept = 0;
  let isOver = false;
  stream?.on('data', (chunk: Buffer) => {
    const room = max - kept;
    if (room > 0) {
      const part = chunk.subarray(0, room);
      chunks.push(part);
      kept += part.length;
    }
    if (chunk.length > room && !isOver) {
      isOver = true;
      onOver();
    }
  });
  return { done: ended(stream), bytes: () => Buffer.concat(chunks), over: () => isOver };
}

function collectTail(stream: NodeJS.ReadableStream | null, max: number, onOver: () => void) {
  let tail = Buffer.alloc(0);
  let seen = 0;
  let isOver = false;
  stream?.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    if (seen > LIMITS.childStderrBytes && !isOver) {
      isOver = true;
      onOver();
    }
    const joined = Buffer.concat([tail, chunk]);
    tail = joined.subarray(Math.max(0, joined.length - 2 * max)) as Buffer<ArrayBuffer>;
  });
  return { done: ended(stream), text: () => tailBytes(tail, max), over: () => isOver };
}

function ended(stream: NodeJS.ReadableStream | null): Promise<void> {
  return new Promise((resolve) => {
    if (!stream) return resolve();
    stream.once('end', resolve);
    stream.once('close', resolve);
    stream.once('error', () => resolve());
  });
}
