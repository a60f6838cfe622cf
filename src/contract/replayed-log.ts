/**
 * What a client shows that lets people scroll through a log: rows of a replay that follows a file. The end is there at once, from a
 * small piece of the file; the history is replayed beside it and takes its place when it has come as far.
 */
import { Replay } from '../host/replay.js';
import { SIZE_OSC, type Size, sizeAtStart } from '../lib/size-mark.js';
import type { Disk } from '../store/disk.js';
import { FileTail } from '../store/file-tail.js';
import { olderTranscriptKey, REPLAY_BYTES, transcriptKey } from '../store/transcripts.js';

/** Enough for the last screens of nearly every program, and drawn in some ten milliseconds. */
const QUICK_BYTES = 128 * 1024;

/** No mark is longer. */
const MARK_BYTES = 64;

export interface LogState {
  state: 'loading' | 'ready' | 'empty' | 'absent' | 'unreadable';
  reason?: string;
  /** Earlier output is on disk and not in the rows. */
  isClipped: boolean;
}

/** Bytes of a file → output for the replay. `fresh`: nothing of what came before counts any more. */
export type Render = (bytes: Buffer, fresh: boolean) => Uint8Array | string;

export interface LogSource {
  /** Absolute path of what is followed. */
  path: string;
  /** What was written before the file began, for as much of the history as there is room. */
  before?: () => { text: string; isClipped: boolean } | undefined;
  /** The size for output that says nothing of its own. */
  size(): Size;
  /** Where the size changed is marked in the output. */
  isMarked?: true;
  render: Render;
}

/** A worker's transcript; `size` is what its status says. */
export const transcriptSource = (disk: Disk, id: string, size: () => Size): LogSource => ({
  path: disk.path(transcriptKey(id)),
  before: () => {
    const stat = disk.stat(transcriptKey(id));
    const room = REPLAY_BYTES - (stat.state === 'present' ? stat.bytes : 0);
    const older = room > 0 ? disk.tail(olderTranscriptKey(id), room) : undefined;
    return older?.state === 'present' ? { text: older.text, isClipped: older.bytes > room } : undefined;
  },
  size,
  isMarked: true,
  render: (bytes) => bytes,
});

/** One replay of one file, as far as it has come. */
class Track {
  readonly #source: LogSource;
  readonly #tail: FileTail;
  readonly #hasHistory: boolean;
  replay: Replay | undefined;
  isAtEnd = false;
  isClipped = false;

  constructor(source: LogSource, bytes: number, hasHistory: boolean) {
    this.#source = source;
    this.#tail = new FileTail(source.path, bytes);
    this.#hasHistory = hasHistory;
  }

  /** Draws the next piece: `more` follows, or this was all, or nothing was new, or there is no such file. */
  async step(): Promise<'more' | 'end' | 'same' | 'absent' | { unreadable: string }> {
    const step = this.#tail.step();
    if (step.state === 'absent') return 'absent';
    if (step.state === 'unreadable') return { unreadable: step.reason };
    if (step.state === 'same') return 'same';
    const bytes = step.skipped > 0 ? afterNewline(step.bytes) : step.bytes;
    if (step.fresh) await this.#begin(bytes, step.skipped);
    await this.replay?.write(this.#source.render(bytes, step.fresh));
    this.isAtEnd = !step.more;
    return step.more ? 'more' : 'end';
  }

  async #begin(bytes: Buffer, skipped: number): Promise<void> {
    this.replay?.dispose();
    this.isAtEnd = false;
    const before = this.#hasHistory && skipped === 0 ? this.#source.before?.() : undefined;
    this.isClipped = skipped > 0 || before?.isClipped === true;
    const known = sizeAtStart(before?.text ?? '') ?? sizeAtStart(bytes.toString('latin1'));
    this.replay = new Replay(known ?? this.#sizeLater() ?? this.#source.size());
    if (before) await this.replay.write(before.text);
  }

  /** The size that this piece begins in is told by the first mark, which may be megabytes away; without any it never changed. */
  #sizeLater(): Size | undefined {
    if (this.#source.isMarked !== true || !this.#hasHistory) return undefined;
    const ahead = new FileTail(this.#source.path, REPLAY_BYTES);
    let last = Buffer.alloc(0);
    for (let step = ahead.step(); step.state === 'bytes'; step = ahead.step()) {
      const bytes = Buffer.concat([last, step.bytes]);
      const at = bytes.indexOf(`\u001b]${SIZE_OSC};`);
      if (at !== -1) return sizeAtStart(bytes.subarray(at, at + MARK_BYTES).toString('latin1'));
      if (!step.more) break;
      last = Buffer.from(bytes.subarray(-MARK_BYTES));
    }
    return undefined;
  }

  close(): void {
    this.replay?.dispose();
    this.replay = undefined;
  }
}

export class ReplayedLog {
  #shown: Track;
  /** The track with the whole history, until it is the one that is shown. */
  #whole: Track | undefined;
  #state: LogState = { state: 'loading', isClipped: false };
  #isClosed = false;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(source: LogSource) {
    this.#shown = new Track(source, QUICK_BYTES, false);
    this.#whole = new Track(source, REPLAY_BYTES, true);
  }

  get state(): LogState {
    return this.#state;
  }

  /** The rows, once there are any. It may be another object after each `look`. */
  get replay(): Replay | undefined {
    return this.#shown.replay;
  }

  /** Takes in what is new. Calls `changed` when there is something else to see: at once for the end, later for the history. */
  look(changed: () => void): Promise<void> {
    this.#again = true;
    this.#running ??= this.#work(changed).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  close(): void {
    this.#isClosed = true;
    this.#shown.close();
    this.#whole?.close();
  }

  async #work(changed: () => void): Promise<void> {
    while (this.#again && !this.#isClosed) {
      this.#again = false;
      if (await this.#catchUp()) changed();
      if (this.#whole && !this.#isClosed && this.#state.state !== 'absent') await this.#takeHistory(changed);
    }
  }

  /** True when what is shown is another than before. */
  async #catchUp(): Promise<boolean> {
    for (let seen = false; ; seen = true) {
      const step = await this.#shown.step();
      if (this.#isClosed) return false;
      if (step === 'more') continue;
      const before = this.#state;
      this.#state = this.#stateAfter(step);
      return seen || step === 'end' || before.state !== this.#state.state || before.reason !== this.#state.reason;
    }
  }

  #stateAfter(step: 'end' | 'same' | 'absent' | { unreadable: string }): LogState {
    const { isClipped } = this.#shown;
    if (typeof step === 'object') return { state: 'unreadable', reason: step.unreadable, isClipped };
    if (step === 'absent') return { state: 'absent', isClipped: false };
    if ((this.#shown.replay?.length ?? 0) === 0) return { state: 'empty', isClipped };
    return { state: this.#whole && isClipped ? 'loading' : 'ready', isClipped };
  }

  /** The whole history is drawn in slices; keys and paintings come between them. */
  async #takeHistory(changed: () => void): Promise<void> {
    const whole = this.#whole!;
    for (;;) {
      const step = await whole.step();
      if (this.#isClosed) return;
      if (typeof step === 'object' || step === 'absent') return;
      if (step !== 'more') break;
    }
    this.#whole = undefined;
    this.#shown.close();
    this.#shown = whole;
    this.#state = this.#stateAfter('end');
    changed();
  }
}

/** A piece that begins in the middle of something: from its first whole line on, where it has one. */
function afterNewline(bytes: Buffer): Buffer {
  const at = bytes.indexOf(10);
  return at === -1 || at > 65_536 ? bytes : bytes.subarray(at + 1);
}
