/** Verbs and knobs → Markdown, for the README files. The test compares them with the registry and rewrites them with UPDATE=1. */
import type { Verb } from '../../contract/verb.js';
import { badInput } from '../../model/error.js';
import type { Knob } from '../../model/knob.js';
import { KNOBS } from '../../model/knobs.js';
import { type Section, verbDoc } from './doc.js';
import { knobDefault } from './manual.js';
import { GROUPS } from './manual-text.js';
import { nameOf } from './usage.js';

/** Every verb with all it has to say, by group: for `src/contract/README.md`. */
export function verbReference(verbs: readonly Verb[]): string {
  return byGroup(verbs, (group) =>
    group.flatMap((verb) => [`### ${nameOf(verb)}`, '', ...verbDoc(verb).flatMap(sectionLines)]),
  );
}

/** Every verb with one line, by group: for the top README. */
export function verbTable(verbs: readonly Verb[]): string {
  return byGroup(verbs, (group) => [
    '| verb | what it does |',
    '|---|---|',
    ...group.map((verb) => `| \`${nameOf(verb)}\` | ${cell(verb.about)} |`),
    '',
  ]);
}

/** Every knob: for the top README. */
export function knobTable(): string {
  const rows = Object.values(KNOBS).map(
    (knob: Knob) =>
      `| ${code(knob.env)} | ${code(knob.config)} | ${knobDefault(knob)} | ${knob.min} | ${cell(knob.about)} |`,
  );
  return ['| environment | config.json | default | least | meaning |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

/** `text` with what stands between `<!-- name -->` and `<!-- /name -->` replaced; an input error when the markers are missing. */
export function replaceBetween(text: string, name: string, content: string): string {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from === -1 || to < from) throw badInput(`Cannot write the reference: the text has no ${open} … ${close}`);
  return `${text.slice(0, from + open.length)}\n${content.trim()}\n${text.slice(to)}`;
}

function byGroup(verbs: readonly Verb[], lines: (group: Verb[]) => string[]): string {
  return GROUPS.flatMap(({ group, title }) => {
    const own = verbs.filter((verb) => verb.group === group);
    return own.length === 0 ? [] : [`## ${title}`, '', ...lines(own)];
  }).join('\n');
}

function sectionLines({ title, text, rows, code: examples }: Section): string[] {
  if (title === 'Usage') return (rows ?? []).flatMap(({ parts }) => ['```', parts.join(' '), '```', '']);
  return [
    ...(text ?? []).flatMap((paragraph) => [plain(paragraph), '']),
    ...(rows || examples ? [`${title}:`, ''] : []),
    ...(rows ?? []).map(({ parts, about }) => `- \`${parts.join(' ')}\`: ${plain(about)}`),
    ...(examples ?? []).map(({ line, about }) => `- \`${line}\`: ${plain(about)}`),
    ...(rows || examples ? [''] : []),
  ];
}

const code = (text: string | undefined): string => (text === undefined ? '' : `\`${text}\``);
/** Markdown takes `<` for the start of HTML. */
const plain = (text: string): string => text.replaceAll('<', '&lt;');
const cell = (text: string): string => plain(text).replaceAll('|', '\\|');
