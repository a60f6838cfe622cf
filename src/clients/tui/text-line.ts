/**
 * Lines of a screen as pieces of styled text, measured in columns. What is painted goes through `paintLine`, and nothing but
 * our own colours passes it: whatever is left of a stranger's control characters is a `?` there.
 */
import stringWidth from 'string-width';
import { terminalSafe } from '../../lib/terminal-safe.js';

export interface Style {
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
  inverse?: boolean;
  strike?: boolean;
  /** SGR parameters of a colour: `31`, `38;5;203`. */
  fg?: string;
  bg?: string;
}

export interface Piece {
  text: string;
  style?: Style;
}

export type Line = readonly Piece[];

const graphemes = new Intl.Segmenter();
const TAB = '    ';

/** Text of a stranger as one that can be laid out: harmless, without tabs; newlines stay. */
export const safe = (text: string): string => terminalSafe(text).replace(/\t/g, TAB);

/** Columns that a text takes. */
export const columnsOf = (text: string): number => stringWidth(text);

export const lineWidth = (line: Line): number => line.reduce((sum, { text }) => sum + columnsOf(text), 0);

/** What a person sees as one character each. */
export function charactersOf(text: string): string[] {
  if (/^[\u0020-\u007e]*$/.test(text)) return [...text];
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** The beginning of `text` that fits into `width` columns. */
export function cut(text: string, width: number): string {
  if (width <= 0) return '';
  if (columnsOf(text) <= width) return text;
  let taken = '';
  let used = 0;
  for (const char of charactersOf(text)) {
    used += columnsOf(char);
    if (used > width) break;
    taken += char;
  }
  return taken;
}

/** `text` in at most `width` columns, its end replaced by `…` where it is cut. */
export const clipColumns = (text: string, width: number): string =>
  columnsOf(text) <= width ? text : width <= 0 ? '' : `${cut(text, width - 1)}…`;

/** Exactly `width` columns. */
export function padColumns(text: string, width: number): string {
  const clipped = clipColumns(text, width);
  return clipped + ' '.repeat(Math.max(0, width - columnsOf(clipped)));
}

/** Exactly `width` columns: cut with `…`, or filled up with blanks of the last piece's background. */
export function fitLine(line: Line, width: number, fill?: Style): Line {
  const fitted: Piece[] = [];
  let left = width;
  for (const piece of line) {
    const columns = columnsOf(piece.text);
    if (columns <= left) {
      fitted.push(piece);
      left -= columns;
      continue;
    }
    const text = clipColumns(piece.text, left);
    fitted.push({ ...piece, text });
    left -= columnsOf(text);
    break;
  }
  return left > 0 ? [...fitted, fill ? { text: ' '.repeat(left), style: fill } : { text: ' '.repeat(left) }] : fitted;
}

/** At most `width` columns, cut with `…`; with a `fill` exactly as many. */
export function cutLine(line: Line, width: number, fill?: Style): Line {
  if (fill) return fitLine(line, width, fill);
  return lineWidth(line) <= width ? line : fitLine(line, width);
}

/** Lines of at most `width` columns, broken between words where that is possible. `hang` stands before each line but the first. */
export function wrapLine(line: Line, width: number, hang: Line = []): Line[] {
  const room = Math.max(1, width);
  const lines: Piece[][] = [];
  let current: Piece[] = [];
  let used = 0;
  const begin = () => {
    lines.push(current);
    current = [...hang];
    used = lineWidth(hang);
  };
  for (const { text, style } of line) {
    for (const word of text.split(/(?<=[ \u3000])/)) {
      const columns = columnsOf(word.trimEnd());
      if (used + columns > room && used > 0 && columns <= room - lineWidth(hang)) begin();
      let rest = word;
      while (used + columnsOf(rest.trimEnd()) > room) {
        const head = cut(rest, room - used) || (used > lineWidth(hang) ? '' : charactersOf(rest)[0]!);
        if (head !== '') current.push(styled(head, style));
        rest = rest.slice(head.length);
        begin();
      }
      if (rest !== '') {
        const kept = cut(rest, room - used);
        current.push(styled(kept, style));
        used += columnsOf(kept);
      }
    }
  }
  lines.push(current);
  return lines.map(merged);
}

const styled = (text: string, style: Style | undefined): Piece => (style ? { text, style } : { text });

/** Pieces of one style that stand beside one another become one. */
function merged(line: readonly Piece[]): Line {
  const joined: Piece[] = [];
  for (const piece of line) {
    const last = joined.at(-1);
    if (last && last.style === piece.style) last.text += piece.text;
    else joined.push({ ...piece });
  }
  return joined;
}

const ATTRIBUTES = [
  ['bold', '1', '22'],
  ['dim', '2', '22'],
  ['italic', '3', '23'],
  ['underline', '4', '24'],
  ['inverse', '7', '27'],
  ['strike', '9', '29'],
] as const;

/** A line as a terminal takes it, each attribute switched on and off again by itself. Without `colour` there are no colours. */
export function paintLine(line: Line, colour: boolean): string {
  return line
    .map(({ text, style }) => paintPiece(text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?'), style, colour))
    .join('');
}

function paintPiece(text: string, style: Style | undefined, colour: boolean): string {
  if (!style || text === '') return text;
  const on: string[] = [];
  const off: string[] = [];
  for (const [name, begin, end] of ATTRIBUTES)
    if (style[name]) {
      on.push(`\u001b[${begin}m`);
      off.unshift(`\u001b[${end}m`);
    }
  if (colour && style.fg) {
    on.push(`\u001b[${style.fg}m`);
    off.unshift('\u001b[39m');
  }
  if (colour && style.bg) {
    on.push(`\u001b[${style.bg}m`);
    off.unshift('\u001b[49m');
  }
  return on.join('') + text + off.join('');
}
