/**
 * Frames → the fewest bytes that make a terminal show the next one: rows that are the same are left alone, of a changed row what
 * stands before the change. Nothing is cleared but the end of a changed row, so nothing flickers and a slow line stays usable. Pure.
 */
import { charactersOf, columnsOf } from './text-line.js';

export interface Caret {
  row: number;
  column: number;
}

/** A part of the screen: rows are text with colours of our own, at most as wide as the part. */
export interface Painted {
  rect: { x: number; y: number; width: number; height: number };
  rows: readonly string[];
}

/** One whole screen: parts that tile it. */
export interface Frame {
  parts: readonly Painted[];
  /** Where the terminal's own cursor stands, for input methods and for the eye; absent: it is hidden. */
  caret?: Caret;
}

/** Terminals that know it show the frame at once; the others ignore it. */
const BEGIN = '\u001b[?2026h';
const END = '\u001b[?2026l';
const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

/** What turns the screen `before` (undefined: whatever there is) into `after`; empty when there is nothing to do. */
export function paint(before: Frame | undefined, after: Frame): string {
  const changes = `${before ? '' : '\u001b[0m\u001b[2J'}${changedRows(before ? rowsOf(before) : new Map(), rowsOf(after))}`;
  const isSameCaret = before && before.caret?.row === after.caret?.row && before.caret?.column === after.caret?.column;
  if (changes === '' && isSameCaret) return '';
  const { caret } = after;
  const cursor = caret ? `\u001b[${caret.row + 1};${caret.column + 1}H${SHOW}` : HIDE;
  if (changes === '') return cursor;
  return `${BEGIN}${before?.caret ? HIDE : ''}${changes}${cursor}${END}`;
}

interface RowAt {
  x: number;
  y: number;
  width: number;
  text: string;
}

/** Rows by where they stand: the same place with the same text is on the screen already, whatever part it belonged to. */
function rowsOf({ parts }: Frame): Map<string, RowAt> {
  const rows = new Map<string, RowAt>();
  for (const { rect, rows: texts } of parts)
    for (let n = 0; n < rect.height; n++) {
      const at = { x: rect.x, y: rect.y + n, width: rect.width, text: texts[n] ?? '' };
      rows.set(`${at.x} ${at.y} ${at.width}`, at);
    }
  return rows;
}

function changedRows(before: ReadonlyMap<string, RowAt>, after: ReadonlyMap<string, RowAt>): string {
  let text = '';
  for (const [place, row] of after) {
    const old = before.get(place)?.text;
    if (old !== row.text) text += changedRow(old ?? '', row);
  }
  return text;
}

const SURE = /^[\u0020-\u007e\u001b\u2500-\u257f]*$/;
const SGR = /\u001b\[[\d;]*m/g;

function changedRow(old: string, { x, y, width, text }: RowAt): string {
  const kept = samePrefix(old, text);
  const styles = kept.match(SGR)?.join('') ?? '';
  const column = kept.replace(SGR, '').length;
  const fresh = text.slice(kept.length);
  const end = columnsOf(text.replace(SGR, ''));
  // Blanks to the end of the part, without touching the part beside it. Behind text about whose width terminals disagree a blank
  // could be forgotten: there all of them come first.
  const isSure = SURE.test(fresh);
  const before = isSure ? '' : `\u001b[0m\u001b[${width - column}X`;
  const behind = isSure && end < width ? `\u001b[0m\u001b[${width - end}X` : '\u001b[0m';
  return `\u001b[${y + 1};${x + column + 1}H${before}${styles}${isSure ? fresh : resynced(fresh, x + column)}${behind}`;
}

/**
 * What both begin with, as far as every character of it surely takes one column on any terminal, and never half of a sequence or
 * of a character that is composed with the next.
 */
function samePrefix(old: string, fresh: string): string {
  let at = 0;
  let end = 0;
  while (at < old.length && at < fresh.length && old[at] === fresh[at]) {
    if (old[at] === '\u001b') {
      const sequence = /^\u001b\[[\d;]*m/.exec(fresh.slice(at, at + 24))?.[0];
      if (sequence === undefined || !old.startsWith(sequence, at)) break;
      at += sequence.length;
    } else if (isPlain(old.charCodeAt(at))) {
      at += 1;
    } else {
      break;
    }
    end = at;
  }
  // The last character may be the base of what is composed: it is painted again.
  const isComposed = (text: string) => at < text.length && !isPlain(text.charCodeAt(at)) && text[at] !== '\u001b';
  if (end > 0 && (isComposed(old) || isComposed(fresh)) && fresh[end - 1] !== 'm') end -= 1;
  return fresh.slice(0, end);
}

/** Printable ASCII, and the lines of boxes. */
const isPlain = (code: number): boolean => (code >= 0x20 && code < 0x7f) || (code >= 0x2500 && code < 0x2580);

/**
 * A text with the cursor put right behind each run of characters about whose width terminals disagree, so that one emoji does
 * not push the rest of its row out of place.
 */
function resynced(text: string, from: number): string {
  let result = '';
  let column = from;
  for (const piece of text.split(/(\u001b\[[\d;]*m)/)) {
    if (piece.startsWith('\u001b[')) {
      result += piece;
      continue;
    }
    let isUnsure = false;
    for (const char of charactersOf(piece)) {
      const isSure = char.length === 1 && isPlain(char.charCodeAt(0));
      if (isSure && isUnsure) result += `\u001b[${column + 1}G`;
      isUnsure = !isSure;
      result += char;
      column += columnsOf(char);
    }
    if (isUnsure) result += `\u001b[${column + 1}G`;
  }
  return result;
}
