/** The registry → the three tables that every completion script holds. One algorithm, three shells; this is its data. Pure. */
import type { Flag, LiveIds, Verb } from '../../../contract/verb.js';
import { flagsOf } from '../usage.js';

export interface Tables {
  /** Words that may follow a beginning of a verb (`''`, `goal`), with a line about each. */
  next: ReadonlyMap<string, readonly (readonly [word: string, about: string])[]>;
  /** Flags of a verb, `--name` and `-x`. */
  flags: ReadonlyMap<string, readonly (readonly [flag: string, about: string])[]>;
  /**
   * What a value may be, by `verb|flag` and `verb|index of the word`: `=a b` these words, `@asks` live ids, `files`,
   * `commands` (the words behind it are the command's own), `any` nothing to offer. A switch has no entry.
   */
  sources: ReadonlyMap<string, string>;
}

export function completionTables(verbs: readonly Verb[]): Tables {
  const next = new Map<string, [string, string][]>();
  const flags = new Map<string, [string, string][]>();
  const sources = new Map<string, string>();
  for (const verb of verbs) {
    addWords(next, verb);
    const key = verb.path.join(' ');
    flags.set(
      key,
      flagsOf(verb).flatMap(([name, flag]) => spellings(name, flag).map((s): [string, string] => [s, flag.about])),
    );
    for (const [name, flag] of flagsOf(verb))
      if (flag.type !== 'boolean')
        for (const s of spellings(name, flag)) sources.set(`${key}|${s}`, source(flag, verbs));
    for (const [index, at] of (verb.args ?? []).entries()) sources.set(`${key}|${index}`, source(at, verbs));
    if (verb.rest?.kind === 'command') sources.set(`${key}|${verb.args?.length ?? 0}`, 'commands');
  }
  return { next, flags, sources };
}

const spellings = (name: string, flag: Flag): string[] =>
  flag.alias ? [`--${name}`, `-${flag.alias}`] : [`--${name}`];

function addWords(next: Map<string, [string, string][]>, verb: Verb): void {
  for (const [depth, word] of verb.path.entries()) {
    const before = verb.path.slice(0, depth).join(' ');
    const words = next.get(before) ?? [];
    next.set(before, words);
    const isVerb = depth === verb.path.length - 1;
    const known = words.find(([other]) => other === word);
    if (!known) words.push([word, isVerb ? verb.about : `verbs of ${word}`]);
    else if (isVerb) known[1] = verb.about;
  }
}

function source(at: { choices?: readonly string[]; complete?: LiveIds }, verbs: readonly Verb[]): string {
  if (at.choices) return `=${at.choices.join(' ')}`;
  if (at.complete === undefined) return 'any';
  if (at.complete === 'files' || at.complete === 'commands') return at.complete;
  if (at.complete === 'topics') return `=${[...new Set(verbs.map(({ path }) => path[0]))].join(' ')}`;
  return `@${at.complete}`;
}
