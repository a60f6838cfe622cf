/**
 * Frames → bytes for the terminal: only lines that changed, and lines that moved are moved by the terminal itself, so that a log that
 * runs by costs its new lines and not the screen. Pure but for the frame that is shown.
 */

export interface Line {
  /** Text with SGR, reset at its end, never wider than the screen without its last column. */
  text: string;
  /** The last column: a piece of a scroll bar, or nothing. */
  edge: string;
}

export interface Frame {
  columns: number;
  lines: readonly Line[];
  /** How many lines from the top scroll together. */
  scrolling: number;
}

/** Held back until the frame is whole, by terminals that know it; the others pass over it. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const BLANK: Line = { text: '', edge: '' };

export class Painter {
  #shown: Line[] = [];
  #columns = 0;

  /** The next frame is painted whole: the terminal was resized, or somebody else wrote on it. */
  forget(): void {
    this.#columns = 0;
  }

  /** What makes the terminal show `frame`; empty when it does already. */
  paint({ columns, lines, scrolling }: Frame): string {
    let out = '';
    if (columns !== this.#columns || lines.length !== this.#shown.length) {
      this.#columns = columns;
      this.#shown = lines.map(() => BLANK);
      out += '\u001b[0m\u001b[2J';
    } else out += this.#scroll(lines, scrolling);
    for (const [at, line] of lines.entries()) {
      const shown = this.#shown[at]!;
      if (shown.text !== line.text)
        // Erased first: erasing behind a line that fills the screen would take its last character.
        out += `\u001b[${at + 1};1H\u001b[0m\u001b[K${line.text}`;
      else if (shown.edge === line.edge) continue;
      if (line.edge !== '') out += `\u001b[${at + 1};${columns}H${line.edge}`;
      else if (shown.text === line.text) out += `\u001b[${at + 1};${columns}H\u001b[0m\u001b[K`;
    }
    this.#shown = [...lines];
    return out === '' ? '' : BEGIN + out + END;
  }

  /** Lets the terminal move what only moved, when that is more than half of it. */
  #scroll(lines: readonly Line[], height: number): string {
    const by = shiftOf(this.#shown, lines, height);
    if (by === 0) return '';
    const kept = this.#shown.slice(0, height);
    const gap = Array.from({ length: Math.abs(by) }, () => BLANK);
    const moved = by > 0 ? [...kept.slice(by), ...gap] : [...gap, ...kept.slice(0, by)];
    this.#shown = [...moved, ...this.#shown.slice(height)];
    return `\u001b[0m\u001b[1;${height}r\u001b[${Math.abs(by)}${by > 0 ? 'S' : 'T'}\u001b[r`;
  }
}

/** By how many lines the top `height` moved up (negative: down); 0 when painting anew is no dearer. */
function shiftOf(shown: readonly Line[], lines: readonly Line[], height: number): number {
  const same = (by: number) => {
    let n = 0;
    for (let at = Math.max(0, -by); at < height && at + by < height; at++)
      if (lines[at]!.text !== '' && lines[at]!.text === shown[at + by]!.text) n += 1;
    return n;
  };
  let best = 0;
  let most = Math.max(same(0), Math.floor(height / 2));
  for (let by = 1; by < height; by++)
    for (const one of [by, -by]) {
      const n = same(one);
      if (n > most) [best, most] = [one, n];
    }
  return best;
}
