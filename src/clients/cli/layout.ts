/** Sections → text for a terminal. Pure: width and colour are values. */
import type { Row, Section } from './doc.js';

export interface Style {
  /** Characters a line may have, at most 100: longer lines are hard to read. */
  width: number;
  colour: boolean;
}

const WIDTH_MAX = 100;
const WIDTH_MIN = 40;
/** What a terminal that does not tell its size is taken for. */
const WIDTH_DEFAULT = 80;

/** Colour only for a terminal that wants it: NO_COLOR (any value but empty) and TERM=dumb switch it off. */
export const styleOf = (
  env: Readonly<Record<string, string | undefined>>,
  terminal: { tty: boolean; columns: number | undefined },
): Style => ({
  width: Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, terminal.columns ?? WIDTH_DEFAULT)),
  colour: terminal.tty && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
});

/** Every section with its title, a blank line between two. */
export const renderSections = (sections: readonly Section[], style: Style): string =>
  sections.map((section) => renderSection(section, style)).join('\n');

function renderSection(section: Section, style: Style): string {
  const lines = [
    ...(section.text ?? []).flatMap((text, index) => [
      ...(index > 0 ? [''] : []),
      ...wrap(text.split(' '), { width: style.width, indent: 2 }),
    ]),
    ...renderRows(section.rows ?? [], style),
    ...(section.code ?? []).flatMap(({ line, about }) => [
      `  ${line}`,
      ...wrap(about.split(' '), { width: style.width, indent: 6 }),
    ]),
  ];
  return `${bold(section.title, style)}\n${lines.join('\n')}\n`;
}

const bold = (text: string, style: Style): string => (style.colour ? `\u001b[1m${text}\u001b[0m` : text);

/** Widest term that shares its line with the meaning. */
const TERM_MAX = 30;

function renderRows(rows: readonly Row[], style: Style): string[] {
  const terms = rows.map(({ parts }) => parts.join(' ').length).filter((length) => length <= TERM_MAX);
  const column = Math.max(0, ...terms) + 4;
  return rows.flatMap(({ parts, about }) => {
    const term = parts.join(' ');
    const meaning = about === '' ? [] : wrap(about.split(' '), { width: style.width, indent: column });
    const [head, ...more] = meaning;
    if (term.length <= TERM_MAX && head !== undefined)
      return [`  ${term}`.padEnd(column) + head.slice(column), ...more];
    const under = about === '' ? [] : wrap(about.split(' '), { width: style.width, indent: 6 });
    return [...wrap(parts, { width: style.width, indent: 2, hang: 4 }), ...under];
  });
}

/** Lines of whole words; a word longer than a line stands alone. `hang` indents every line but the first further. */
export function wrap(words: readonly string[], at: { width: number; indent: number; hang?: number }): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > at.width) {
      lines.push(line);
      line = '';
    }
    const indent = ' '.repeat(at.indent + (lines.length > 0 ? (at.hang ?? 0) : 0));
    line = line === '' ? indent + word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
