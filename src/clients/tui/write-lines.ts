/** The place where is written, as lines with its caret, and the line above it that says what Enter would do. Pure. */
import { expandOption } from '../../contract/expand-option.js';
import { isApproval } from '../../contract/views/fleet-screen.js';
import { readVerdict } from '../../model/ask.js';
import { caretOf, rowsOf } from './editor.js';
import { PROMPT_WIDTH, type Rect } from './layout.js';
import { draftIn, draftKey, type Model, openedWorker } from './model.js';
import { type Line, lineWidth, type Piece, safe } from './text-line.js';
import { THEME } from './theme.js';

export interface Written {
  lines: Line[];
  /** From the top left of the rectangle. */
  caret: { row: number; column: number };
}

/** The rows around the caret. */
export function writtenLines(model: Model, rect: Rect): Written {
  const draft = draftIn(model);
  const width = Math.max(1, rect.width - PROMPT_WIDTH);
  const rows = rowsOf(draft.text, width);
  const caret = caretOf(draft, width);
  const top = Math.max(0, Math.min(caret.row - rect.height + 1, rows.length - rect.height));
  const lines = rows
    .slice(top, top + rect.height)
    .map((row, at): Line => [{ text: at + top === 0 ? '› ' : '  ', style: THEME.key }, { text: safe(row.text) }]);
  if (draft.text === '') lines[0] = [...lines[0]!, { text: placeholderOf(model), style: THEME.dim }];
  return { lines, caret: { row: caret.row - top, column: Math.min(caret.column + PROMPT_WIDTH, rect.width - 1) } };
}

function placeholderOf(model: Model): string {
  const { opened, telling } = model;
  if (!opened || telling) return `tell ${openedWorker(model)?.id ?? ''} something; it reads it between two steps`;
  if (model.ended !== undefined) return '';
  if (isApproval(opened)) return 'type yes to run exactly this, or no and your reason';
  return opened.options && opened.options.length > 0
    ? `1 to ${opened.options.length}, or your own words`
    : 'your answer';
}

/** `── answers web-1: 2 = taxes ──`: to whom it goes, and as what it would be taken. */
export function ruleLine(model: Model, more: number, width: number): Line {
  const { opened, telling } = model;
  const key = draftKey(model);
  const text = draftIn(model).text.trim();
  const pieces: Piece[] = [{ text: '─ ', style: THEME.dim }];
  if (key !== undefined && model.sending.includes(key)) pieces.push({ text: 'sending … ', style: THEME.warn });
  else if (opened && !telling) pieces.push(...answerPieces(model, text));
  else if (key !== undefined)
    pieces.push({ text: `to ${key.slice('tell:'.length)}, which goes on meanwhile `, style: THEME.key });
  if (more > 0) pieces.push({ text: `${more} more lines: PgDn `, style: THEME.warn });
  return [...pieces, { text: '─'.repeat(Math.max(0, width - lineWidth(pieces))), style: THEME.dim }];
}

function answerPieces({ opened, ended }: Model, text: string): Piece[] {
  if (!opened) return [];
  if (ended !== undefined) return [{ text: `${opened.id} has ended `, style: THEME.warn }];
  if (isApproval(opened)) {
    const verdict = readVerdict(text);
    if (text.toLowerCase() === 'yes') return [{ text: `Enter runs it: yes to ${opened.id} `, style: THEME.bad }];
    return [
      { text: verdict && !verdict.yes ? `no to ${opened.id} ` : `${opened.id} waits for yes or no `, style: THEME.key },
    ];
  }
  const taken = text === '' ? text : expandOption(text, opened.options ?? []);
  return [
    {
      text: taken === text ? `answers ${opened.id} ` : `answers ${opened.id} with: ${safe(taken).replace(/\n/g, ' ')} `,
      style: THEME.key,
    },
  ];
}
