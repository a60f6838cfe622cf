/**
 * One child in a session of its own for as long as it likes to print: only the ends of its streams are kept. It has ended when it
 * has exited and its streams are closed, or soon after its exit; then nothing of its group or under its mark is left, unless that
 * was asked for. On the path of every command that a loop runs: what can be proven cheaply is not looked for.
 */
import { ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { monotonicMs } from './clock.js';
import { type Kept, keptStream } from './kept-stream.js';
import { isGroupLeft, isMarkLeft, stopTree } from './kill.js';

export interface BoundedRequest {
  argv: readonly [string, ...string[]];
  cwd: string;
  /** The complete environment, with `TEND_MARK`. */
  env: Readonly<Record<string, string>>;
  /** Given to stdin, which is then closed; absent: stdin is /dev/null. */
  input?: string;
  timeoutMs: number;
  /** Ends it when it has printed nothing for so long. Absent: it may be as silent as it likes. */
  idleMs?: number;
  /** Ends it early, like a deadline. */
  signal?: AbortSignal;
  /** Bytes kept of the end of each stream, and of the beginning of one that was longer. */
  tailBytes: number;
  headBytes?: number;
  /** What outlives its exit lives on. A deadline and an abort end it all the same. */
  keepGroup?: boolean;
  /** Called once, as soon as the child is there. */
  onChild?(pid: number): void;
  /** Every byte of stdout as it comes. */
  onStdout?(chunk: Buffer): void;
}

export interface BoundedResult {
  /** Absent: it was not started. */
  pid?: number;
  exitCode?: number;
  /** The signal that ended it. */
  signal?: string;
  /** Why we ended it. */
  ended?: 'timeout' | 'idle' | 'abort';
  /** Why it could not be started. */
  problem?: string;
  stdout: Kept;
  stderr: Kept;
  durationMs: number;
}

/** Between TERM and KILL, and between the exit and the end of streams that somebody else holds open (loops spec 8.6, 8.8). */
const GRACE_MS = 2_000;
/** setTimeout takes no more: 24 days. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Never throws for what the child does: that is in the result. Rejects when `onChild` throws, with the child ended. Memory is bounded by the
 * limits of the request.
 */
export async function runBounded(request: BoundedRequest): Promise<BoundedResult> {
  const begun = monotonicMs();
  const out = keptStream(request.tailBytes, request.headBytes ?? 0);
  const err = keptStream(request.tailBytes, request.headBytes ?? 0);
  const result = (more: Omit<BoundedResult, 'stdout' | 'stderr' | 'durationMs'>): BoundedResult => ({
    ...more,
    stdout: out.kept(),
    stderr: err.kept(),
    durationMs: Math.round(monotonicMs() - begun),
  });
  if (request.signal?.aborted) return result({ ended: 'abort' });
  const child = begin(request);
  if (!(child instanceof ChildProcess)) return result({ problem: child.problem });
  const { pid } = child;
  let heardMs = begun;
  const over = Promise.all([
    untilClosed(child.stdout, (chunk) => {
      heardMs = monotonicMs();
      out.add(chunk);
      request.onStdout?.(chunk);
    }),
    untilClosed(child.stderr, (chunk) => {
      heardMs = monotonicMs();
      err.add(chunk);
    }),
  ]);
  const exited = exitOf(child);
  if (pid !== undefined) await tell(pid, request);
  const guard = guardOf(pid ?? 0, request, () => monotonicMs() - heardMs);
  give(child, request.input);
  const exit = await exited;
  const ended = guard.exited();
  await isWithin(over, GRACE_MS);
  await guard.end();
  if (pid !== undefined && !request.keepGroup) await endLeft(pid, request.env['TEND_MARK'] ?? '', begun);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return result({ ...(pid === undefined ? {} : { pid }), ...exit, ...(ended === undefined ? {} : { ended }) });
}

/** The child in a session of its own, or why it could not be started: some failures are thrown, others come as an event. */
function begin({ argv: [file, ...args], cwd, env, input }: BoundedRequest): ChildProcess | { problem: string } {
  const stdio: StdioOptions = [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'];
  try {
    return spawn(file, args, { cwd, env, detached: true, stdio });
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code ?? (error as Error).message };
  }
}

type Exit = Pick<BoundedResult, 'exitCode' | 'signal' | 'problem'>;

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? { signal } : { exitCode: code ?? 0 }));
    child.once('error', (error: NodeJS.ErrnoException) => resolve({ problem: error.code ?? error.message }));
  });
}

/** Nobody would know of a child that could not be told of. */
async function tell(pid: number, { env, onChild }: BoundedRequest): Promise<void> {
  try {
    onChild?.(pid);
  } catch (error) {
    await stopTree(pid, env['TEND_MARK'] ?? '', GRACE_MS);
    throw error;
  }
}

/** The child may end without reading its input: its exit code tells more than EPIPE. */
function give(child: ChildProcess, input: string | undefined): void {
  if (input === undefined || !child.stdin) return;
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
}

interface Guard {
  /** The child has exited: no deadline from here on, and an abort only ends sooner what it left. Says what was done to it. */
  exited(): BoundedResult['ended'];
  /** Waits until what was begun to be stopped is gone. */
  end(): Promise<void>;
}

/** Ends the tree at its deadline, after a silence (`silentMs` says how long it is by now), or when we are told to. */
function guardOf(pid: number, request: BoundedRequest, silentMs: () => number): Guard {
  let why: BoundedResult['ended'];
  let stopping: Promise<unknown> | undefined;
  const stop = (reason: NonNullable<BoundedResult['ended']>) => {
    if (stopping || pid === 0) return;
    why = reason;
    stopping = stopTree(pid, request.env['TEND_MARK'] ?? '', GRACE_MS);
  };
  const deadline = setTimeout(() => stop('timeout'), Math.min(request.timeoutMs, TIMER_MAX_MS));
  const { idleMs } = request;
  let silence: NodeJS.Timeout | undefined;
  const listen = (limitMs: number) => {
    const leftMs = limitMs - silentMs();
    if (leftMs <= 0) stop('idle');
    else silence = setTimeout(() => listen(limitMs), Math.min(leftMs, TIMER_MAX_MS));
  };
  if (idleMs !== undefined) listen(idleMs);
  const onAbort = () => stop('abort');
  request.signal?.addEventListener('abort', onAbort, { once: true });
  // While the child was told of, perhaps: then there will be no event.
  if (request.signal?.aborted) onAbort();
  return {
    exited() {
      clearTimeout(deadline);
      clearTimeout(silence);
      return why;
    },
    async end() {
      request.signal?.removeEventListener('abort', onAbort);
      await stopping;
    },
  };
}

/** What is left in the group or under the mark gets TERM, and KILL where that is not enough. */
async function endLeft(pid: number, mark: string, begunMs: number): Promise<void> {
  if (isGroupLeft(pid) || isMarkLeft(mark, pid, monotonicMs() - begunMs)) await stopTree(pid, mark, GRACE_MS);
}

function untilClosed(stream: NodeJS.ReadableStream | null, onChunk: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve) => {
    if (!stream) return resolve();
    stream.on('data', onChunk);
    for (const event of ['end', 'close', 'error']) stream.once(event, () => resolve());
  });
}

/** Waits for `work`, no longer than `ms`. */
async function isWithin(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
