/**
 * The lifetime of one worker process: pty, screen, transcript, viewers, and its status on disk. It ends exactly once, and only
 * after everything that bears the worker's mark is gone or was reported as surviving.
 */
import { monotonicMs, now, sleep } from '../../../host/clock.js';
import { stopTree } from '../../../host/kill.js';
import { openPty, type Pty } from '../../../host/pty.js';
import { Emulator } from '../../../host/terminal.js';
import type { Screen } from '../../../lib/screen.js';
import { sizeMark } from '../../../lib/size-mark.js';
import { unixSeconds } from '../../../model/instant.js';
import { LIMITS } from '../../../model/limits.js';
import type { WorkerStatus } from '../../../model/worker.js';
import type { Disk } from '../../../store/disk.js';
import { openStream, openTranscript } from '../../../store/transcripts.js';
import { writeStatus } from '../../../store/workers.js';
import { EventStream } from './event-stream.js';
import type { Launch } from './launch.js';
import { tellNothingUsed, WorkerMeter } from './meter.js';
import { Recorder } from './recorder.js';

/** Undrawn output at which reading stops and goes on: the kernel then holds the worker, our memory stays small. */
const BACKLOG_STOP = 1024 * 1024;
const BACKLOG_GO = 256 * 1024;
/** What a worker leaves behind after its own exit gets this long between TERM and KILL. */
const LEFTOVER_GRACE_MS = 2_000;
/** After KILL the exit comes at once; a process in an uninterruptible wait may never report it. */
const EXIT_AFTER_KILL_MS = 3_000;
/** Enter comes after the text: terminal programs take a burst that contains it for a paste and do not submit. */
const ENTER_DELAY_MS = 40;
/** The last status must reach the disk: a full one gets this many tries, one a second. */
const FINAL_TRIES = 600;

/** Somebody who watches through `attach`. */
export interface Viewer {
  output(bytes: Uint8Array): void;
  exit(status: WorkerStatus): void;
}

interface Exit {
  code: number | null;
  signal?: string;
}

