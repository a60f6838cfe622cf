/**
 * The little language in which the tables say which flags of a program are harmless, and the reading of arguments by it. Pure.
 *
 * Words of a grammar: `-a` a switch · `-a:` takes a value · `-a?` may have a value attached · `--long`, `--long:` the same ·
 * `-name:` a long flag with one dash · `-#` a number as a flag · `*` none of its flags does more than look, so a word
 * that may become one passes; a flag that is written must be listed · `!--long` for programs with thousands of flags: every one but these ·
 * `+-a` harmless, and one of the `+` flags must be there, in front of the words · `~` or behind them, because the program sorts
 * its words · `&` a word with one dash is one flag, never several letters · `@2` at most two positionals. Not listed means: ask.
 */
import { type Arg, mayBeFlag } from './arg.js';

export interface Grammar {
  any: boolean;
  switches: ReadonlySet<string>;
  takes: ReadonlySet<string>;
  optional: ReadonlySet<string>;
  denied: readonly string[];
  required: readonly string[];
  max: number;
  numbers: boolean;
  sorts: boolean;
  whole: boolean;
}

export interface ReadArgs {
  positionals: Arg[];
  flags: { name: string; value?: string }[];
  /** How many of the flags stand in front of the first positional. */
  inFront?: number;
  /** Why it may not pass; in words. */
  problem?: string;
}

const known = new Map<string, Grammar>();

/** Reads a grammar; each is read once. */
export function grammarOf(text: string): Grammar {
  const before = known.get(text);
  if (before) return before;
  const words = text.split(/\s+/).filter((word) => word !== '');
  const flags = words.filter((word) => /^\+?-/.test(word) && word !== '-#').map((word) => word.replace(/^\+/, ''));
  const bare = (ending: RegExp) =>
    new Set(flags.filter((word) => ending.test(word)).map((word) => word.replace(/[:?]$/, '')));
  const grammar: Grammar = {
    any: words.includes('*'),
    switches: bare(/[^:?]$/),
    takes: bare(/:$/),
    optional: bare(/\?$/),
    denied: words.filter((word) => word[0] === '!').map((word) => word.slice(1)),
    required: words.filter((word) => word[0] === '+').map((word) => word.slice(1).replace(/[:?]$/, '')),
    max: Number(words.find((word) => word[0] === '@')?.slice(1) ?? Number.POSITIVE_INFINITY),
    numbers: words.includes('-#'),
    sorts: words.includes('~'),
    whole: words.includes('&'),
  };
  known.set(text, grammar);
  return grammar;
}

/** Sorts arguments into flags and positionals. Flags count wherever they stand, also behind positionals, up to `--`. */
export function readArgs(grammar: Grammar, args: readonly Arg[]): ReadArgs {
  const read: ReadArgs = { positionals: [], flags: [] };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg.fixed && arg.value === '--') {
      read.inFront ??= read.flags.length;
      read.positionals.push(...args.slice(at + 1));
      break;
    }
    if (!arg.prefix.startsWith('-') || arg.value === '-') {
      if (mayBeFlag(arg) && !isCareless(grammar)) read.problem ??= `${quote(arg.text)} may become a flag`;
      read.positionals.push(arg);
      read.inFront ??= read.flags.length;
      continue;
    }
    const wants = readFlag(grammar, arg, read);
    if (!wants) continue;
    const value = args[++at];
    if (isCareless(grammar)) read.flags.at(-1)!.value = value?.value ?? '';
    else if (value === undefined) read.problem ??= `${arg.value} has no value`;
    else if (value.many || (/^-/.test(value.prefix) && !/^-\d*$/.test(value.value)))
      read.problem ??= `it is not certain that ${quote(value.text)} is the value of ${arg.value}`;
    else read.flags.at(-1)!.value = value.value;
  }
  return check(grammar, read);
}

const isCareless = (grammar: Grammar): boolean => grammar.any && grammar.denied.length === 0;

/** Many programs take `--dry-run=false` for no `--dry-run`. */
const OFF = /^(?:false|no|off|f|n|0|without|disable|none)$/i;

/** And some take the next word for it, as `tsc --noEmit false` does. */
const OFF_WORD = /^(?:false|no|off)$/i;

