/**
 * Words of a command line → flags and plain words, by yargs-parser. What belongs to which flag is decided here; whether it is
 * allowed is decided in parse.ts. Pure.
 */
import parser from 'yargs-parser';
import type { Verb } from '../../contract/verb.js';
import type { NamedFlags, SplitLine } from './plain-line.js';
import { flagsOf } from './usage.js';

/** The words `argv` behind the verb's own, split by the rules of its kind. */
export function splitFor(verb: Verb, argv: readonly string[]): SplitLine {
  const flags = flagsOf(verb);
  const nPositionals = verb.args?.length ?? 0;
  if (verb.rest?.kind === 'command') return splitCommand(flags, argv, nPositionals);
  if (verb.rest?.kind !== 'text' || !verb.rest.verbatim) return splitLine(flags, argv);
  const { flags: found, words } = splitCommand(flags, argv, Math.max(0, nPositionals - 1));
  const [positionals, [first, ...more]] = [words.slice(0, nPositionals), words.slice(nPositionals)];
  // A text that is nothing but a call for help is meant for us.
  if (more.length === 0 && (first === '--help' || first === '-h')) return { flags: new Map([['help', [true]]]), words };
  const body = first === undefined || first === '--' ? more : [first, ...more];
  return { flags: found, words: [...positionals, ...body] };
}

/** Flags anywhere, words in order; everything behind `--` is a word. */
function splitLine(flags: NamedFlags, argv: readonly string[]): SplitLine {
  const { found, before, behind } = runParser(flags, argv, false);
  return { flags: found, words: [...before, ...behind] };
}

/**
 * Flags only in front of the command, that is in front of the word behind the first `nPositionals` words, or in front of `--`;
 * from there on every word is verbatim.
 */
function splitCommand(flags: NamedFlags, argv: readonly string[], nPositionals: number): SplitLine {
  const taken: string[] = [];
  let line = [...argv];
  for (;;) {
    const { found, behind } = runParser(flags, line, true);
    const head = line.slice(0, line.length - behind.length);
    if (behind.length === 0 || head.at(-1) === '--' || taken.length === nPositionals)
      return { flags: found, words: [...taken, ...behind] };
    taken.push(behind[0]!);
    line = [...head, ...behind.slice(1)];
  }
}

/**
 * A word that looks like a flag: hyphens, then a letter, no white space before the `=`. So `-`, `-5`, `->` and
 * `- a list item` are ordinary words.
 */
const FLAG_WORD = /^(--?\p{L}[^\s=]*)(?:=([\s\S]*))?$/u;
/** Stands for word number n while yargs-parser works. No argument can contain NUL, so nothing typed looks like it. */
const MARK = '\0';

/**
 * yargs-parser rewrites what it sees (numbers, quotes, `true`, dots), so it sees only flag names; every other word is a
 * numbered mark that is exchanged back afterwards.
 */
function runParser(flags: NamedFlags, argv: readonly string[], halt: boolean) {
  const marked = argv.map((word, index) => {
    const match = FLAG_WORD.exec(word);
    if (!match) return word === '--' ? word : MARK + index;
    return match[2] === undefined ? word : `${match[1]}=${MARK}${index}`;
  });
  const named = (switches: boolean): string[] =>
    flags.filter(([, flag]) => (flag.type === 'boolean') === switches).map(([name]) => name);
  const {
    _: before,
    '--': behind = [],
    ...values
  } = parser(marked, {
    boolean: named(true),
    string: named(false),
    alias: Object.fromEntries(flags.flatMap(([name, flag]) => (flag.alias ? [[name, [flag.alias]]] : []))),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'halt-at-non-option': halt,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'strip-aliased': true,
    },
  });
  const found = Object.entries(values).map(([name, value]): [string, (string | boolean | undefined)[]] => [
    name,
    [value].flat().map((one: unknown) => typed(one, argv)),
  ]);
  return {
    found: new Map(found),
    before: before.map((mark) => String(typed(mark, argv))),
    behind: argv.slice(argv.length - behind.length),
  };
}

/** The word behind a mark as it was typed. An empty text is what yargs-parser sets where a value is missing. */
function typed(value: unknown, argv: readonly string[]): string | boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' || !value.startsWith(MARK)) return undefined;
  const word = argv[Number(value.slice(MARK.length))]!;
  return FLAG_WORD.exec(word)?.[2] ?? word;
}
