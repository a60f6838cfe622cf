/**
 * Frames → the fewest bytes that make a terminal show the next one: rows that are the same are left alone, of a changed row what
 * stands before the change. Nothing is cleared but the end of a changed row, so nothing flickers and a slow line stays usable. Pure.
 */
import { charactersOf, columnsOf } from './text-line.js';

export interface Caret {
  row: number;
  column: number;
}

/** One whole screen: a row is text with colours of our own, at most as wide as the screen. */
export interface Frame {
  rows: readonly string[];
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
  const rows = before ? changedRows(before.rows, after.rows) : `\u001b[0m\u001b[2J${changedRows([], after.rows)}`;
  const isSameCaret = before && before.caret?.row === after.caret?.row && before.caret?.column === after.caret?.column;
  if (rows === '' && isSameCaret) return '';
  const { caret } = after;
  const cursor = caret ? `\u001b[${caret.row + 1};${caret.column + 1}H${SHOW}` : HIDE;
  const hide = rows !== '' && before?.caret ? HIDE : '';
  return rows === '' ? cursor : `${BEGIN}${hide}${rows}${cursor}${END}`;
}

function changedRows(before: readonly string[], after: readonly string[]): string {
  let text = '';
  for (let row = 0; row < Math.max(before.length, after.length); row++) {
    const [old = '', fresh = ''] = [before[row], after[row]];
    if (old !== fresh) text += changedRow(old, fresh, row);
  }
  return text;
}

const SGR = /\u001b\[[\d;]*m/g;

function changedRow(old: string, fresh: string, row: number): string {
  const kept = samePrefix(old, fresh);
  const styles = kept.match(SGR)?.join('') ?? '';
  const column = kept.replace(SGR, '').length;
  return `\u001b[${row + 1};${column + 1}H${styles}${resynced(fresh.slice(kept.length), column)}\u001b[0m\u001b[K`;
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
  if (/^[\u0020-\u007e\u001b\u2500-\u257f]*$/.test(text)) return text;
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
