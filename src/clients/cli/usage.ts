/** How a verb is written on one line. Parser errors, help, man text and the reference all use these words. */
import type { Flag, Positional, Verb } from '../../contract/verb.js';

/** Every verb by its words, as in contract/registry.ts, values loading lazily. */
export type Registry = Readonly<Record<string, () => Promise<{ verb: Verb }>>>;

/** `--help` exists on every verb without being declared. */
export const HELP_FLAG: Flag = { type: 'boolean', alias: 'h', about: 'print this help and do nothing' };

/** The verb's own flags, then `--help`. */
export const flagsOf = (verb: Verb): [string, Flag][] => [...Object.entries(verb.flags ?? {}), ['help', HELP_FLAG]];

/** `tend goal write`. */
export const nameOf = (verb: Verb): string => ['tend', ...verb.path].join(' ');

const VALUE_WORDS = {
  boolean: '',
  string: 'TEXT',
  count: 'N',
  duration: 'DURATION',
  milliseconds: 'DUR',
  strings: 'A,B',
} as const;

/** Word shown for a flag's value, e.g. `TEXT`; empty for a switch. */
export const valueWord = (flag: Flag): string =>
  flag.type === 'boolean' ? '' : (flag.value ?? flag.choices?.join('|') ?? VALUE_WORDS[flag.type]);

/** `--since DURATION`, `--all`. */
export function flagWords(name: string, flag: Flag): string {
  const value = valueWord(flag);
  return value === '' ? `--${name}` : `--${name} ${value}`;
}

/** `NAME`, or `[NAME]` when it may be left out. */
export const positionalWord = (at: Positional): string =>
  at.required ? at.name.toUpperCase() : `[${at.name.toUpperCase()}]`;

/** The parts of the usage line in order; a caller wraps between parts, never inside one. */
export function usageParts(verb: Verb): string[] {
  const rest = verb.rest ?? { kind: 'none' };
  const restWords =
    rest.kind === 'none'
      ? []
      : [rest.required && rest.kind === 'command' ? `${rest.name.toUpperCase()}…` : bodyWord(rest)];
  const flags = Object.entries(verb.flags ?? {}).map(([name, flag]) => `[${flagWords(name, flag)}]`);
  // Words after the first one of a command are the command's own, so flags stand in front there.
  const positionals = (verb.args ?? []).map(positionalWord);
  return rest.kind === 'command'
    ? [nameOf(verb), ...flags, ...positionals, ...restWords]
    : [nameOf(verb), ...positionals, ...restWords, ...flags];
}

const bodyWord = (rest: { kind: 'text' | 'command'; name: string }): string =>
  rest.kind === 'text' ? `[${rest.name.toUpperCase()}…|-]` : `[${rest.name.toUpperCase()}…]`;

/** The usage on one line. */
export const usageLine = (verb: Verb): string => usageParts(verb).join(' ');

/** Longest usage that an error repeats: behind a longer one its own words would be lost. */
const SHORT_CHARS = 160;

/** The usage for an error: whole when it is short, else without the flags, which the verb's help lists. */
export function shortUsage(verb: Verb): string {
  const line = usageLine(verb);
  if (line.length <= SHORT_CHARS) return line;
  const { flags: _, ...bare } = verb;
  return `${usageLine(bare)} [--…]`;
}