export class WorkerSession {
  /** Resolves when the end is recorded. */
  readonly ended: Promise<void>;
  readonly #disk: Disk;
  #status: WorkerStatus;
  #emulator: Emulator;
  #recorder: Recorder | undefined;
  #stream: EventStream | undefined;
  #meter: WorkerMeter | undefined;
  #pty: Pty | undefined;
  #mark = '';
  #gentle: Launch['gentle'];
  #paused = false;
  #stopping: string | undefined;
  #finishing = false;
  readonly #begunMs = monotonicMs();
  readonly #viewers = new Set<Viewer>();
  #resolveEnded: () => void = () => {};
  #exit: Exit | undefined;
  #resolveExited: () => void = () => {};
  readonly #exited = new Promise<void>((resolve) => {
    this.#resolveExited = resolve;
  });

  constructor(disk: Disk, status: WorkerStatus) {
    this.#disk = disk;
    this.#status = status;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    // While a person is attached their own terminal answers; two answers would be typed into the program.
    this.#emulator = new Emulator(status.columns, status.rows, (reply) => {
      if (this.#viewers.size === 0) this.#pty?.write(reply);
    });
  }

  get status(): WorkerStatus {
    return this.#status;
  }

  /** Writes the present status; false when the disk refuses, which never ends a worker. */
  publish(change: Partial<WorkerStatus> = {}): boolean {
    this.#status = { ...this.#status, ...change };
    try {
      writeStatus(this.#disk, this.#status);
      return true;
    } catch {
      // The next change or the final retries write it; meanwhile the beacon tells the truth.
      return false;
    }
  }

  /** Starts the process. Throws when it cannot. */
  start(launch: Launch): void {
    this.#mark = launch.mark;
    this.#gentle = launch.gentle;
    if (this.#stopping !== undefined) {
      this.cancel(this.#stopping);
      return;
    }
    const { id } = this.#status;
    const record = { scrub: launch.scrub, onTrouble: (message?: string) => this.#note(message) };
    this.#recorder = new Recorder(openTranscript(this.#disk, id, launch.transcriptBytes), record);
    if (launch.teller) {
      const recorder = new Recorder(openStream(this.#disk, id, launch.transcriptBytes), record);
      this.#stream = new EventStream(launch.teller, recorder);
    }
    const { columns, rows } = this.#status;
    this.#pty = openPty({
      ...launch,
      file: 'bash',
      columns,
      rows,
      onOutput: (bytes) => this.#onOutput(bytes),
      onExit: (exit) => this.#onExit(exit),
    });
    this.publish({ state: 'running', child_pid: this.#pty.pid, ...launch.session });
    this.#meter = new WorkerMeter({
      disk: this.#disk,
      of: this.#status,
      reports: launch.reports,
      onSession: (session) => void (session === this.#status.session || this.publish({ session })),
    });
  }

  /** Ends a session that never had a process, because nobody wants it any more. */
  cancel(message: string): void {
    tellNothingUsed(this.#disk, this.#status);
    void this.#record({ state: 'killed', message });
  }

  async fail(message: string): Promise<void> {
    if (this.#pty) await this.stop(message);
    else {
      tellNothingUsed(this.#disk, this.#status);
      await this.#record({ state: 'failed', message });
    }
  }

  /** The gentle signals, grace, KILL, confirmation; the first caller's reason stays. Resolves when the end is recorded. */
  async stop(reason: string): Promise<void> {
    if (this.#stopping === undefined && !this.#finishing) {
      this.#stopping = reason;
      if (this.#pty) {
        await stopTree(this.#pty.pid, this.#mark, LIMITS.stopGraceMs, this.#gentle);
        await Promise.race([this.#exited, sleep(EXIT_AFTER_KILL_MS)]);
        await this.#finish(0);
      }
    }
    await this.ended;
  }

  /** Types into the terminal. */
  async send(text: string, enter: boolean): Promise<void> {
    const pty = this.#pty;
    if (!pty || this.#finishing) throw new Error(`worker "${this.#status.id}" is not running`);
    if (text !== '') pty.write(text);
    if (!enter) return;
    if (text !== '') await sleep(ENTER_DELAY_MS);
    pty.write('\r');
  }

  input(bytes: Buffer): void {
    this.#pty?.write(bytes);
  }

  resize(columns: number, rows: number): void {
    if (this.#finishing || !this.#emulator.resize(columns, rows)) return;
    this.#pty?.resize(columns, rows);
    const { columns: wide, rows: high } = this.#status;
    // Where the size changed belongs into the record: a replay at any other size puts everything in the wrong place.
    if (columns !== wide || rows !== high)
      this.#recorder?.add(Buffer.from(sizeMark({ columns, rows }, { columns: wide, rows: high })));
    this.#status = { ...this.#status, columns, rows };
  }

  screen(): Promise<Screen> {
    return this.#emulator.screen(true);
  }

  addViewer(viewer: Viewer): void {
    this.#viewers.add(viewer);
  }

  /** The size that a viewer left behind is what a later replay needs. */
  removeViewer(viewer: Viewer): void {
    if (this.#viewers.delete(viewer) && !this.#finishing) this.publish();
  }

  dismissViewers(): void {
    for (const viewer of this.#viewers) viewer.exit(this.#status);
    this.#viewers.clear();
  }

  #onOutput(bytes: Uint8Array): void {
    this.#meter?.add(bytes);
    this.#show(this.#stream ? this.#stream.take(bytes) : bytes);
  }

  /** On every screen and in the transcript. */
  #show(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#recorder?.add(bytes);
    for (const viewer of this.#viewers) viewer.output(bytes);
    void this.#emulator.write(bytes).then(() => this.#ease());
    if (!this.#paused && this.#emulator.backlog > BACKLOG_STOP) {
      this.#paused = true;
      this.#pty?.pause();
    }
  }

  #ease(): void {
    if (!this.#paused || this.#emulator.backlog > BACKLOG_GO) return;
    this.#paused = false;
    this.#pty?.resume();
  }

  #note(message: string | undefined): void {
    if (this.#finishing || this.#status.message === message) return;
    const { message: _old, ...rest } = this.#status;
    this.#status = rest;
    this.publish(message === undefined ? {} : { message });
  }

  /** While it is being stopped, the one who stops it finishes: others of the worker still have their grace. */
  #onExit(exit: Exit): void {
    this.#exit = exit;
    this.#resolveExited();
    if (this.#stopping === undefined) void this.#finish(this.#pty!.pid);
  }

  /** `group` is 0 when it may belong to others by now: a group id is ours only until a moment after its leader was reaped. */
  async #finish(group: number): Promise<void> {
    if (this.#finishing) return;
    this.#finishing = true;
    const exit: Exit = this.#exit ?? { code: null };
    const survivors = await stopTree(group, this.#mark, LEFTOVER_GRACE_MS, this.#gentle);
    const rest = this.#stream?.close();
    this.#show(rest?.shown ?? new Uint8Array());
    const unmetered = this.#meter?.close();
    const why = [
      this.#stopping,
      survivors.length > 0 ? `processes ${survivors.join(', ')} survived KILL` : undefined,
      rest?.trouble,
      this.#recorder?.close(),
      unmetered === undefined ? undefined : `what it used is counted by estimate: ${unmetered}`,
    ].filter((part) => part !== undefined);
    await this.#record({
      state: this.#stopping !== undefined || exit.signal !== undefined ? 'killed' : 'exited',
      exit_code: exit.code,
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      ...(why.length === 0 ? {} : { message: why.join('; ') }),
    });
  }

  /** The end, written until the disk takes it: without it a finished worker would look like a crashed one. */
  async #record(change: Partial<WorkerStatus>): Promise<void> {
    this.#finishing = true;
    const { message: _old, ...rest } = this.#status;
    this.#status = rest;
    const duration_ms = Math.round(monotonicMs() - this.#begunMs);
    for (let attempt = 0; attempt < FINAL_TRIES; attempt++) {
      if (this.publish({ ...change, duration_ms, ended_ts: unixSeconds(now()) })) break;
      await sleep(1_000);
    }
    this.#resolveEnded();
  }
}
