/**
 * One frame of `tend watch`: the log on top, a line that says whose it is, the docked table, a footer. Pure: what is known in, lines
 * out, none wider than the screen.
 */
import { clip } from '../../lib/clip.js';
import { ansiRow, type ScreenCell } from '../../lib/screen.js';
import { alignedRows, type FleetRow } from './fleet-rows.js';
import type { Frame, Line } from './painter.js';

/** Data rows of the table (specs/looop.md 6.2): more are scrolled through. */
const TABLE_ROWS = 5;
/** Fewer columns hold no table. */
const COLUMNS_MIN = 8;

export interface View {
  columns: number;
  rows: number;
  /** False: attributes alone, as NO_COLOR asks. */
  colour: boolean;
  selected: string;
  fleet: readonly FleetRow[];
  log: { length: number; top: number; back: number; cells(at: number): readonly ScreenCell[] };
  /** About the log: that it loads, that there is none. */
  note: string;
  all: boolean;
  /** Workers that the table leaves out. */
  hidden: number;
  /** What is wrong, instead of the keys. */
  problem: string | undefined;
}

/** What has which height; the table gives way first, down to the selected row. */
export interface Heights {
  log: number;
  /** Data rows of the table. */
  table: number;
}

export function heightsOf(rows: number, workers: number): Heights {
  // The line above the table, its head, the footer.
  const rest = rows - 3;
  const table = Math.max(0, Math.min(TABLE_ROWS, workers, Math.floor(rest / 2)));
  return { log: Math.max(1, rest - table), table };
}

/** The first data row of the table that is shown, so that the selected one is. */
export const tableTop = (selectedAt: number, table: number, rows: number): number =>
  Math.max(0, Math.min(rows - table, selectedAt - Math.floor(table / 2)));

export function frameOf(view: View): Frame {
  const { log, table } = heightsOf(view.rows, view.fleet.length);
  const lines = [...logLines(view, log), rule(view), ...tableLines(view, table), footer(view)];
  return { columns: view.columns, lines: lines.slice(0, Math.max(0, view.rows)), scrolling: Math.min(log, view.rows) };
}

function logLines({ columns, colour, log }: View, height: number): Line[] {
  const bar = barOf({ length: log.length, top: log.top, height });
  return Array.from({ length: height }, (_, at) => {
    const row = log.top + at;
    const cells = row < log.length ? log.cells(row) : [];
    // The last column is the bar's: so rows do not jump when it appears.
    const fitting = cells.filter((cell) => cell.col + (cell.wide ? 2 : 1) <= columns - 1);
    return { text: ansiRow(fitting, !colour), edge: bar[at] ?? '' };
  });
}

export interface Bar {
  length: number;
  top: number;
  height: number;
}

/** Thumb and track of a scroll bar, a piece a line; none when everything fits. */
export function barOf(bar: Bar): string[] {
  const { from, size } = thumbOf(bar);
  if (size === 0) return [];
  return Array.from({ length: bar.height }, (_, at) =>
    at >= from && at < from + size ? '\u001b[0m┃' : '\u001b[0;2m│\u001b[0m',
  );
}

/** Where the thumb is; size 0: there is none. At least two rows where there is room, so that a hand can take it. */
export function thumbOf({ length, top, height }: Bar): { from: number; size: number } {
  if (length <= height || height < 2) return { from: 0, size: 0 };
  const size = Math.min(height - 1, Math.max(Math.min(2, height - 1), Math.round((height * height) / length)));
  return { from: Math.round((top / (length - height)) * (height - size)), size };
}

/** The row that a thumb at this line shows first. */
export const rowAtThumb = (from: number, { length, height }: Bar): number => {
  const { size } = thumbOf({ length, top: 0, height });
  return Math.round((from / Math.max(1, height - size)) * (length - height));
};

function rule({ columns, selected, log, note }: View): Line {
  const back = log.back > 0 ? ` · ${log.back} rows back` : '';
  const said = note === '' ? '' : ` · ${note}`;
  const title = clip(`── ${selected}${back}${said} `, columns);
  return { text: `\u001b[2m${title.padEnd(columns, '─')}\u001b[0m`, edge: '' };
}

function tableLines({ columns, colour, fleet, selected }: View, height: number): Line[] {
  if (height === 0 || columns < COLUMNS_MIN) return [];
  const { head, lines } = alignedRows(fleet);
  const at = fleet.findIndex((row) => row.id === selected);
  const top = tableTop(Math.max(0, at), height, fleet.length);
  const bar = barOf({ length: fleet.length, top, height });
  const rows = Array.from({ length: height }, (_, line): Line => {
    const row = fleet[top + line];
    if (!row) return { text: '', edge: '' };
    const text = clip(`${row.id === selected ? '▸' : ' '} ${lines[top + line]!}`, columns - 1);
    const style = [row.id === selected ? '7' : '', row.isBad && colour ? '31' : ''].filter((one) => one !== '');
    return {
      text: style.length === 0 ? text : `\u001b[${style.join(';')}m${text.padEnd(columns - 1)}\u001b[0m`,
      edge: bar[line] ?? '',
    };
  });
  return [{ text: `\u001b[1;2m${clip(`  ${head}`, columns - 1)}\u001b[0m`, edge: '' }, ...rows];
}

function footer({ columns, colour, problem, all, hidden }: View): Line {
  if (problem !== undefined) {
    const text = clip(problem.replace(/\s+/g, ' '), columns - 1);
    return { text: colour ? `\u001b[31m${text}\u001b[0m` : `\u001b[1m${text}\u001b[0m`, edge: '' };
  }
  const more = hidden > 0 ? ` (${hidden} more)` : '';
  const text = `↑↓ worker  ^P/^N row  ^U/^D half  PgUp/PgDn page  g/G ends  Tab ${all ? 'living' : `all${more}`}  q quit`;
  return { text: `\u001b[2m${clip(text, columns - 1)}\u001b[0m`, edge: '' };
}
