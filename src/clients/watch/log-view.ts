/** A window on the rows of a log: it follows the end, or it stays on the row that it shows while rows arrive and old ones go. */
import type { LogState, ReplayedLog } from '../../contract/replayed-log.js';

type Rows = NonNullable<ReplayedLog['replay']>;
type Pin = ReturnType<Rows['pin']>;

export class LogView {
  readonly #log: ReplayedLog;
  #rows: Rows | undefined;
  #pin: Pin;
  /** Rows between the end and the last that is shown; 0: it follows. */
  #back = 0;

  constructor(log: ReplayedLog) {
    this.#log = log;
  }

  get state(): LogState {
    return this.#log.state;
  }

  get rows(): Rows | undefined {
    return this.#log.replay;
  }

  get back(): number {
    return this.#back;
  }

  look(changed: () => void): Promise<void> {
    return this.#log.look(changed);
  }

  /** The first row to show in a window of `height`; a log that is shorter stands at the top. */
  top(height: number): number {
    const rows = this.#log.replay;
    const last = Math.max(0, (rows?.length ?? 0) - height);
    if (this.#back === 0) {
      this.#rows = rows;
      return last;
    }
    // The history has taken the place of the end alone: the same rows, counted from the end.
    if (rows !== this.#rows) this.#pinAt(Math.max(0, last - this.#back), height);
    const pinned = this.#pin ? (this.#pin.at() ?? 0) : last - this.#back;
    const top = Math.min(last, Math.max(0, pinned));
    this.#back = last - top;
    return top;
  }

  /** Moves the window; at the end it follows again. */
  scroll(by: number, height: number): void {
    this.to(this.top(height) + by, height);
  }

  /** Shows from this row on, or as near to it as there is. */
  to(top: number, height: number): void {
    const last = Math.max(0, (this.#log.replay?.length ?? 0) - height);
    this.#pinAt(Math.min(last, Math.max(0, top)), height);
  }

  follow(): void {
    this.#pin?.release();
    this.#pin = undefined;
    this.#back = 0;
  }

  close(): void {
    this.follow();
    this.#log.close();
  }

  #pinAt(top: number, height: number): void {
    const rows = this.#log.replay;
    this.follow();
    this.#rows = rows;
    this.#back = Math.max(0, (rows?.length ?? 0) - height) - top;
    if (this.#back > 0) this.#pin = rows?.pin(top);
  }
}
