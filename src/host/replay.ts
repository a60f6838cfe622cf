/**
 * Recorded output as rows that can be scrolled: a terminal without a window at the size at which the output was made, with its
 * history. Any other size would put what programs draw by moving the cursor in the wrong place.
 */
import type { Terminal as XTerminal } from '@xterm/headless';
import xterm from '@xterm/headless';
import type { ScreenCell } from '../lib/screen.js';
import { SIZE_OSC, type Size, sizeOfMark } from '../lib/size-mark.js';
import { setTodaysWidths } from './char-width.js';
import { cellAt } from './terminal.js';

/** Rows of history (specs/looop.md 6.2): a few hundred screens, and about 24 MB at 80 columns. */
export const REPLAY_ROWS = 25_000;
/** Sizes beyond this are nonsense in a record. */
const SIDE_MAX = 1_000;

/** A row that is followed while rows arrive and the oldest go. */
export interface Pin {
  /** Where the row is now; undefined when it is gone. */
  at(): number | undefined;
  release(): void;
}

export class Replay {
  readonly #terminal: XTerminal;

  constructor(size: Size) {
    this.#terminal = new xterm.Terminal({
      cols: side(size.columns),
      rows: side(size.rows),
      scrollback: REPLAY_ROWS,
      allowProposedApi: true,
    });
    setTodaysWidths(this.#terminal);
    this.#terminal.parser.registerOscHandler(SIZE_OSC, (data) => {
      const told = sizeOfMark(data);
      if (told) this.#terminal.resize(side(told.columns), side(told.rows));
      return true;
    });
  }

  /** Gives output; resolves when it is drawn. Long output is drawn in slices, with room for other work between them. */
  write(data: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(data, resolve));
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  /** Rows from the oldest that is kept to the last that shows something or has the cursor. */
  get length(): number {
    const { active } = this.#terminal.buffer;
    let last = active.baseY + this.#terminal.rows - 1;
    const cursor = active.baseY + active.cursorY;
    while (last > cursor && (active.getLine(last)?.translateToString(true) ?? '') === '') last -= 1;
    // An untouched line below the last newline is not yet a row.
    if (last === cursor && active.cursorX === 0 && (active.getLine(last)?.translateToString(true) ?? '') === '')
      last -= 1;
    return last + 1;
  }

  /** The row of the cursor: those above it are done with, as far as anybody can know. */
  get cursorRow(): number {
    const { active } = this.#terminal.buffer;
    return active.baseY + active.cursorY;
  }

  /** Cells of a row that differ from a blank in the default style; `row` of each is 0. */
  cells(at: number): ScreenCell[] {
    const line = this.#terminal.buffer.active.getLine(at);
    const cells: ScreenCell[] = [];
    if (!line) return cells;
    const cell = this.#terminal.buffer.active.getNullCell();
    for (let col = 0; col < this.#terminal.cols; col++) {
      const got = line.getCell(col, cell);
      const seen = got && cellAt(0, col, got);
      if (seen) cells.push(seen);
    }
    return cells;
  }

  /** Text of a row without its style; `wrapped`: it goes on where the row before it ended. */
  text(at: number): { text: string; wrapped: boolean } {
    const line = this.#terminal.buffer.active.getLine(at);
    return { text: line?.translateToString(true) ?? '', wrapped: line?.isWrapped === true };
  }

  /** True while a program has the other screen, which has no history. */
  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  pin(at: number): Pin | undefined {
    const { active } = this.#terminal.buffer;
    const marker = this.#terminal.registerMarker(at - active.baseY - active.cursorY);
    if (!marker) return undefined;
    return { at: () => (marker.isDisposed ? undefined : marker.line), release: () => marker.dispose() };
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}

const side = (n: number): number => (Number.isInteger(n) ? Math.min(SIDE_MAX, Math.max(1, n)) : 80);
