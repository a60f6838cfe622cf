/**
 * The lifetime of `tend watch` on a terminal: events of the profile, keys and the size of the window come in, frames go out. It reads
 * when an event says that there is something to read; while nothing happens it does nothing.
 */
import { pulseSource } from '../../contract/pulse-events.js';
import { ReplayedLog, transcriptSource } from '../../contract/replayed-log.js';
import { clockMs, fleetChanges, type onScreen, outputKey, terminalSizeOf } from '../../contract/screen-client.js';
import type { Context } from '../../contract/verb.js';
import { oneLine } from '../../lib/clip.js';
import { terminalSafe } from '../../lib/terminal-safe.js';
import { type FleetNow, FleetWatch } from './fleet-watch.js';
import { type Input, KeyReader } from './keys.js';
import { frameOf, heightsOf } from './layout.js';
import { LogView } from './log-view.js';
import { Mouse } from './mouse.js';
import { noteOf } from './note.js';
import { Painter } from './painter.js';

type Terminal = Parameters<Parameters<typeof onScreen>[1]>[0];

export interface WatchTerms {
  /** The worker that was asked for; it stays in the table whatever becomes of it. */
  requested: string | undefined;
  all: boolean;
  sinceS: number | undefined;
}

/** Thirty frames a second are as many as anybody sees; each more is a burden for a slow line. */
const FRAME_MS = 33;
/** A sequence of a key comes in one piece but for slow lines; after this Escape was pressed alone. */
const ESCAPE_MS = 100;
/** Buttons, and movement with a button held; coordinates as numbers. No wrapping: a row that is wider than we think stays a row. */
const SET_UP = '\u001b[?1000h\u001b[?1002h\u001b[?1006h\u001b[?7l\u001b[?25l';

export class WatchScreen {
  readonly #context: Context;
  readonly #terms: WatchTerms;
  readonly #terminal: Terminal;
  readonly #painter = new Painter();
  readonly #keys = new KeyReader();
  readonly #ends = new AbortController();
  readonly #fleet: FleetWatch;
  #fail: (error: unknown) => void = () => {};
  #all: boolean;
  #selected: string;
  #view: LogView;
  #timers: { frame?: NodeJS.Timeout; age?: NodeJS.Timeout; escape?: NodeJS.Timeout } = {};
  #paintedMs = Number.NEGATIVE_INFINITY;
  /** As a job of the shell. */
  #stop: () => void = () => {};
  /** The file of events that is shown when the pulse is. */
  #eventsKey = '';
  #mouse: Mouse;

  constructor(context: Context, terms: WatchTerms, terminal: Terminal) {
    this.#context = context;
    this.#terms = terms;
    this.#terminal = terminal;
    this.#all = terms.all;
    this.#selected = terms.requested ?? 'pulse';
    this.#fleet = new FleetWatch(context, () => this.#repaint());
    this.#view = this.#open();
    this.#mouse = new Mouse({
      size: () => this.#terminal.size(),
      fleet: () => this.#fleetNow().rows.map((row) => row.id),
      selected: () => this.#selected,
      log: () => ({ length: this.#view.rows?.length ?? 0, top: this.#view.top(this.#height()) }),
      select: (id) => this.#select(id),
      scroll: (by) => this.#scroll(by),
      scrollTo: (top) => this.#view.to(top, this.#height()),
    });
  }

