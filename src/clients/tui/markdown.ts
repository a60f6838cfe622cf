/**
 * Markdown of a stranger → lines of a screen. Read by marked's lexer, laid out here; HTML is shown as what it is, a link with
 * its address, and what cannot be laid out (too long, too deep) as plain text. Pure.
 */
import { lexer, type Token, type Tokens } from 'marked';
import { type Line, lineWidth, type Piece, type Style, safe, wrapLine } from './text-line.js';
import { THEME } from './theme.js';

/** Beyond it the lexer's time can be felt on some texts; nobody reads so much formatted text beside a question. */
const FORMATTED_MAX = 32_768;
/** What opens emphasis, links, code and tags: of some mixtures the lexer's time grows with the square of their number. */
const MARKS_MAX = 1_500;
const INDENT = '  ';

/** At most `width` columns each; never empty. */
export function markdownLines(text: string, width: number): Line[] {
  const harmless = safe(text);
  if (harmless.length > FORMATTED_MAX || marksIn(harmless) > MARKS_MAX) return plainLines(harmless, width);
  try {
    const lines = blocks(lexer(harmless, { gfm: true, breaks: true }), Math.max(1, width));
    while (lines.length > 0 && lineWidth(lines.at(-1)!) === 0) lines.pop();
    return lines.length === 0 ? [[]] : lines;
  } catch {
    // Nested deeper than the stack: then it is no text that formatting would help.
    return plainLines(harmless, width);
  }
}

