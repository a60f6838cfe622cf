/** What the judges of commands say to each other. Nothing to say means: nothing speaks against it. */
import type { Arg } from './arg.js';

export interface Objection {
  verdict: 'ask' | 'refuse';
  /** In words, without a full stop. */
  reason: string;
  /** The piece of the command that caused it. */
  part: string;
}

/** Who judges what stands inside a wrapper. */
export interface Court {
  /** Names are handed on to a program that may read what they name. */
  handsOn: boolean;
  /** Fed: something may reach the command through its stdin. */
  stdin: { readonly fed: boolean };
  command(args: readonly Arg[]): string | undefined;
  text(text: string): string | undefined;
}

/**
 * How a program is judged. Text: its grammar of harmless flags (flags.ts). An object: that and what its positionals must
 * match. A function: gives the reason to ask, or undefined.
 */
export type Rule =
  | string
  | { flags: string; args: RegExp }
  | ((args: readonly Arg[], court: Court) => string | undefined);

/** A program whose subcommands are judged one by one; what is not in `sub` is asked. */
export interface Family {
  /** Harmless flags in front of the subcommand. */
  globals?: string;
  /** Harmless flags of every subcommand that is given as text. */
  common?: string;
  /** Keyed by the words of the subcommand. */
  sub: Readonly<Record<string, Rule>>;
  /** The rule when there is no subcommand. */
  bare?: Rule;
  /** Its own subcommands besides, where any other word is a script of the project or a program that somebody named: for `--help`. */
  own?: RegExp;
}

export type Table = Readonly<Record<string, Rule | Family>>;

/** The same rule under several names, separated by commas. */
export const each = <T extends Rule | Family>(names: string, rule: T): Record<string, T> =>
  Object.fromEntries(names.split(',').map((name) => [name.trim(), rule]));
