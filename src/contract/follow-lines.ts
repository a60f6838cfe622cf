/** `-f` of the verbs that print logs: the last lines, then each new one as it comes, until the person or a condition ends it. */
import { Replay } from '../host/replay.js';
import { sizeAtStart } from '../lib/size-mark.js';
import { isLive } from '../model/fleet.js';
import type { Disk } from '../store/disk.js';
import { FileTail } from '../store/file-tail.js';
import { REPLAY_BYTES, transcriptKey } from '../store/transcripts.js';
import { watchKeys } from '../store/watch.js';
import { seeWorker } from './fleet-access.js';
import { linesOf, tailBytesFor } from './log-text.js';
import { terminalSizeOf } from './screen-client.js';
import type { Context } from './verb.js';

/** Events come at once; a lost one costs at most this. */
const SLOW_POLL_MS = 30_000;

export interface FollowTerms {
  /** Directory in which the file lies, and its key at this moment: the file of a day is another tomorrow. */
  dir: string;
  key(): string;
  /** How much of the end may hold the first lines. */
  tailBytes: number;
  /** The lines that are there, oldest first. */
  first(lines: string[]): void;
  next(line: string): void;
}

/** Lines of a file that grows. A line counts when its newline is there. Ends when the verb is told to. */
export async function followLines(
  { disk, signal }: Pick<Context, 'disk' | 'signal'>,
  terms: FollowTerms,
): Promise<void> {
  let tail: FileTail | undefined;
  let key: string | undefined;
  let rest = Buffer.alloc(0);
  let isFirst = true;
  for await (const _ of watchKeys(disk, [terms.dir], { pollMs: SLOW_POLL_MS, signal })) {
    const now = terms.key();
    const takes =
      now === key
        ? [tail!]
        : [...(tail ? [tail] : []), fileTail(disk, now, isFirst ? terms.tailBytes : Number.MAX_SAFE_INTEGER)];
    [key, tail] = [now, takes.at(-1)!];
    const lines: string[] = [];
    for (const one of takes)
      for (let step = one.step(); step.state === 'bytes'; step = one.step()) {
        const bytes = step.fresh ? step.bytes : Buffer.concat([rest, step.bytes]);
        const end = bytes.lastIndexOf(10) + 1;
        const whole = bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
        lines.push(...(step.fresh && step.skipped > 0 ? whole.slice(1) : whole));
        rest = Buffer.from(bytes.subarray(end));
      }
    if (isFirst) terms.first(lines);
    else for (const line of lines) terms.next(line);
    isFirst = false;
  }
}

const fileTail = (disk: Disk, key: string, bytes: number): FileTail => new FileTail(disk.path(key), bytes);

/**
 * Lines that a worker's terminal shows, as soon as its cursor has left them; ends with the worker. A program that paints over its
 * screen shows each row once: `tend watch` shows it as it is.
 */
export async function followWorker(
  context: Context,
  id: string,
  terms: { lines: number; print(line: string): void },
): Promise<void> {
  const { disk, signal } = context;
  const rows = new WorkerRows(context, id, terms.lines);
  try {
    for await (const _ of watchKeys(disk, [`workers/${id}`], { pollMs: SLOW_POLL_MS, signal })) {
      // Life first: what it printed before it ended is then read for sure.
      const view = await seeWorker(context, id);
      const isOver = view === undefined || !isLive(view);
      for (const line of await rows.next(isOver)) terms.print(line);
      if (isOver) return;
    }
  } finally {
    rows.close();
  }
}

class WorkerRows {
  readonly #context: Context;
  readonly #id: string;
  readonly #tail: FileTail;
  readonly #lines: number;
  #replay: Replay | undefined;
  #told: ReturnType<Replay['pin']>;
  #isFirst = true;

  constructor(context: Context, id: string, lines: number) {
    this.#context = context;
    this.#id = id;
    this.#lines = lines;
    this.#tail = new FileTail(context.disk.path(transcriptKey(id)), Math.min(REPLAY_BYTES, tailBytesFor(lines)));
  }

  /** What is new and whole; `all`: nothing more comes, so what is not whole counts as well. */
  async next(all: boolean): Promise<string[]> {
    for (let step = this.#tail.step(); step.state === 'bytes'; step = this.#tail.step()) {
      if (step.fresh) this.#begin(step.bytes);
      await this.#replay?.write(step.bytes);
      if (!step.more) break;
    }
    const replay = this.#replay;
    if (!replay || replay.isAlternate) return [];
    const to = Math.max(0, all ? replay.length : replay.cursorRow);
    const from = this.#isFirst ? 0 : (this.#told?.at() ?? 0);
    if (to <= from && !this.#isFirst) return [];
    const lines = linesOf(replay, from, to);
    this.#told?.release();
    this.#told = replay.pin(to);
    const shown = this.#isFirst ? lines.slice(Math.max(0, lines.length - this.#lines)) : lines;
    this.#isFirst = false;
    return shown;
  }

  #begin(bytes: Buffer): void {
    this.close();
    this.#replay = new Replay(sizeAtStart(bytes.toString('latin1')) ?? terminalSizeOf(this.#context, this.#id));
  }

  close(): void {
    this.#told?.release();
    this.#told = undefined;
    this.#replay?.dispose();
    this.#replay = undefined;
  }
}
