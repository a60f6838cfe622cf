/** Any command line: the words after a verb, split by the rules of its kind and checked. Pure. */
import type { Verb } from '../../contract/verb.js';
import { checkLine, type ParsedLine } from './check-line.js';
import type { SplitLine } from './plain-line.js';
import { splitCommand, splitLine } from './split-line.js';
import { flagsOf } from './usage.js';

/** Parses the words behind the verb's own. Throws badInput. */
export const parseLine = (verb: Verb, argv: readonly string[]): ParsedLine =>
  checkLine(verb, splitFor(verb, flagsOf(verb), argv), argv);

function splitFor(verb: Verb, flags: ReturnType<typeof flagsOf>, argv: readonly string[]): SplitLine {
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