const marksIn = (text: string): number => text.match(/[*_~[<`]/g)?.length ?? 0;

/** A text as it is, its lines broken at the width. `text` of a stranger is made harmless. */
export const plainLines = (text: string, width: number, style?: Style): Line[] =>
  safe(text)
    .replace(/\n$/, '')
    .split('\n')
    .flatMap((line) => wrapLine([style ? { text: line, style } : { text: line }], width));

function blocks(tokens: readonly Token[], width: number): Line[] {
  const lines: Line[] = [];
  for (const token of tokens) {
    const made = block(token as Tokens.Generic, width);
    // One blank line between two blocks, as the writer has it or not.
    if (token.type === 'space') {
      if (lines.length > 0 && lineWidth(lines.at(-1)!) > 0) lines.push([]);
      continue;
    }
    if (lines.length > 0 && lineWidth(lines.at(-1)!) > 0 && isApart(token)) lines.push([]);
    lines.push(...made);
  }
  return lines;
}

const isApart = ({ type }: Token): boolean => type === 'heading' || type === 'code' || type === 'table';

function block(token: Tokens.Generic, width: number): Line[] {
  switch (token.type) {
    case 'heading':
      return wrapLine(inline(token.tokens ?? [], THEME.heading), width);
    case 'paragraph':
    case 'text':
      return inlineLines(token.tokens ?? [{ type: 'text', raw: token.raw, text: token['text'] as string }], width);
    case 'code':
      return inFrame(codeLines(token, inner(width, 2)), '│ ', THEME.dim);
    case 'blockquote':
      return inFrame(blocks(token.tokens ?? [], inner(width, 2)), '▌ ', THEME.dim);
    case 'list':
      return list(token as Tokens.List, width);
    case 'hr':
      return [[{ text: '─'.repeat(Math.min(width, 40)), style: THEME.dim }]];
    case 'table':
      return table(token as Tokens.Table, width);
    default:
      return plainLines(token.raw, width);
  }
}

/** What stands behind the opening fence is text, too: nothing of a stranger's question is left out. */
function codeLines(token: Tokens.Generic, width: number): Line[] {
  const lang = typeof token['lang'] === 'string' ? token['lang'].trim() : '';
  const code = plainLines(String(token['text']), width, THEME.code);
  return lang === '' ? code : [...plainLines(lang, width, THEME.dim), ...code];
}

const inner = (width: number, less: number): number => Math.max(1, width - less);
const inFrame = (lines: readonly Line[], mark: string, style: Style): Line[] =>
  lines.map((line) => [{ text: mark, style }, ...line]);

function list({ ordered, start, items }: Tokens.List, width: number): Line[] {
  const first = typeof start === 'number' ? start : 1;
  return items.flatMap((item, n) => {
    const box = item.task ? (item.checked ? '[x] ' : '[ ] ') : '';
    const mark = ordered ? `${first + n}. ` : '• ';
    const indent = ' '.repeat(mark.length);
    const lines = blocks(
      item.tokens.filter(({ type }) => type !== 'checkbox'),
      inner(width, mark.length),
    );
    return (lines.length === 0 ? [[]] : lines).map(
      (line, at): Line => (at === 0 ? [{ text: mark + box, style: THEME.key }, ...line] : [{ text: indent }, ...line]),
    );
  });
}

/** Columns as wide as their widest cell where that fits; else a line per cell, under its head. */
function table({ header, rows }: Tokens.Table, width: number): Line[] {
  const head = header.map((cell) => inline(cell.tokens, THEME.strong));
  const body = rows.map((row) => row.map((cell) => inline(cell.tokens)));
  const widths = head.map((cell, at) => Math.max(lineWidth(cell), ...body.map((row) => lineWidth(row[at] ?? []))));
  const total = widths.reduce((sum, columns) => sum + columns + 2, -2);
  if (total > width) {
    return body.flatMap((row, at) => [
      ...(at === 0 ? [] : [[]]),
      ...row.flatMap((cell, n) => wrapLine([...(head[n] ?? []), { text: ': ' }, ...cell], width, [{ text: INDENT }])),
    ]);
  }
  const lineOf = (cells: readonly Line[]): Line =>
    cells.flatMap((cell, n) => [...cell, { text: ' '.repeat(Math.max(0, widths[n]! - lineWidth(cell)) + 2) }]);
  return [lineOf(head), [{ text: '─'.repeat(total), style: THEME.dim }], ...body.map(lineOf)];
}

/** Inline tokens as lines: `br` begins a new one. */
function inlineLines(tokens: readonly Token[], width: number): Line[] {
  const lines: Piece[][] = [[]];
  for (const piece of inline(tokens)) {
    const parts = piece.text.split('\n');
    parts.forEach((text, at) => {
      if (at > 0) lines.push([]);
      if (text !== '') lines.at(-1)!.push({ ...piece, text });
    });
  }
  return lines.flatMap((line) => wrapLine(line, width));
}

function inline(tokens: readonly Token[], style?: Style): Piece[] {
  return (tokens as readonly Tokens.Generic[]).flatMap((token): Piece[] => {
    const inside = (more: Style): Piece[] =>
      token.tokens
        ? inline(token.tokens, { ...style, ...more })
        : [piece(String(token['text'] ?? token.raw), { ...style, ...more })];
    switch (token.type) {
      case 'strong':
        return inside(THEME.strong);
      case 'em':
        return inside(THEME.emphasis);
      case 'del':
        return inside(THEME.gone);
      case 'codespan':
        return [piece(String(token['text']), { ...style, ...THEME.code })];
      case 'br':
        return [{ text: '\n' }];
      case 'link':
        return link(inside(THEME.link), String(token['href']), style);
      case 'image':
        return link([piece(`[picture: ${String(token['text'])}]`, style)], String(token['href']), style);
      default:
        return token.tokens ? inline(token.tokens, style) : [piece(String(token['text'] ?? token.raw), style)];
    }
  });
}

const piece = (text: string, style?: Style): Piece => (style ? { text, style } : { text });

/** The address stands behind the words: words may say another one. */
function link(words: Piece[], href: string, style: Style | undefined): Piece[] {
  const said = words.map(({ text }) => text).join('');
  return said === href ? words : [...words, piece(` (${href})`, { ...style, ...THEME.dim })];
}
