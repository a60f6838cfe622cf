/**
 * What there is to say about one verb, as data. Terminal help, man text and Markdown render these sections, so a flag that
 * stands in a verb's file stands in all of them. Pure.
 */
import type { Flag, Positional, Verb } from '../../contract/verb.js';
import { flagsOf, flagWords, usageParts } from './usage.js';

/** A term and what it means. `parts` are the words of the term between which a line may break. */
export interface Row {
  parts: readonly string[];
  about: string;
}

export interface Section {
  title: string;
  /** Paragraphs, each one line however long. */
  text?: readonly string[];
  rows?: readonly Row[];
  /** Lines to type, with what they do; shown as they are. */
  code?: readonly { line: string; about: string }[];
}

/** Every section of a verb's own help, in reading order; empty ones are left out. */
export function verbDoc(verb: Verb): Section[] {
  const sections: Section[] = [
    { title: 'Usage', rows: [{ parts: usageParts(verb), about: '' }] },
    { title: 'What it does', text: [sentence(verb.about), ...paragraphs(verb)] },
    { title: 'Arguments', rows: [...(verb.args ?? []).map(positionalRow), ...restRows(verb)] },
    { title: 'Flags', rows: flagsOf(verb).map(([name, flag]) => flagRow(name, flag)) },
    { title: 'Exit codes', rows: exitRows(verb) },
    { title: 'Examples', code: verb.examples ?? [] },
  ];
  return sections.filter(({ text, rows, code }) => (text ?? rows ?? code ?? []).length > 0);
}

const sentence = (about: string): string => (/[.!?]$/.test(about) ? about : `${about}.`);

function paragraphs(verb: Verb): string[] {
  const own = (verb.details ?? '')
    .split(/\n\s*\n/)
    .map((text) => text.replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '');
  return verb.human ? [...own, 'Only a human may use it: it is refused inside a worker, a sensor or a decision.'] : own;
}

const withChoices = (about: string, at: Pick<Flag, 'choices'>): string =>
  at.choices ? `${about} (one of ${at.choices.join(', ')})` : about;

const positionalRow = (at: Positional): Row => ({ parts: [at.name.toUpperCase()], about: withChoices(at.about, at) });

function restRows(verb: Verb): Row[] {
  const rest = verb.rest ?? { kind: 'none' };
  if (rest.kind === 'none') return [];
  return [{ parts: [`${rest.name.toUpperCase()}…`], about: `${rest.about}${restRule(rest)}` }];
}

/** How the words are taken, unless the verb's own line says it. */
function restRule(rest: Extract<NonNullable<Verb['rest']>, { about: string }>): string {
  if (rest.kind === 'command') return '; from its first word on everything is taken as it is, flags included';
  if (rest.about.includes('stdin')) return '';
  const when = rest.required ? 'no words' : 'no words while stdin is no terminal';
  return `; ${when}, or a lone "-", read it from stdin`;
}

function flagRow(name: string, flag: Flag): Row {
  const notes = [
    flag.type === 'strings' ? 'may be repeated; "\\," is a comma inside one' : '',
    flag.default === undefined ? '' : `default ${flag.default}`,
  ].filter((note) => note !== '');
  const about = withChoices(flag.about, flag) + (notes.length > 0 ? ` (${notes.join(', ')})` : '');
  return { parts: [flag.alias ? `-${flag.alias}, ${flagWords(name, flag)}` : flagWords(name, flag)], about };
}

/** The codes of the verb, with the general meaning of 0 and 2 where it does not give its own. */
function exitRows(verb: Verb): Row[] {
  if (!verb.exits && verb.exitStyle !== 'loops') return [];
  const usual: Record<string, string> = verb.exitStyle === 'loops' ? { 1: 'any error' } : { 2: 'bad input' };
  const codes: Record<string, string> = { 0: 'done', ...usual, ...verb.exits };
  return Object.entries(codes).map(([code, about]) => ({ parts: [code], about }));
}
