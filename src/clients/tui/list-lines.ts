/** Rows of the list as lines: only those that are shown are made. Pure. */
import { type FleetRow, isApproval } from '../../contract/views/fleet-screen.js';
import { shortDuration } from '../../lib/duration.js';
import { type Line, type Piece, padColumns, type Style, safe } from './text-line.js';
import { THEME } from './theme.js';

export interface ListView {
  rows: readonly FleetRow[];
  top: number;
  selected: string | undefined;
  nowTs: number;
  /** Keys of asks and workers with something written. */
  written: ReadonlySet<string>;
}

const AGE = 4;
const STATE = 11;
const OPTIONS = 14;
const ID_MIN = 6;
const ID_MAX = 24;
/** Narrower, the columns of state and options give their room to the question. */
const WITH_STATE_MIN = 56;
const WITH_OPTIONS_MIN = 90;

/** The head and as many rows as fit, and the bar that says which part of the rows is seen. */
export function listLines(view: ListView, rect: { width: number; height: number }): Line[] {
  const shown = view.rows.slice(view.top, view.top + rect.height - 1);
  const isLong = view.rows.length > rect.height - 1;
  const width = rect.width - (isLong ? 1 : 0);
  const widths = columnsFor(shown, width);
  const head = cellsLine(['', 'ID', 'AGE', 'STATE', 'OPTIONS', 'QUESTION'], widths, THEME.head);
  const body = shown.map((row) => rowLine(row, view, widths));
  if (shown.length === 0) body.push([{ text: '  nothing here', style: THEME.dim }]);
  if (!isLong) return [head, ...body];
  const thumb = thumbOf(view, rect.height - 1);
  return [
    head,
    ...body.map((line, at): Line => {
      const inThumb = at >= thumb.from && at < thumb.to;
      return [...line, inThumb ? { text: '┃', style: THEME.plain } : { text: '│', style: THEME.dim }];
    }),
  ];
}

interface Widths {
  id: number;
  state: number;
  options: number;
  text: number;
}

function columnsFor(rows: readonly FleetRow[], width: number): Widths {
  const longest = Math.max(ID_MIN, ...rows.map((row) => idOf(row).length));
  const id = Math.min(longest, width >= WITH_STATE_MIN ? ID_MAX : 12);
  const state = width >= WITH_STATE_MIN ? STATE : 0;
  const options = width >= WITH_OPTIONS_MIN ? OPTIONS : 0;
  const used = 2 + id + 1 + AGE + 1 + (state && state + 1) + (options && options + 1);
  return { id, state, options, text: Math.max(0, width - used) };
}

function thumbOf(view: ListView, height: number): { from: number; to: number } {
  const size = Math.min(height, Math.max(Math.min(4, height), Math.round((height * height) / view.rows.length)));
  const most = Math.max(1, view.rows.length - height);
  const from = Math.round((view.top / most) * (height - size));
  return { from, to: from + size };
}

const idOf = (row: FleetRow): string =>
  row.kind === 'ask' ? row.ask.id : row.kind === 'worker' ? row.worker.id : 'pulse';

function rowLine(row: FleetRow, view: ListView, widths: Widths): Line {
  const isSelected = row.key === view.selected;
  const id = idOf(row);
  const draft = view.written.has(row.kind === 'ask' ? row.key : `tell:${id}`);
  const mark = `${isSelected ? '▸' : ' '}${draft ? '✎' : row.kind === 'ask' && isApproval(row.ask) ? '!' : ' '}`;
  const texts = textsOf(row, view.nowTs);
  const line = cellsLine([mark, id, texts.age, texts.state, texts.options, texts.text], widths, texts.style);
  if (!isSelected) return line;
  return line.map(({ text, style }): Piece => ({ text, style: { ...style, ...THEME.selected } }));
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
    { text: padColumns(safe(text).replace(/\n/g, ' '), widths.text), style },
  ];
}