function check(grammar: Grammar, read: ReadArgs): ReadArgs {
  const { required, max } = grammar;
  // Many programs end their flags at the first word: `unzip x.zip y -l` unpacks.
  const given = grammar.sorts ? read.flags : read.flags.slice(0, read.inFront);
  const off = read.flags.find(
    ({ name, value }) => required.includes(name) && !grammar.takes.has(name) && OFF.test(value ?? ''),
  );
  const word = required.length > 0 ? read.positionals.find((arg) => OFF_WORD.test(arg.value)) : undefined;
  if (word) read.problem ??= `${quote(word.text)} may switch off what makes it harmless`;
  if (off) read.problem ??= `${quote(`${off.name}=${off.value}`)} switches off what makes it harmless`;
  if (required.length > 0 && !given.some((flag) => required.includes(flag.name)))
    read.problem ??= `it only reads with ${required.join(' or ')}${grammar.sorts ? '' : ' in front'}`;
  if (read.positionals.length > max || (Number.isFinite(max) && read.positionals.some((arg) => arg.many)))
    read.problem ??= `it may write with ${max === 0 ? 'an argument' : `more than ${max} argument${max === 1 ? '' : 's'}`}`;
  return read;
}

/** True when the flag takes the next word as its value. */
function readFlag(grammar: Grammar, arg: Arg, read: ReadArgs): boolean {
  const equals = arg.prefix.indexOf('=');
  // Of a flag that is not fixed only a value behind `=` may be unknown.
  if (!arg.fixed && (equals < 0 || arg.splits)) {
    if (!isCareless(grammar)) read.problem ??= `${quote(arg.text)} may become another flag`;
    return false;
  }
  const name = equals < 0 ? arg.value : arg.value.slice(0, equals);
  const isWhole = isListed(grammar, name);
  if (isWhole || name.startsWith('--')) {
    if (equals >= 0 && !name.startsWith('--') && grammar.switches.has(name))
      read.problem ??= `the flag ${quote(arg.text)} is not known to be harmless`;
    if (!isWhole && !isPassed(grammar, name)) read.problem ??= `the flag ${quote(name)} is not known to be harmless`;
    read.flags.push({ name, ...(equals < 0 ? {} : { value: arg.value.slice(equals + 1) }) });
    return equals < 0 && grammar.takes.has(name);
  }
  if (grammar.numbers && /^-\d+$/.test(arg.value)) return false;
  return readCluster(grammar, arg.value, read);
}

const isListed = (grammar: Grammar, name: string): boolean =>
  grammar.switches.has(name) || grammar.takes.has(name) || grammar.optional.has(name);

/** Long flags may be abbreviated, so whatever a denied one begins with is denied too. */
const isPassed = (grammar: Grammar, name: string): boolean =>
  (isCareless(grammar) && name.startsWith('--') && startsListed(grammar, name)) ||
  (grammar.denied.length > 0 &&
    !grammar.denied.some((denied) => denied === name || (name.startsWith('--') && denied.startsWith(name))));

/** `--recur` is `--recursive`, or no flag at all. */
const startsListed = (grammar: Grammar, name: string): boolean =>
  name.length > 3 && [...grammar.switches].some((flag) => flag.startsWith(name));

/** `-xvf`: every letter is a flag, until one takes the rest as its value. */
function readCluster(grammar: Grammar, word: string, read: ReadArgs): boolean {
  const letters = [...word.slice(1)];
  if (grammar.whole && letters.length > 1) read.problem ??= `the flag ${quote(word)} is not known to be harmless`;
  for (const [at, letter] of letters.entries()) {
    const name = `-${letter}`;
    const isLast = at === letters.length - 1;
    if (grammar.takes.has(name)) {
      read.flags.push({ name, ...(isLast ? {} : { value: letters.slice(at + 1).join('') }) });
      return isLast;
    }
    if (!isListed(grammar, name) && !isPassed(grammar, name)) {
      read.problem ??= `the flag ${quote(word)} is not known to be harmless`;
      return false;
    }
    read.flags.push({ name });
    if (grammar.optional.has(name)) return false;
  }
  return false;
}

const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
