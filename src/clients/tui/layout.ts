/** Where everything stands on a screen of a given size: rectangles in columns and rows from the top left. Pure. */
import { rowsOf } from './editor.js';
import { draftIn, draftKey, type Model } from './model.js';

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  title?: Rect;
  bottom?: Rect;
  list?: Rect;
  /** What is read of the opened row. */
  read?: Rect;
  /** The reference or the terminal. */
  side?: Rect;
  /** The line between what is read and what is written, which says what Enter does. */
  rule?: Rect;
  /** Where is written; its first two columns are the prompt. */
  editor?: Rect;
  /** Help and the list of policy files. */
  whole?: Rect;
}

/** Narrower, the opened row has the screen to itself. */
const WITH_LIST_MIN = 100;
/** Narrower, the side takes the place of what is read. */
const WITH_SIDE_MIN = 96;
const WITH_BOTH_MIN = 160;
/** The last of them is the line between. */
const LIST_WIDTH = 41;
/** Columns of the prompt before what is written. */
export const PROMPT_WIDTH = 2;

export const isWideForSide = ({ size }: Pick<Model, 'size'>): boolean => size.columns >= WITH_SIDE_MIN;

/** The parts of a screen tile it: whatever was painted before, painting all of them leaves nothing of it. */
export function layoutOf(model: Model): Layout {
  const { columns, rows } = model.size;
  // A screen of two rows has no title, one of one row no hints.
  const title: Rect | undefined = rows >= 3 ? { x: 0, y: 0, width: columns, height: 1 } : undefined;
  const bottom: Rect | undefined = rows >= 2 ? { x: 0, y: rows - 1, width: columns, height: 1 } : undefined;
  const bars = { ...(title ? { title } : {}), ...(bottom ? { bottom } : {}) };
  const body: Rect = { x: 0, y: title ? 1 : 0, width: columns, height: rows - (title ? 1 : 0) - (bottom ? 1 : 0) };
  switch (model.place) {
    case 'list':
    case 'filter':
      return { ...bars, list: body };
    case 'policy':
    case 'help':
      return { ...bars, whole: body };
    case 'detail':
      return { ...bars, ...detail(model, body) };
  }
}

function detail(model: Model, body: Rect): Layout {
  const hasSide = model.side.kind !== 'none';
  const hasList = body.width >= (hasSide ? WITH_BOTH_MIN : WITH_LIST_MIN);
  const list = hasList ? { ...body, width: LIST_WIDTH } : undefined;
  const rest: Rect = list ? { ...body, x: LIST_WIDTH, width: body.width - LIST_WIDTH } : body;
  const editorHeight = draftKey(model) === undefined ? 0 : editorRows(model, rest);
  const ruleHeight = rest.height - editorHeight >= 2 ? 1 : 0;
  const upper: Rect = { ...rest, height: rest.height - editorHeight - ruleHeight };
  const isBeside = hasSide && body.width >= WITH_SIDE_MIN && model.opened !== undefined;
  const readWidth = isBeside ? Math.floor(upper.width / 2) : upper.width;
  const side: Rect = { ...upper, x: upper.x + readWidth, width: upper.width - readWidth };
  return {
    ...(list ? { list } : {}),
    ...(hasSide && !isBeside ? { side: upper } : { read: { ...upper, width: readWidth } }),
    ...(isBeside ? { side } : {}),
    ...(ruleHeight > 0 ? { rule: { ...rest, y: upper.y + upper.height, height: 1 } } : {}),
    ...(editorHeight > 0 ? { editor: { ...rest, y: upper.y + upper.height + ruleHeight, height: editorHeight } } : {}),
  };
}

/** As many rows as are written, up to a third of the screen. */
function editorRows(model: Model, rest: Rect): number {
  const most = Math.max(1, Math.floor(rest.height / 3));
  return Math.min(most, rowsOf(draftIn(model).text, rest.width - PROMPT_WIDTH).length);
}

/** Columns of a row that is written. */
export const editorWidth = (model: Model): number =>
  Math.max(1, (layoutOf(model).editor?.width ?? model.size.columns) - PROMPT_WIDTH);
