/** What the mouse does: the wheel moves the log or the selection, a click selects, and the bar of the log is dragged. */
import type { Input } from './keys.js';
import { type Bar, heightsOf, rowAtThumb, tableTop, thumbOf } from './layout.js';

/** Rows that one notch of the wheel moves, as in most terminals. */
const WHEEL_ROWS = 3;

export interface MouseTargets {
  size(): { columns: number; rows: number };
  /** Ids in the order of the table. */
  fleet(): readonly string[];
  selected(): string;
  log(): { length: number; top: number };
  select(id: string): void;
  scroll(by: number): void;
  scrollTo(top: number): void;
}

export class Mouse {
  readonly #on: MouseTargets;
  /** Where in the thumb it was taken; undefined: nothing is dragged. */
  #grip: number | undefined;

  constructor(targets: MouseTargets) {
    this.#on = targets;
  }

  take(input: Extract<Input, { mouse: string }>): void {
    const { columns, rows } = this.#on.size();
    const ids = this.#on.fleet();
    const { log, table } = heightsOf(rows, ids.length);
    const bar = { ...this.#on.log(), height: log };
    switch (input.mouse) {
      case 'wheel-up':
      case 'wheel-down': {
        const by = input.mouse === 'wheel-up' ? -1 : 1;
        if (input.row < log) this.#on.scroll(by * WHEEL_ROWS);
        else this.#on.select(nth(ids, ids.indexOf(this.#on.selected()) + by));
        break;
      }
      case 'press':
        if (input.row >= log) this.#choose(input.row - log - 2, ids, table);
        else if (input.column >= columns - 1) this.#grab(input.row, bar);
        break;
      case 'drag':
        // Wherever the hand goes: it holds the thumb until it lets go.
        this.#drag(input.row, bar);
        break;
      case 'release':
        this.#grip = undefined;
        break;
      default:
        throw input.mouse satisfies never;
    }
  }

  /** `line`: of the data rows, below the line with the name and the head. */
  #choose(line: number, ids: readonly string[], table: number): void {
    if (line < 0 || line >= table) return;
    const top = tableTop(Math.max(0, ids.indexOf(this.#on.selected())), table, ids.length);
    if (top + line < ids.length) this.#on.select(ids[top + line]!);
  }

  #grab(row: number, bar: Bar): void {
    const { from, size } = thumbOf(bar);
    if (size === 0) return;
    const isOnThumb = row >= from && row < from + size;
    this.#grip = isOnThumb ? row - from : Math.floor(size / 2);
    if (!isOnThumb) this.#drag(row, bar);
  }

  #drag(row: number, bar: Bar): void {
    if (this.#grip === undefined) return;
    const { size } = thumbOf(bar);
    const from = Math.min(bar.height - size, Math.max(0, row - this.#grip));
    this.#on.scrollTo(rowAtThumb(from, bar));
  }
}

const nth = (ids: readonly string[], at: number): string => ids[Math.min(ids.length - 1, Math.max(0, at))]!;
