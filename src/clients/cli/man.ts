/** Sections → roff of the man(7) macros, for `tend man`. Pure. */
import type { Verb } from '../../contract/verb.js';
import { type Section, verbDoc } from './doc.js';
import { manualDoc } from './manual.js';
import { nameOf } from './usage.js';

/** The page tend(1): the manual, then each verb with all it has to say. */
export function manPage(verbs: readonly Verb[], version: string): string {
  const lines = [
    `.TH TEND 1 "" "tend ${roff(version)}" "User Commands"`,
    '.nh',
    '.SH NAME',
    'tend \\- a resident program that tends your goals and asks you first',
    ...manualDoc(verbs).flatMap((section) => [`.SH ${quotedTitle(section.title)}`, ...sectionLines(section)]),
    '.SH VERBS',
    ...verbs.flatMap((verb) => [
      `.SS ${quotedTitle(nameOf(verb))}`,
      ...verbDoc(verb).flatMap((section) => ['.PP', `\\fB${roff(section.title)}\\fR`, ...sectionLines(section)]),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

function sectionLines({ text, rows, code }: Section): string[] {
  return [
    ...(text ?? []).flatMap((paragraph) => ['.PP', textLine(paragraph)]),
    ...(rows ?? []).flatMap(({ parts, about }) => ['.TP', `\\fB${roff(parts.join(' '))}\\fR`, textLine(about)]),
    ...(code ?? []).flatMap(({ line, about }) => ['.TP', `\\fB${roff(line)}\\fR`, textLine(about)]),
  ];
}

/** A line of text: one that is empty would break the page, one that begins with a dot or quote would be a request. */
const textLine = (text: string): string => (text === '' ? '\\&' : roff(text));

const quotedTitle = (title: string): string => `"${roff(title).replaceAll('"', '\\(dq')}"`;

/** Backslashes, hyphens (typed ones must stay ASCII), tildes and carets, and a control character at the start. */
function roff(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('~', '\\(ti')
    .replaceAll('^', '\\(ha')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replaceAll('…', '\\&...');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
