/**
 * A terminal without a window: it follows a worker's output so that its screen can be shown, and answers the questions that
 * programs put to a terminal while nobody is attached (agent CLIs wait for the cursor's position before they draw).
 */
import type { IBufferCell, Terminal as XTerminal } from '@xterm/headless';
import xterm from '@xterm/headless';
import { hash32 } from '../lib/hash.js';
import type { Screen, ScreenCell } from '../lib/screen.js';
import { SIZE_OSC, sizeAtStart, sizeOfMark } from '../lib/size-mark.js';
import { setTodaysWidths } from './char-width.js';

/** Rows kept above the screen; nobody reads them, the transcript has everything. */
const SCROLLBACK = 100;
const MARGIN_MAX = 1_000;

export class Emulator {
  readonly #terminal: XTerminal;
  #hidden = false;
  #sequence = 0;
  #backlog = 0;

  constructor(columns: number, rows: number, onReply?: (text: string) => void) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, scrollback: SCROLLBACK, allowProposedApi: true });
    setTodaysWidths(this.#terminal);
    const cursor = (hidden: boolean) => (params: (number | number[])[]) => {
      if (params.includes(25)) this.#hidden = hidden;
      return false;
    };
    this.#terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, cursor(false));
    this.#terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, cursor(true));
    this.#terminal.parser.registerEscHandler({ final: 'c' }, () => {
      this.#hidden = false;
      return false;
    });
    if (onReply) this.#terminal.onData(onReply);
  }

  /** Bytes that were given and are not yet drawn: the caller slows its source down when they grow. */
  get backlog(): number {
    return this.#backlog;
  }

  /** Gives output to the screen; resolves when it is drawn. */
  write(data: Uint8Array | string): Promise<void> {
    this.#backlog += data.length;
    this.#sequence += 1;
    return new Promise((resolve) => {
      this.#terminal.write(data, () => {
        this.#backlog -= data.length;
        resolve();
      });
    });
  }

  /** For recorded output: takes the size where the record says that it changed. What runs live has its size from its terminal. */
  heedSizeMarks(): void {
    this.#terminal.parser.registerOscHandler(SIZE_OSC, (data) => {
      const told = sizeOfMark(data);
      if (told) this.resize(told.columns, told.rows);
      return true;
    });
  }

  /** Clamped to what a terminal can be; a nonsense size from a client changes nothing. */
  resize(columns: number, rows: number): boolean {
    const fits = (n: number) => Number.isInteger(n) && n >= 1 && n <= MARGIN_MAX;
    if (!fits(columns) || !fits(rows)) return false;
    this.#terminal.resize(columns, rows);
    return true;
  }

  /**
   * The picture of exactly what was written before this call: it is taken at that place in the stream, so that a viewer who
   * gets everything written later misses nothing and sees nothing twice. `live` adds the sequence number.
   */
  screen(live: boolean): Promise<Screen> {
    return new Promise((resolve) => this.#terminal.write('', () => resolve(this.#picture(live))));
  }

  #picture(live: boolean): Screen {
    const { cols, rows, buffer } = this.#terminal;
    const { active } = buffer;
    const cells: ScreenCell[] = [];
    const cell = active.getNullCell();
    for (let row = 0; row < rows; row++) {
      const line = active.getLine(active.baseY + row);
      for (let col = 0; line && col < cols; col++) {
        const got = line.getCell(col, cell);
        const seen = got && cellAt(row, col, got);
        if (seen) cells.push(seen);
      }
    }
    const cursor = { row: active.cursorY, col: Math.min(active.cursorX, cols - 1), hidden: this.#hidden };
    const picture = { rows, cols, cursor, alternate_screen: active.type === 'alternate', cells };
    return {
      format: 'json',
      ...picture,
      screen_hash: hash32(JSON.stringify(picture)).slice(0, 16),
      ...(live ? { screen_seq: this.#sequence } : {}),
    };
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}

/** One cell, or undefined for a blank in the default style and for the right half of a wide character. */
export function cellAt(row: number, col: number, cell: IBufferCell): ScreenCell | undefined {
  if (cell.getWidth() === 0) return undefined;
  const fg = colourOf(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor());
  const bg = colourOf(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor());
  const char = cell.getChars() || ' ';
  const styled = fg !== undefined || bg !== undefined || cell.isUnderline() !== 0 || cell.isInverse() !== 0;
  if (char === ' ' && !styled) return undefined;
  return {
    row,
    col,
    char,
    ...(cell.getWidth() === 2 ? { wide: true } : {}),
    ...(fg === undefined ? {} : { fg }),
    ...(bg === undefined ? {} : { bg }),
    ...(cell.isBold() ? { bold: true } : {}),
    ...(cell.isDim() ? { dim: true } : {}),
    ...(cell.isItalic() ? { italic: true } : {}),
    ...(cell.isUnderline() ? { underline: true } : {}),
    ...(cell.isInverse() ? { inverse: true } : {}),
  };
}

function colourOf(isRgb: boolean, isPalette: boolean, value: number): string | undefined {
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
  return isPalette ? `idx${value}` : undefined;
}

/** The screen of recorded output, as `screenshot` shows a dead worker; `columns` and `rows` are those it ended with. */
export async function replayScreen(output: string, columns: number, rows: number): Promise<Screen> {
  const begun = sizeAtStart(output) ?? { columns, rows };
  const emulator = new Emulator(begun.columns, begun.rows);
  emulator.heedSizeMarks();
  try {
    await emulator.write(output);
    return await emulator.screen(false);
  } finally {
    emulator.dispose();
  }
}
