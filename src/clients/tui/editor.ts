/**
 * A text with a cursor in it, as a value: every key makes a new one. The cursor is an index into the text and always stands
 * between two characters as people see them, so that an emoji of five code points is one step. Pure.
 */
import { charactersOf, columnsOf } from './text-line.js';

export interface Draft {
  text: string;
  cursor: number;
  /** What was cut last, for putting it back. */
  cut?: string;
  /** Column that up and down hold on to. */
  goal?: number;
}

export const EMPTY_DRAFT: Draft = { text: '', cursor: 0 };
export const draftOf = (text: string): Draft => ({ text, cursor: text.length });

/** One row of the text as it is shown: broken at newlines and at the width. */
export interface Row {
  text: string;
  /** Index of its first character. */
  from: number;
}

/** Rows of `width` columns at most; there is always one. A caret behind a full row stands on the next. */
export function rowsOf(text: string, width: number): Row[] {
  const room = Math.max(1, width);
  const rows: Row[] = [];
  let from = 0;
  for (const line of text.split('\n')) {
    let start = 0;
    let at = 0;
    let used = 0;
    for (const char of stepsOf(line, room)) {
      const columns = widthOf(char);
      if (used + columns > room && at > start) {
        rows.push({ text: line.slice(start, at), from: from + start });
        start = at;
        used = 0;
      }
      at += char.length;
      used += columns;
    }
    rows.push({ text: line.slice(start), from: from + start });
    if (used >= room && at > start) rows.push({ text: '', from: from + at });
    from += line.length + 1;
  }
  return rows;
}

const TAB_COLUMNS = 4;
const widthOf = (text: string): number => columnsOf(text.replaceAll('\t', ' '.repeat(TAB_COLUMNS)));

/** Characters of a line; plain ones come a row at a time, since a long paste has many. */
function stepsOf(line: string, room: number): string[] {
  if (!/^[\u0020-\u007e]*$/.test(line)) return charactersOf(line);
  return Array.from({ length: Math.ceil(line.length / room) }, (_, n) => line.slice(n * room, (n + 1) * room));
}

/** Text that may stand in a draft: line ends are newlines, and what no keyboard types is left out. */
export const typeable = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\p{Cs}]/gu, '');

/** Where the caret stands among `rowsOf`: row and column. */
export function caretOf({ text, cursor }: Draft, width: number): { row: number; column: number } {
  const rows = rowsOf(text, width);
  let row = rows.findLastIndex(({ from }) => from <= cursor);
  if (row < 0) row = 0;
  return { row, column: widthOf(text.slice(rows[row]!.from, cursor)) };
}

export function insert(draft: Draft, text: string): Draft {
  const { text: before, cursor } = draft;
  return moved(draft, { text: before.slice(0, cursor) + text + before.slice(cursor), cursor: cursor + text.length });
}

const moved = ({ cut }: Draft, to: { text: string; cursor: number }): Draft => ({
  ...to,
  ...(cut === undefined ? {} : { cut }),
});
const at = (draft: Draft, cursor: number): Draft => moved(draft, { text: draft.text, cursor });

const previous = ({ text, cursor }: Draft): number =>
  cursor - (charactersOf(text.slice(lineStart(text, cursor - 1), cursor)).at(-1)?.length ?? 0);
const next = ({ text, cursor }: Draft): number =>
  cursor + (charactersOf(text.slice(cursor, lineEnd(text, cursor) + 1))[0]?.length ?? 0);
const lineStart = (text: string, cursor: number): number => text.lastIndexOf('\n', cursor - 1) + 1;
function lineEnd(text: string, cursor: number): number {
  const end = text.indexOf('\n', cursor);
  return end < 0 ? text.length : end;
}

/** Words are runs of letters and digits of any script; in scripts without spaces each run of them. */
function wordBefore({ text, cursor }: Draft): number {
  return /[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u.exec(text.slice(0, cursor))!.index;
}
function wordAfter({ text, cursor }: Draft): number {
  return cursor + /^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(text.slice(cursor))![0].length;
}

function cutOut(draft: Draft, from: number, to: number): Draft {
  const { text } = draft;
  if (from === to) return draft;
  return { text: text.slice(0, from) + text.slice(to), cursor: from, cut: text.slice(from, to) };
}
function dropped(draft: Draft, from: number, to: number): Draft {
  return moved(draft, { text: draft.text.slice(0, from) + draft.text.slice(to), cursor: from });
}

/** Up (-1) or down (1) by a row as shown. Undefined when there is no such row. */
function vertical(draft: Draft, step: -1 | 1, width: number): Draft | undefined {
  const rows = rowsOf(draft.text, width);
  const caret = caretOf(draft, width);
  const target = rows[caret.row + step];
  if (!target) return undefined;
  const goal = draft.goal ?? caret.column;
  let cursor = target.from;
  for (const char of charactersOf(target.text)) {
    if (widthOf(draft.text.slice(target.from, cursor + char.length)) > goal) break;
    cursor += char.length;
  }
  return { ...at(draft, cursor), goal };
}

/** What an editing key does, by the command of the key map. `width` is that of the rows. Undefined: there is nothing to do. */
export const EDITS: Readonly<Record<string, (draft: Draft, width: number) => Draft | undefined>> = {
  'char-left': (draft) => at(draft, previous(draft)),
  'char-right': (draft) => at(draft, next(draft)),
  'word-left': (draft) => at(draft, wordBefore(draft)),
  'word-right': (draft) => at(draft, wordAfter(draft)),
  'line-start': (draft) => at(draft, lineStart(draft.text, draft.cursor)),
  'line-end': (draft) => at(draft, lineEnd(draft.text, draft.cursor)),
  'text-start': (draft) => at(draft, 0),
  'text-end': (draft) => at(draft, draft.text.length),
  'row-up': (draft, width) => vertical(draft, -1, width),
  'row-down': (draft, width) => vertical(draft, 1, width),
  newline: (draft) => insert(draft, '\n'),
  'delete-left': (draft) => dropped(draft, previous(draft), draft.cursor),
  'delete-right': (draft) => dropped(draft, draft.cursor, next(draft)),
  'cut-word-left': (draft) => cutOut(draft, wordBefore(draft), draft.cursor),
  'cut-word-right': (draft) => cutOut(draft, draft.cursor, wordAfter(draft)),
  'cut-line-left': (draft) => cutOut(draft, lineStart(draft.text, draft.cursor), draft.cursor),
  'cut-line-right': (draft) => {
    const end = lineEnd(draft.text, draft.cursor);
    return cutOut(draft, draft.cursor, end === draft.cursor ? Math.min(end + 1, draft.text.length) : end);
  },
  yank: (draft) => (draft.cut === undefined ? undefined : insert(draft, draft.cut)),
};
