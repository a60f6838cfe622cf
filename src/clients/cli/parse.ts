/**
 * A command line that has been split → the verb's positionals, flags and rest, as the verb's file declares them. Nothing is
 * guessed: whatever is unknown, missing, surplus or malformed is an input error. Pure; a body from stdin is read in body.ts.
 */
import type { Flag, Verb, VerbInput } from '../../contract/verb.js';
import { clip } from '../../lib/clip.js';
import { nearest } from '../../lib/nearest.js';
import { badInput, type TendError } from '../../model/error.js';
import { type FlagValue, readValue, valueProblem } from './flag-values.js';
import type { SplitLine } from './plain-line.js';
import { flagsOf, nameOf, shortUsage } from './usage.js';

export interface ParsedLine {
  /** `--help` was asked: nothing else of the line has been checked. */
  help: boolean;
  args: VerbInput['args'];
  flags: VerbInput['flags'];
  /** Words after the positionals: the body of a `text` verb, the command of a `command` verb. */
  words: readonly string[];
}

/** Checks the words `argv` behind the verb's own, split as `line`. Throws badInput. */
export function parseLine(verb: Verb, line: SplitLine, argv: readonly string[]): ParsedLine {
  const positionals = verb.args ?? [];
  if (line.flags.has('help')) return { help: true, args: {}, flags: {}, words: [] };
  return {
    help: false,
    flags: readFlags(verb, line, argv),
    args: readPositionals(verb, line.words),
    words: readRest(verb, line.words.slice(positionals.length)),
  };
}

function readFlags(verb: Verb, line: SplitLine, argv: readonly string[]): Record<string, FlagValue> {
  const known = Object.fromEntries(flagsOf(verb));
  for (const name of line.flags.keys()) if (!Object.hasOwn(known, name)) throw unknownFlag(verb, name, argv);
  const values: Record<string, FlagValue> = {};
  for (const [name, flag] of Object.entries(verb.flags ?? {})) {
    const given = line.flags.get(name);
    const value = given ? readFlag(verb, name, flag, given) : defaultOf(flag);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function readFlag(verb: Verb, name: string, flag: Flag, given: readonly (string | boolean | undefined)[]): FlagValue {
  if (flag.type === 'boolean') {
    if (given.includes(false)) throw wrong(verb, `--${name} is a switch and takes no value`);
    return true;
  }
  const texts = given.filter((value) => typeof value === 'string');
  if (texts.length < given.length)
    throw wrong(verb, `--${name} needs a value`, ` (one that begins with "-": --${name}=…)`);
  if (texts.length > 1 && flag.type !== 'strings') throw wrong(verb, `--${name} is given ${texts.length} times`);
  for (const text of texts) {
    const wanted = valueProblem(flag, text);
    if (wanted) throw wrong(verb, `${quoted(text)} is no value for --${name}, wanted ${wanted}`);
  }
  return readValue(flag, texts);
}

/** A declared default counts as if it were typed; the registry test proves that each one is valid. */
const defaultOf = (flag: Flag): FlagValue =>
  flag.default === undefined || flag.type === 'boolean' ? undefined : readValue(flag, [flag.default]);

function unknownFlag(verb: Verb, name: string, argv: readonly string[]): TendError {
  const flags = flagsOf(verb);
  // A letter of a group such as `-ab` was not typed alone.
  const long = argv.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
  const near = nearest(
    name,
    flags.map(([known]) => known),
  );
  const known = `its flags are ${flags.map(([flag]) => `--${flag}`).join(', ')}`;
  return wrong(
    verb,
    `it has no flag ${quoted(long ? `--${name}` : `-${name}`)}`,
    near.length > 0 ? `, did you mean ${near.map((flag) => `--${flag}`).join(' or ')}` : `, ${known}`,
  );
}

function readPositionals(verb: Verb, words: readonly string[]): Record<string, string | undefined> {
  const args: Record<string, string | undefined> = {};
  for (const [index, positional] of (verb.args ?? []).entries()) {
    const word = words[index];
    const name = positional.name.toUpperCase();
    if (word === undefined && positional.required) throw wrong(verb, `${name} is missing`);
    if (word !== undefined && positional.choices && !positional.choices.includes(word))
      throw wrong(verb, `${quoted(word)} is no ${name}, wanted one of ${positional.choices.join(', ')}`);
    args[positional.name] = word;
  }
  return args;
}

function readRest(verb: Verb, words: readonly string[]): readonly string[] {
  const rest = verb.rest ?? { kind: 'none' };
  if (rest.kind === 'none' && words.length > 0) throw wrong(verb, `${quoted(words[0]!)} is a word too many`);
  if (rest.kind === 'command' && rest.required && words.length === 0)
    throw wrong(verb, `${rest.name.toUpperCase()} is missing`);
  return words;
}

/** Longest part of a typed value that is worth repeating in a message. */
const QUOTE_CHARS = 80;
const quoted = (value: string): string => JSON.stringify(clip(value, QUOTE_CHARS));

const wrong = (verb: Verb, problem: string, more = ''): TendError =>
  badInput(`Cannot run "${nameOf(verb)}": ${problem}${more}; usage: ${shortUsage(verb)}`, `${nameOf(verb)} --help`);
