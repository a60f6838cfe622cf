/**
 * What an agent CLI asks a person at its first start, as settings of its own that answer it beforehand: a worker's terminal has
 * nobody in front of it, and the answer that is preselected is "no". Data alone; ops/first-run.ts shows it and writes it.
 */
import type { Json } from '../lib/json.js';

/** One setting in a JSON file of the CLI. */
export interface Preparation {
  /** Absolute path. */
  file: string;
  /** Keys from the outermost object to the setting. */
  path: readonly string[];
  value: Json;
  /** `set` makes it this value; `include` puts the value into a list. */
  how: 'set' | 'include';
  /** Which question it answers, for the person who consents to it. */
  about: string;
}

export interface FirstRunTerms {
  /** The user's variables. */
  env: Readonly<Record<string, string | undefined>>;
  /** Where the worker starts: the data dir. */
  cwd: string;
}

export type FirstRun = (terms: FirstRunTerms, command: string) => readonly Preparation[];
