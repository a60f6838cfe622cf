/**
 * The screen as parts that tile it: for each where it stands, what it is made of, and the component that paints it. A part whose
 * stuff is the same is not painted again, so a key costs what it changes.
 */
import type { ReactElement } from 'react';
import { BottomLine } from './components/bottom-line.js';
import { FleetRowLine } from './components/fleet-row.js';
import { HelpPane } from './components/help-pane.js';
import { Lines } from './components/lines.js';
import { PolicyPane } from './components/policy-pane.js';
import { ScrollBar } from './components/scroll-bar.js';
import { ScrollText } from './components/scroll-text.js';
import { SidePane } from './components/side-pane.js';
import { TitleBar } from './components/title-bar.js';
import { type Layout, layoutOf, type Rect } from './layout.js';
import { headLine, rowDraftKey, rowLine, rowStuff, widthsFor } from './list-lines.js';
import type { Model } from './model.js';
import { readLines } from './read-lines.js';
import { type Line, lineWidth } from './text-line.js';
import { THEME } from './theme.js';
import { ruleLine, writtenLines } from './write-lines.js';

export interface Part {
  name: string;
  rect: Rect;
  /** Equal stuff, equal picture. */
  stuff: readonly unknown[];
  picture(): Picture;
}

export interface Picture {
  element: ReactElement;
  /** Columns that it really takes: of what is blank behind them nothing need be laid out. Absent: all. */
  columns?: number;
}

export function partsOf(model: Model): Part[] {
  const layout = layoutOf(model);
  const { colour, sight, filter, status, place, search } = model;
  const parts: Part[] = [];
  const add: Add = (name, rect, stuff, made) => {
    if (!rect || rect.width <= 0 || rect.height <= 0) return;
    const picture = (): Picture => {
      const one = made(rect);
      return 'element' in one ? one : { element: one };
    };
    parts.push({ name, rect, stuff, picture });
  };
  add('title', layout.title, [sight, filter], ({ width }) => <TitleBar {...{ sight, filter, width, colour }} />);
  addList(add, model, layout);
  addOpened(add, model, layout);
  const { scroll, policy } = model;
  if (place === 'help')
    add('help', layout.whole, [scroll], ({ width, height }) => <HelpPane {...{ width, height, scroll, colour }} />);
  if (place === 'policy' && policy)
    add('policy', layout.whole, [policy], ({ width, height }) => <PolicyPane {...{ policy, width, height, colour }} />);
  add('bottom', layout.bottom, [place, status, search.text], ({ width }) => (
    <BottomLine {...{ place, status, search: search.text, width, colour }} />
  ));
  return parts;
}

type Add = (
  name: string,
  rect: Rect | undefined,
  stuff: readonly unknown[],
  picture: (size: Rect) => ReactElement | Picture,
) => void;

/** Columns that the widest of these lines takes, of `width` at most. */
const columnsIn = (lines: readonly Line[], width: number): number =>
  Math.max(
    1,
    lines.reduce((most, line) => Math.max(most, Math.min(lineWidth(line), width)), 0),
  );

/** A place without its last column, and that column: the bar's. */
function barred(rect: Rect | undefined): [Rect | undefined, Rect | undefined] {
  if (!rect) return [undefined, undefined];
  return [
    { ...rect, width: rect.width - 1 },
    { ...rect, x: rect.x + rect.width - 1, width: 1 },
  ];
}

/** A part for each row that is shown, by the row's key: rows that move on the screen are not painted again. */
function addList(add: Add, model: Model, layout: Layout): void {
  const { rows, top, selected, nowTs, drafts, colour } = model;
  const [list, bar] = barred(layout.list);
  if (!list) return;
  const isEdge = model.place === 'detail';
  add('list-bar', bar, [rows.length, top, isEdge], ({ height }) => (
    <ScrollBar {...{ height, lines: rows.length + 1, from: top, isEdge, colour }} />
  ));
  const shown = rows.slice(top, top + list.height - 1);
  const widths = widthsFor(shown, list.width);
  const cells = [widths.all, widths.id];
  const ofLine = (line: Line, width: number): Picture => {
    const columns = columnsIn([line], width);
    return { element: <FleetRowLine {...{ line, width: columns, colour }} />, columns };
  };
  add('list-head', { ...list, height: 1 }, cells, ({ width }) => ofLine(headLine(widths), width));
  shown.forEach((row, at) => {
    const isWritten = (drafts[rowDraftKey(row)]?.text ?? '') !== '';
    const look = { isSelected: row.key === selected, isWritten, nowTs };
    const place = { ...list, y: list.y + 1 + at, height: 1 };
    add(`row ${row.key}`, place, [...cells, ...rowStuff(row, look)], ({ width }) =>
      ofLine(rowLine(row, widths, look), width),
    );
  });
  const used = 1 + shown.length;
  const rest = { ...list, y: list.y + used, height: list.height - used };
  const nothing: Line[] = shown.length === 0 ? [[{ text: '  nothing here', style: THEME.dim }]] : [];
  add('list-rest', rest, [nothing.length], ({ width, height }) => {
    const columns = columnsIn(nothing, width);
    return { element: <Lines {...{ width: columns, height, lines: nothing, colour }} />, columns };
  });
}

function addOpened(add: Add, model: Model, layout: Layout): void {
  const { colour, scroll } = model;
  const { rule, editor } = layout;
  const [read, readBar] = barred(layout.read);
  const [side, sideEdge] = barred(layout.side);
  const lines = read ? readLines(model, Math.max(1, read.width)) : [];
  add('read', read, [lines, scroll], ({ width, height }) => {
    const columns = columnsIn(lines, width);
    return { element: <ScrollText {...{ width: columns, height, lines, from: scroll, colour }} />, columns };
  });
  add('read-bar', readBar, [lines.length, scroll, side], ({ height }) => (
    <ScrollBar {...{ height, lines: lines.length, from: scroll, isEdge: side !== undefined, colour }} />
  ));
  // Beside what is read it is not scrolled by its keys.
  const sideScroll = read ? 0 : scroll;
  add('side', side, [model.side, sideScroll], ({ width, height }) => (
    <SidePane {...{ side: model.side, width, height, scroll: sideScroll, colour }} />
  ));
  add('side-edge', sideEdge, [], ({ height }) => <Lines width={1} height={height} lines={[]} colour={colour} />);
  const more = read ? Math.max(0, lines.length - read.height - scroll) : 0;
  const { opened, ended, telling, drafts, sending, selected } = model;
  const writing = [opened, ended, telling, drafts, sending, selected];
  add('rule', rule, [...writing, more], ({ width }) => (
    <Lines width={width} height={1} lines={[ruleLine(model, more, width)]} colour={colour} />
  ));
  add('editor', editor, writing, (rect) => {
    const { lines: written } = writtenLines(model, rect);
    const columns = columnsIn(written, rect.width);
    return { element: <Lines {...{ width: columns, height: rect.height, lines: written, colour }} />, columns };
  });
}
