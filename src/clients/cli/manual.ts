/** The whole manual, the short summary and a group's list, as sections made from the registry. Pure but for loading verbs. */
import type { Verb } from '../../contract/verb.js';
import type { Knob } from '../../model/knob.js';
import { KNOBS } from '../../model/knobs.js';
import type { Row, Section } from './doc.js';
import { CHILD_ENVIRONMENT, ENVIRONMENT, EXITS, FILES, GROUPS, INTRO, RECIPES } from './manual-text.js';
import { pickVerb } from './pick.js';
import { nameOf, type Registry, usageParts } from './usage.js';

/** Every verb that people see, in the order of the registry. */
export async function visibleVerbs(registry: Registry): Promise<Verb[]> {
  const modules = await Promise.all(Object.values(registry).map((load) => load()));
  return modules.map(({ verb }) => verb).filter((verb) => !verb.hidden);
}

/** Where this profile lies, or why that is unknown: help must work when nothing else does. */
export type Paths = { dataDir: string; configPath: string } | { problem: string };

/** Bare `tend`: what it is, the verbs with a line each, where to read on. */
export function summaryDoc(verbs: readonly Verb[]): Section[] {
  return [
    { title: 'Usage', rows: [{ parts: ['tend', 'VERB', '[…]'], about: '' }] },
    ...groupSections(verbs, (verb) => ({ parts: [nameOf(verb)], about: verb.about })),
    {
      title: 'Read on',
      rows: pairs([
        ['tend VERB --help', 'one verb'],
        ['tend help', 'the whole manual'],
      ]),
    },
  ];
}

/** The verbs below a word that is none itself: `tend help goal`. */
export const groupDoc = (words: string, verbs: readonly Verb[]): Section[] => [
  { title: `Verbs of "tend ${words}"`, rows: verbs.map((verb) => ({ parts: usageParts(verb), about: verb.about })) },
];

/** `tend help`. A manual page is the same on every machine and names no `paths`. */
export function manualDoc(verbs: readonly Verb[], paths?: Paths): Section[] {
  return [
    { title: 'tend', text: INTRO },
    ...groupSections(verbs, (verb) => ({ parts: usageParts(verb), about: verb.about })),
    { title: 'Every verb', rows: pairs([['-h, --help', 'print the help of the verb and do nothing']]) },
    ...recipes(verbs),
    { title: 'Environment', rows: pairs(ENVIRONMENT) },
    { title: 'Knobs (environment, key in config.json, default)', rows: knobRows() },
    { title: 'Environment of what tend starts', rows: pairs(CHILD_ENVIRONMENT) },
    { title: 'Files in the data dir', rows: pairs(FILES) },
    { title: 'Exit codes', rows: pairs(EXITS) },
    ...(paths ? [{ title: 'Paths', rows: pathRows(paths) }] : []),
  ];
}

const pairs = (rows: readonly (readonly [string, string])[]): Row[] =>
  rows.map(([term, about]) => ({ parts: term.split(' '), about }));

function groupSections(verbs: readonly Verb[], row: (verb: Verb) => Row): Section[] {
  return GROUPS.map(({ group, title }) => ({
    title,
    rows: verbs.filter((verb) => verb.group === group).map(row),
  })).filter(({ rows }) => rows.length > 0);
}

/** Recipes whose verbs all exist. */
function recipes(verbs: readonly Verb[]): Section[] {
  const registry: Registry = Object.fromEntries(verbs.map((verb) => [verb.path.join(' '), async () => ({ verb })]));
  const exists = (line: string): boolean => pickVerb(registry, line.split(' ').slice(1)).kind === 'verb';
  return RECIPES.filter(({ lines }) => lines.every(({ line }) => exists(line))).map(({ title, lines }) => ({
    title,
    code: lines,
  }));
}

/** `TEND_INTERVAL, interval, 60 s`: where a knob is set and what it is when nobody sets it. */
export const knobTerm = (knob: Knob): string =>
  [knob.env, knob.config, knobDefault(knob)].filter((part) => part !== undefined).join(', ');

export const knobDefault = (knob: Knob): string =>
  knob.unit === 'count' ? `${knob.default}` : `${knob.default} ${knob.unit}`;

const knobRows = (): Row[] =>
  Object.values(KNOBS).map((knob: Knob) => ({ parts: knobTerm(knob).split(' '), about: knob.about }));

const pathRows = (paths: Paths): Row[] =>
  'problem' in paths
    ? [{ parts: ['unknown'], about: paths.problem }]
    : [
        { parts: [paths.dataDir], about: 'data dir' },
        { parts: [paths.configPath], about: 'config file' },
      ];
