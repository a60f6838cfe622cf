/** What is wrong in a file that a person wrote, collected: a reader says everything at once, each with its path. Pure. */
import { isObject } from '../../lib/json.js';

export interface Finding {
  /** Where in the file: `workflow.steps[2].target.command`. */
  path: string;
  /** The whole line as a person reads it; holds the path. */
  message: string;
}

export interface Findings {
  problems: Finding[];
  /** What is understood and useless: unknown keys. */
  warnings: Finding[];
}

export const noFindings = (): Findings => ({ problems: [], warnings: [] });

/** Notes a problem at `path`. `what` says what is wanted, and what was found where that helps. */
export function wrong(found: Findings, path: string, what: string): void {
  found.problems.push({ path, message: `${path}: ${what}` });
}

/** Warns of keys of `value` that are none of `known`. */
export function knownKeys(found: Findings, path: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value))
    if (!known.includes(key)) {
      const at = `${path}.${key}`;
      found.warnings.push({ path: at, message: `${at}: unknown key, it has no effect` });
    }
}

/** The members of a field, each read by its own reader; the field's path is `<path>.<name>`. */
export interface Fields {
  path: string;
  value: Readonly<Record<string, unknown>>;
  found: Findings;
}

/** Present and blank, absent, or of another type is a problem; otherwise trimmed text. */
export function requiredText({ path, value, found }: Fields, name: string): string | undefined {
  const text = value[name];
  if (typeof text === 'string' && text.trim() !== '') return text.trim();
  wrong(found, `${path}.${name}`, `${shown(text)}, text that is not blank is wanted`);
  return undefined;
}

/** Undefined when absent; a problem when it is no text or blank. */
export function optionalText(fields: Fields, name: string): string | undefined {
  return fields.value[name] === undefined ? undefined : requiredText(fields, name);
}

export function optionalBoolean({ path, value, found }: Fields, name: string): boolean | undefined {
  const given = value[name];
  if (given === undefined || typeof given === 'boolean') return given;
  wrong(found, `${path}.${name}`, `${shown(given)}, true or false is wanted`);
  return undefined;
}

/** A whole number of `min` to `max`. */
export function optionalCount(
  { path, value, found }: Fields,
  name: string,
  { min = 1, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number | undefined {
  const given = value[name];
  if (given === undefined) return undefined;
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= min && given <= max) return given;
  const wanted =
    max === Number.MAX_SAFE_INTEGER
      ? min === 1
        ? 'a positive whole number'
        : `a whole number from ${min} up`
      : `a whole number from ${min} to ${max}`;
  wrong(found, `${path}.${name}`, `${shown(given)}, ${wanted} is wanted`);
  return undefined;
}

export function optionalTexts({ path, value, found }: Fields, name: string): string[] | undefined {
  const given = value[name];
  if (given === undefined) return undefined;
  if (Array.isArray(given) && given.every((item): item is string => typeof item === 'string')) return given;
  wrong(found, `${path}.${name}`, 'an array of texts is wanted');
  return undefined;
}

/** One of `words`; `wanted` goes into the message where a list would not help. */
export function oneOf<T extends string>(
  { path, value, found }: Fields,
  name: string,
  words: readonly T[],
): T | undefined {
  const given = value[name];
  if (words.includes(given as T)) return given as T;
  wrong(found, `${path}.${name}`, `${shown(given)}, one of ${words.join(', ')} is wanted`);
  return undefined;
}

/** The fields of an object below, or undefined with a problem. */
export function fieldsOf({ path, value, found }: Fields, name: string): Fields | undefined {
  const given = value[name];
  if (isObject(given)) return { path: `${path}.${name}`, value: given, found };
  wrong(found, `${path}.${name}`, `${shown(given)}, an object is wanted`);
  return undefined;
}

/** A value as a message quotes it: short, and never a whole prompt. */
export function shown(value: unknown): string {
  if (value === undefined) return 'it is missing';
  if (Array.isArray(value)) return 'it is an array';
  if (isObject(value)) return 'it is an object';
  const text = JSON.stringify(value);
  return `it is ${text.length > 60 ? `${text.slice(0, 57)}…"` : text}`;
}

/** The object without members that are undefined: absent fields are absent in records. */
export const present = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never;
