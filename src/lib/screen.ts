/** A terminal's grid as data, and as text. The form is that of `screenshot --json`, so live and replayed screens print alike. */
export interface ScreenCell {
  row: number;
  col: number;
  char: string;
  /** Takes two columns. */
  wide?: true;
  /** `idx0` to `idx255` or `#rrggbb`; absent: the terminal's default. */
  fg?: string;
  bg?: string;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  inverse?: true;
}

export interface Screen {
  format: 'json';
  rows: number;
  cols: number;
  cursor: { row: number; col: number; hidden: boolean };
  alternate_screen: boolean;
  /** 16 hex digits over everything that can be seen: equal hash, equal picture. */
  screen_hash: string;
  /** Grows with every output of a live worker; absent in a replay. */
  screen_seq?: number;
  /** Cells that differ from a blank in the default style. */
  cells: ScreenCell[];
}

/** Text alone, a line per row; blank rows at the end are left out when `trim`. */
export function plainScreen(screen: Screen, trim: boolean): string {
  return joined(
    rowsOf(screen).map((cells) => renderRow(cells, (cell) => cell.char).trimEnd()),
    trim,
  );
}

/** Text with SGR colours and attributes, reset at the end of each row. */
export function ansiScreen(screen: Screen, trim: boolean): string {
  return joined(
    rowsOf(screen).map((cells) => ansiRow(cells)),
    trim,
  );
}

/** The cells of one row, in order of columns, with SGR colours and attributes, reset at the end. `plain`: attributes alone, no colour. */
export function ansiRow(cells: readonly ScreenCell[], plain = false): string {
  let style = '';
  const text = renderRow(cells, (cell) => {
    const wanted = cell === BLANK ? '' : styleOf(cell, plain);
    const change = wanted === style ? '' : wanted === '' ? '\u001b[0m' : `\u001b[0;${wanted}m`;
    style = wanted;
    return change + cell.char;
  });
  return style === '' ? text.trimEnd() : `${text}\u001b[0m`;
}

/** What draws this picture on a real terminal: clear, every row, the cursor in its place. */
export function paintScreen(screen: Screen): string {
  const rows = ansiScreen(screen, false).split('\n');
  const body = rows.map((row, at) => `\u001b[${at + 1};1H${row}`).join('');
  const { row, col, hidden } = screen.cursor;
  return `\u001b[0m\u001b[2J${body}\u001b[${row + 1};${col + 1}H\u001b[?25${hidden ? 'l' : 'h'}`;
}

const BLANK: ScreenCell = { row: 0, col: 0, char: ' ' };

function rowsOf(screen: Screen): ScreenCell[][] {
  const rows: ScreenCell[][] = Array.from({ length: screen.rows }, () => []);
  for (const cell of screen.cells) rows[cell.row]?.push(cell);
  return rows;
}

function renderRow(cells: readonly ScreenCell[], render: (cell: ScreenCell) => string): string {
  let text = '';
  let col = 0;
  for (const cell of cells) {
    for (; col < cell.col; col++) text += render(BLANK);
    text += render(cell);
    col += cell.wide ? 2 : 1;
  }
  return text;
}

function joined(rows: string[], trim: boolean): string {
  let end = rows.length;
  while (trim && end > 0 && rows[end - 1] === '') end -= 1;
  return rows.slice(0, end).join('\n');
}

function styleOf(cell: ScreenCell, plain: boolean): string {
  return [
    cell.bold ? '1' : '',
    cell.dim ? '2' : '',
    cell.italic ? '3' : '',
    cell.underline ? '4' : '',
    cell.inverse ? '7' : '',
    plain ? '' : colour(38, cell.fg),
    plain ? '' : colour(48, cell.bg),
  ]
    .filter((part) => part !== '')
    .join(';');
}

function colour(base: number, value: string | undefined): string {
  if (value === undefined) return '';
  if (value.startsWith('idx')) return `${base};5;${value.slice(3)}`;
  const n = Number.parseInt(value.slice(1), 16);
  return `${base};2;${n >> 16};${(n >> 8) & 255};${n & 255}`;
}
