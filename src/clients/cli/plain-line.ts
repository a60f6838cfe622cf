/**
 * The command lines that scripts write all day, split without yargs-parser, which costs a short verb more than its work. Never
 * the judge: any line with a doubt in it is left to split-line.ts, and a line taken here is split as that one splits it (a
 * property test compares them). Pure.
 */
import type { Flag, Verb } from '../../contract/verb.js';
import { flagsOf } from './usage.js';

export interface SplitLine {
  /**
   * By flag name without hyphens, known or not, one entry per time it was given: the typed value, `true` for a switch, `false`
   * for a switch that was given a value, undefined where a value is missing.
   */
  flags: ReadonlyMap<string, readonly (string | boolean | undefined)[]>;
  words: readonly string[];
}

export type NamedFlags = readonly (readonly [string, Flag])[];

/** Words without a hyphen in front, switches by their whole name, and `--name value`, each once; undefined for anything else. */
export function splitPlain(verb: Verb, argv: readonly string[]): SplitLine | undefined {
  if (verb.rest?.kind === 'command' || (verb.rest?.kind === 'text' && verb.rest.verbatim)) return undefined;
  const known = new Map(flagsOf(verb).map(([name, flag]) => [`--${name}`, flag]));
  const flags = new Map<string, (string | boolean)[]>();
  const words: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const flag = known.get(word);
    const name = word.slice(2);
    if (!flag || flags.has(name)) return undefined;
    const value = flag.type === 'boolean' ? true : argv[++at];
    if (value === undefined || (typeof value === 'string' && value.startsWith('-'))) return undefined;
    flags.set(name, [value]);
  }
  return { flags, words };
}