  /** Resolves when the person leaves; rejects with whatever went wrong, after the timers are off. */
  async run(): Promise<void> {
    const { signal } = this.#context;
    const end = () => this.#ends.abort();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    this.#terminal.write(SET_UP);
    const job = this.#terminal.onGoOn(() => {
      this.#terminal.write(SET_UP);
      this.#guarded(() => this.#onResize());
    });
    this.#stop = job.stop;
    const undo = [
      job.close,
      this.#terminal.onInput((bytes) => this.#guarded(() => this.#onInput(bytes.toString('utf8')))),
      this.#terminal.onResize(() => this.#guarded(() => this.#onResize())),
    ];
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    try {
      this.#fleet.lookSoon();
      this.#readLog();
      await Promise.race([this.#follow(), failed]);
    } finally {
      end();
      signal.removeEventListener('abort', end);
      for (const step of undo) step();
      for (const timer of Object.values(this.#timers)) clearTimeout(timer);
      this.#fleet.close();
      this.#view.close();
    }
  }

  async #follow(): Promise<void> {
    for await (const key of fleetChanges(this.#context, this.#ends.signal)) this.#onChange(key);
  }

  #onChange(key: string): void {
    const worker = /^workers\/([^/]+)\/transcript\.log(\.1)?$/.exec(key)?.[1];
    if (worker !== undefined) {
      this.#fleet.printed(worker);
      if (key === outputKey(this.#selected)) this.#readLog();
      this.#repaint();
      return;
    }
    if (key === '' || key.startsWith('events-')) {
      if (this.#selected !== 'pulse') return;
      // A new day has a file of its own.
      if (key.startsWith('events-') && key > this.#eventsKey) this.#reopen();
      else this.#readLog();
      return;
    }
    if (key === 'pulse/memory.json' || !/^(workers|asks|pulse)(\/|$)/.test(key)) return;
    if (key === 'workers' || key === `workers/${this.#selected}`) this.#readLog();
    this.#fleet.lookSoon();
  }

  #onInput(text: string): void {
    clearTimeout(this.#timers.escape);
    for (const input of this.#keys.read(text)) this.#take(input);
    if (this.#keys.isWaiting) this.#timers.escape = setTimeout(() => this.#keys.forget(), ESCAPE_MS);
    this.#repaint();
  }

  #take(input: Input): void {
    if ('mouse' in input) this.#mouse.take(input);
    else this.#press(input.key);
  }

  #press(key: string): void {
    const height = this.#height();
    const half = Math.max(1, Math.floor(height / 2));
    const keys: Record<string, () => void> = {
      up: () => this.#step(-1),
      down: () => this.#step(1),
      left: () => this.#step(-1),
      right: () => this.#step(1),
      'ctrl-p': () => this.#scroll(-1),
      'ctrl-n': () => this.#scroll(1),
      'ctrl-u': () => this.#scroll(-half),
      'ctrl-d': () => this.#scroll(half),
      'ctrl-b': () => this.#scroll(-height),
      'ctrl-f': () => this.#scroll(height),
      pgup: () => this.#scroll(-height),
      pgdn: () => this.#scroll(height),
      g: () => this.#view.to(0, height),
      home: () => this.#view.to(0, height),
      G: () => this.#view.follow(),
      end: () => this.#view.follow(),
      tab: () => this.#toggle(),
      q: () => this.#ends.abort(),
      'ctrl-c': () => this.#ends.abort(),
      'ctrl-z': () => this.#stop(),
    };
    if (Object.hasOwn(keys, key)) keys[key]!();
  }

  #onResize(): void {
    this.#painter.forget();
    // Its lines are broken at the width of the window; a worker's at that of its own terminal.
    if (this.#selected === 'pulse') this.#reopen();
    this.#repaint();
  }

  #height(): number {
    return heightsOf(this.#terminal.size().rows, this.#fleetNow().rows.length).log;
  }

  #scroll(by: number): void {
    this.#view.scroll(by, this.#height());
  }

  #toggle(): void {
    this.#all = !this.#all;
  }

  #step(by: number): void {
    const { rows } = this.#fleetNow();
    const at = rows.findIndex((row) => row.id === this.#selected);
    this.#select(rows[Math.min(rows.length - 1, Math.max(0, at + by))]!.id);
  }

  #select(id: string): void {
    if (id === this.#selected) return;
    this.#selected = id;
    this.#reopen();
  }

  #reopen(): void {
    this.#view.close();
    this.#view = this.#open();
    this.#readLog();
  }

  #open(): LogView {
    const { disk } = this.#context;
    const id = this.#selected;
    const size = () => ({ columns: Math.max(1, this.#terminal.size().columns - 1), rows: 10 });
    if (id !== 'pulse')
      return new LogView(new ReplayedLog(transcriptSource(disk, id, () => terminalSizeOf(this.#context, id))));
    const source = pulseSource(disk, true, size);
    this.#eventsKey = source.key;
    return new LogView(new ReplayedLog(source));
  }

  #readLog(): void {
    const view = this.#view;
    view.look(() => view === this.#view && this.#repaint()).catch(this.#fail);
  }

  #fleetNow(): FleetNow {
    const kept = new Set([this.#selected, this.#terms.requested ?? this.#selected]);
    return this.#fleet.now({ all: this.#all, sinceS: this.#terms.sinceS, kept });
  }

  #repaint(): void {
    if (this.#timers.frame || this.#ends.signal.aborted) return;
    const wait = Math.max(0, this.#paintedMs + FRAME_MS - clockMs());
    this.#timers.frame = setTimeout(() => {
      delete this.#timers.frame;
      this.#guarded(() => this.#paint());
    }, wait);
  }

  #paint(): void {
    const { columns, rows } = this.#terminal.size();
    const fleet = this.#fleetNow();
    const height = heightsOf(rows, fleet.rows.length).log;
    const top = this.#view.top(height);
    const source = this.#view.rows;
    const { problem } = this.#fleet;
    const frame = frameOf({
      columns,
      rows,
      colour: !this.#context.env['NO_COLOR'],
      selected: this.#selected,
      fleet: fleet.rows,
      log: {
        length: source?.length ?? 0,
        top,
        back: this.#view.back,
        cells: (at) => source?.cells(at) ?? [],
      },
      note: noteOf(this.#view.state, { id: this.#selected, top }),
      all: this.#all,
      hidden: fleet.hidden,
      problem: problem === undefined ? undefined : oneLine(terminalSafe(problem), columns),
    });
    const bytes = this.#painter.paint(frame);
    if (bytes !== '') this.#terminal.write(bytes);
    this.#paintedMs = clockMs();
    clearTimeout(this.#timers.age);
    if (fleet.dueMs !== undefined) this.#timers.age = setTimeout(() => this.#repaint(), fleet.dueMs);
  }

  /** What goes wrong in a callback ends the client in order: the terminal is given back, then the error is shown. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }
}
