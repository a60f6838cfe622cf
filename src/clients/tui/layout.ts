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
const LIST_WIDTH = 40;
/** Columns of the prompt before what is written. */
export const PROMPT_WIDTH = 2;

export const isWideForSide = ({ size }: Pick<Model, 'size'>): boolean => size.columns >= WITH_SIDE_MIN;

/** First and last row of the screen are the title and the hints. */
export function layoutOf(model: Model): Layout {
  const { columns, rows } = model.size;
  const body: Rect = { x: 0, y: 1, width: columns, height: Math.max(1, rows - 2) };
  switch (model.place) {
    case 'list':
    case 'filter':
      return { list: body };
    case 'policy':
    case 'help':
      return { whole: body };
    case 'detail':
      return detail(model, body);
  }
}

function detail(model: Model, body: Rect): Layout {
  const hasSide = model.side.kind !== 'none';
  const hasList = body.width >= (hasSide ? WITH_BOTH_MIN : WITH_LIST_MIN);
  const list = hasList ? { ...body, width: LIST_WIDTH } : undefined;
  const rest: Rect = list ? { ...body, x: LIST_WIDTH + 1, width: body.width - LIST_WIDTH - 1 } : body;
  const writable = draftKey(model) !== undefined;
  const editorHeight = writable ? editorRows(model, rest) : 0;
  const upper: Rect = { ...rest, height: Math.max(1, rest.height - editorHeight - 1) };
  const isBeside = hasSide && body.width >= WITH_SIDE_MIN && model.opened !== undefined;
  const readWidth = isBeside ? Math.floor((upper.width - 1) / 2) : upper.width;
  const side = { ...upper, x: upper.x + readWidth + 1, width: upper.width - readWidth - 1 };
  return {
    ...(list ? { list } : {}),
    ...(hasSide && !isBeside ? { side: upper } : { read: { ...upper, width: readWidth } }),
    ...(isBeside ? { side } : {}),
    rule: { ...rest, y: upper.y + upper.height, height: 1 },
    ...(writable ? { editor: { ...rest, y: upper.y + upper.height + 1, height: editorHeight } } : {}),
  };
}

/** As many rows as are written, up to a third of the screen; two while there is room, so that it looks like a place to write. */
function editorRows(model: Model, rest: Rect): number {
  const most = Math.max(1, Math.floor(rest.height / 3));
  return Math.min(most, rowsOf(draftIn(model).text, rest.width - PROMPT_WIDTH).length);
}

/** Columns of a row that is written. */
export const editorWidth = (model: Model): number =>
  Math.max(1, (layoutOf(model).editor?.width ?? model.size.columns) - PROMPT_WIDTH);
