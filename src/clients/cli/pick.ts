/** First words of a command line → the verb they name, by the longest match. Pure: no verb's module is loaded for it. */

import { nearest } from '../../lib/nearest.js';
import { badInput, type TendError } from '../../model/error.js';
import type { Registry } from './usage.js';

export type Picked =
  | { kind: 'verb'; key: string; rest: readonly string[] }
  /** Words that begin verbs but are none: `goal`. `keys` are the verbs below it. */
  | { kind: 'group'; words: string; keys: readonly string[]; rest: readonly string[] }
  | { kind: 'unknown'; words: readonly string[] };

/** Short spellings, kept from the tool this one succeeds: by place in the line. */
const FIRST: Readonly<Record<string, string>> = { w: 'worker', ss: 'screenshot', workflow: 'workflows' };
const LATER: Readonly<Record<string, string>> = { ls: 'list', rm: 'remove', w: 'write' };

/** `--json` may stand among the words of a verb; then it is taken for a flag of the verb. */
const JSON_WORDS: readonly string[] = ['-j', '--json'];
/** In @hasna/loops the workflows are below the loops. */
const BELOW_LOOPS: readonly string[] = ['workflow', 'workflows'];

/** Finds the verb. A real verb always wins over a short spelling. Words from the first `-…` on are never part of a name. */
export function pickVerb(registry: Registry, argv: readonly string[]): Picked {
  if (argv[0] === 'loops' && BELOW_LOOPS.includes(argv[1] ?? '')) return pickVerb(registry, argv.slice(1));
  const end = argv.findIndex((word) => word.startsWith('-'));
  const words = argv.slice(0, end === -1 ? argv.length : end);
  const full = words.map((word, index) => (index === 0 ? FIRST : LATER)[word] ?? word);
  const direct = matchVerb(registry, words, argv) ?? matchVerb(registry, full, argv);
  if (!direct && JSON_WORDS.includes(argv[end] ?? '')) {
    const lifted = pickVerb(registry, [...argv.slice(0, end), ...argv.slice(end + 1)]);
    return lifted.kind === 'verb' || lifted.kind === 'group' ? { ...lifted, rest: ['--json', ...lifted.rest] } : lifted;
  }
  return (
    direct ??
    matchGroup(registry, words, argv) ??
    matchGroup(registry, full, argv) ?? { kind: 'unknown', words: words.slice(0, 2) }
  );
}

/** No verb has more words. */
const WORDS_MAX = 4;

function matchVerb(registry: Registry, words: readonly string[], argv: readonly string[]): Picked | undefined {
  for (let n = Math.min(words.length, WORDS_MAX); n > 0; n -= 1) {
    const key = words.slice(0, n).join(' ');
    if (Object.hasOwn(registry, key)) return { kind: 'verb', key, rest: argv.slice(n) };
  }
  return undefined;
}

function matchGroup(registry: Registry, words: readonly string[], argv: readonly string[]): Picked | undefined {
  for (let n = Math.min(words.length, WORDS_MAX); n > 0; n -= 1) {
    const group = words.slice(0, n).join(' ');
    const keys = Object.keys(registry).filter((key) => key.startsWith(`${group} `));
    if (keys.length > 0) return { kind: 'group', words: group, keys, rest: argv.slice(n) };
  }
  return undefined;
}

/** The input error of a line that names no verb. */
export function noSuchVerb(registry: Registry, picked: Exclude<Picked, { kind: 'verb' }>): TendError {
  const visible = Object.keys(registry).filter((key) => !key.startsWith('__'));
  if (picked.kind === 'group') {
    const next = picked.keys.map((key) => key.slice(picked.words.length + 1));
    const got = picked.rest[0] === undefined ? 'a word is missing' : `${JSON.stringify(picked.rest[0])} is unknown`;
    const near = nearestVerbs(next, typedWords(picked.rest)).map((words) => `${picked.words} ${words}`);
    return badInput(
      `Cannot run "tend ${picked.words}": ${got}${near.length > 0 ? meant(near) : `, wanted one of ${next.join(', ')}`}`,
      `tend help ${near[0] ?? picked.words}`,
    );
  }
  const typed = picked.words.join(' ');
  const near = nearestVerbs(visible, picked.words);
  return badInput(
    `Cannot run "tend ${typed}": there is no such verb${meant(near)}`,
    near[0] ? `tend help ${near[0]}` : 'tend help',
  );
}

const meant = (near: readonly string[]): string =>
  near.length > 0 ? `, did you mean ${near.map((key) => `"tend ${key}"`).join(' or ')}` : '';

/** The words that may have been meant for a verb's: two at most, none from the first flag on. */
function typedWords(rest: readonly string[]): string[] {
  const end = rest.findIndex((word) => word.startsWith('-'));
  return rest.slice(0, Math.min(2, end === -1 ? 2 : end));
}

/** Verbs near both words, else near the first one; a first word that opens a group stands for its verbs. */
function nearestVerbs(keys: readonly string[], words: readonly string[]): string[] {
  const whole = nearest(words.join(' '), keys);
  if (whole.length > 0 || words[0] === undefined) return whole;
  const firsts = nearest(words[0], [...new Set(keys.map((key) => key.split(' ')[0]!))]);
  return firsts.flatMap((first) => keys.filter((key) => key === first || key.startsWith(`${first} `))).slice(0, 3);
}
