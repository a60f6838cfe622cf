/** Rows of the list as lines. Pure. */
import { type FleetRow, isApproval } from '../../contract/views/fleet-screen.js';
import { shortDuration } from '../../lib/duration.js';
import { clipColumns, fitLine, type Line, type Piece, padColumns, type Style, safe } from './text-line.js';
import { THEME } from './theme.js';

const AGE = 4;
const STATE = 11;
const OPTIONS = 14;
const ID_MIN = 6;
const ID_MAX = 24;
/** Narrower, the columns of state and options give their room to the question. */
const WITH_STATE_MIN = 56;
const WITH_OPTIONS_MIN = 90;

/** Columns of each cell; 0: the cell is left out. */
export interface Widths {
  /** Of the whole row. */
  all: number;
  id: number;
  state: number;
  options: number;
  text: number;
}

/** Cells for these rows: ids as wide as the widest that is shown. */
export function widthsFor(rows: readonly FleetRow[], width: number): Widths {
  const longest = Math.max(ID_MIN, ...rows.map((row) => idOf(row).length));
  const id = Math.min(longest, width >= WITH_STATE_MIN ? ID_MAX : 12);
  const state = width >= WITH_STATE_MIN ? STATE : 0;
  const options = width >= WITH_OPTIONS_MIN ? OPTIONS : 0;
  const used = 2 + id + 1 + AGE + 1 + (state && state + 1) + (options && options + 1);
  return { all: width, id, state, options, text: Math.max(0, width - used) };
}

const idOf = (row: FleetRow): string =>
  row.kind === 'ask' ? row.ask.id : row.kind === 'worker' ? row.worker.id : 'pulse';

export const headLine = (widths: Widths): Line =>
  cellsLine(['', 'ID', 'AGE', 'STATE', 'OPTIONS', 'QUESTION'], widths, THEME.head);

export interface RowLook {
  isSelected: boolean;
  /** Something is written to it. */
  isWritten: boolean;
  nowTs: number;
}

/** Key of the draft that belongs to a row. */
export const rowDraftKey = (row: FleetRow): string => (row.kind === 'ask' ? row.key : `tell:${idOf(row)}`);

/** What a row's picture is made of, besides its widths: equal values, equal picture. */
export function rowStuff(row: FleetRow, { isSelected, isWritten, nowTs }: RowLook): unknown[] {
  const { age, text } = textsOf(row, nowTs);
  const what = row.kind === 'ask' ? [row.ask, row.worker?.alive] : [row.kind === 'pulse' ? row.pulse : row.worker];
  return [...what, age, text, isSelected, isWritten];
}

export function rowLine(row: FleetRow, widths: Widths, { isSelected, isWritten, nowTs }: RowLook): Line {
  const sign = isWritten ? '✎' : row.kind === 'ask' && isApproval(row.ask) ? '!' : ' ';
  const { age, state, options, text, style } = textsOf(row, nowTs);
  const line = cellsLine([`${isSelected ? '▸' : ' '}${sign}`, idOf(row), age, state, options, text], widths, style);
  if (!isSelected) return line;
  return fitLine(
    line.map((piece): Piece => ({ text: piece.text, style: { ...piece.style, ...THEME.selected } })),
    widths.all,
    THEME.selected,
  );
}

interface Texts {
  age: string;
  state: string;
  options: string;
  text: string;
  style: Style;
}

function textsOf(row: FleetRow, nowTs: number): Texts {
  switch (row.kind) {
    case 'ask': {
      const { ask, worker } = row;
      const kind = isApproval(ask)
        ? 'approve'
        : ask.urgency === 'high'
          ? 'urgent'
          : worker && !worker.alive
            ? 'gone'
            : 'asks';
      return {
        age: ageOf(nowTs - ask.ts),
        state: kind,
        options: (ask.options ?? []).join('/'),
        text: titleOf(ask.prompt),
        style: isApproval(ask) || ask.urgency === 'high' ? THEME.warn : THEME.plain,
      };
    }
    case 'pulse': {
      const { state, startedTs } = row.pulse;
      const isDown = state === 'dead';
      return {
        age: startedTs === null || state !== 'alive' ? '-' : ageOf(nowTs - startedTs),
        state: isDown ? 'DOWN' : state === 'alive' ? 'live' : state,
        options: '',
        text: isDown ? 'nothing is sensed, decided or started until: tend up (u)' : '',
        style: isDown ? THEME.bad : THEME.dim,
      };
    }
    case 'worker': {
      const { worker } = row;
      const state = worker.alive ? worker.health : worker.state;
      return {
        age: worker.startedTs === null ? '-' : ageOf(nowTs - worker.startedTs),
        state,
        options: worker.verify === null ? '' : `verify ${worker.verify}`,
        text: worker.problem ?? quietOf(worker.quietSinceTs, nowTs),
        style: state === 'stuck' || worker.problem !== undefined ? THEME.bad : worker.alive ? THEME.plain : THEME.dim,
      };
    }
  }
}

/** Below a minute an age would change at every look. */
const ageOf = (seconds: number): string => (seconds < 60 ? 'now' : shortDuration(seconds));
const quietOf = (ts: number | null, nowTs: number): string =>
  ts === null || nowTs - ts < 60 ? '' : `silent for ${shortDuration(nowTs - ts)}`;

/** The first words of a question, as one line. */
const titleOf = (prompt: string): string =>
  prompt
    .slice(0, 600)
    .replace(/^[\s#>*_`-]+/, '')
    .replace(/\s+/g, ' ');

function cellsLine(
  cells: readonly [string, string, string, string, string, string],
  widths: Widths,
  style: Style,
): Line {
  const [mark, id, age, state, options, text] = cells;
  const cell = (value: string, width: number): string =>
    width === 0 ? '' : `${padColumns(safe(value).replace(/\n/g, ' '), width)} `;
  return [
    { text: padColumns(mark, 2) + cell(id, widths.id) + cell(age, AGE), style },
    { text: cell(state, widths.state) + cell(options, widths.options), style: { ...style, dim: true } },
    { text: clipColumns(safe(text).replace(/\n/g, ' '), widths.text), style },
  ];
}
