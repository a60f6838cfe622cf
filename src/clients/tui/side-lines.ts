/** What stands beside the opened row, as lines: the file that it names, or the terminal of its worker as it looks now. Pure. */
import type { Screen, ScreenCell } from '../../lib/screen.js';
import { markdownLines, plainLines } from './markdown.js';
import type { Side } from './model.js';
import { type Line, type Piece, type Style, safe } from './text-line.js';
import { THEME } from './theme.js';

let last: { side: Side; width: number; lines: Line[] } | undefined;

/** All lines of the side; a terminal's are those of its screen. The last answer is remembered. */
export function sideLines(side: Side, width: number): Line[] {
  if (last?.side === side && last.width === width) return last.lines;
  last = { side, width, lines: linesOf(side, width) };
  return last.lines;
}

function linesOf(side: Side, width: number): Line[] {
  if (side.kind === 'none') return [];
  if (side.problem !== undefined) return plainLines(side.problem, width, THEME.warn);
  if (side.kind === 'terminal')
    return side.screen ? screenLines(side.screen) : [[{ text: 'looking …', style: THEME.dim }]];
  if (side.text === undefined) return [[{ text: 'reading …', style: THEME.dim }]];
  return /\.(?:md|markdown)$/i.test(side.name) ? markdownLines(side.text, width) : plainLines(side.text, width);
}

/** Name of what is beside, for its first line. */
export const sideTitle = (side: Side): string =>
  side.kind === 'terminal' ? `terminal of ${side.worker}` : side.kind === 'reference' ? safe(side.name) : '';

/** Rows of a terminal without the blank ones at its end. Blinking and links are left out; a cell is one piece until styles join. */
export function screenLines(screen: Screen): Line[] {
  const rows: Piece[][] = Array.from({ length: screen.rows }, () => []);
  const column: number[] = Array.from({ length: screen.rows }, () => 0);
  const put = (row: number, text: string, style: Style | undefined) => {
    const line = rows[row]!;
    const before = line.at(-1);
    if (before && sameStyle(before.style, style)) before.text += text;
    else line.push(style ? { text, style } : { text });
  };
  for (const cell of screen.cells) {
    if (!rows[cell.row]) continue;
    const gap = cell.col - column[cell.row]!;
    if (gap > 0) put(cell.row, ' '.repeat(gap), undefined);
    put(cell.row, safe(cell.char), styleOf(cell));
    column[cell.row] = cell.col + (cell.wide ? 2 : 1);
  }
  while (rows.length > 1 && rows.at(-1)!.length === 0) rows.pop();
  return rows;
}

const sameStyle = (a: Style | undefined, b: Style | undefined): boolean =>
  a === b || JSON.stringify(a ?? {}) === JSON.stringify(b ?? {});

function styleOf(cell: ScreenCell): Style | undefined {
  const style: Style = {
    ...(cell.bold ? { bold: true } : {}),
    ...(cell.italic ? { italic: true } : {}),
    ...(cell.underline ? { underline: true } : {}),
    ...(cell.inverse ? { inverse: true } : {}),
    ...(cell.fg ? { fg: colourOf(38, cell.fg) } : {}),
    ...(cell.bg ? { bg: colourOf(48, cell.bg) } : {}),
  };
  return Object.keys(style).length > 0 ? style : undefined;
}

function colourOf(base: 38 | 48, value: string): string {
  if (value.startsWith('idx')) return `${base};5;${value.slice(3)}`;
  const n = Number.parseInt(value.slice(1), 16);
  return `${base};2;${n >> 16};${(n >> 8) & 255};${n & 255}`;
}
