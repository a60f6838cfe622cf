/**
 * The arguments of a tool, made from a verb's own words: a schema that tells a client what may be given, and the reading of what was
 * given into what the verb takes. Pure. A name becomes a property in snake_case; a duration is text, as people type it.
 */
import type { Flag, Verb, VerbInput } from '../../contract/verb.js';
import { clip } from '../../lib/clip.js';
import { parseDuration } from '../../lib/duration.js';
import { isObject } from '../../lib/json.js';
import { parseMilliseconds } from '../../lib/milliseconds.js';
import { badInput, type TendError } from '../../model/error.js';
import type { ObjectSchema, Schema } from './json-schema.js';
import type { Tool } from './tools.js';

type FlagValue = VerbInput['flags'][string];
type Where = { in: 'args'; name: string } | { in: 'flags'; name: string; flag: Flag } | { in: 'rest'; name: string };

interface Property {
  where: Where;
  schema: Schema;
  required: boolean;
}

/** `budget-usd` → `budget_usd`. */
const propertyName = (name: string): string => name.replaceAll('-', '_');

/** Every property of the tool, in the order in which a command line has them. */
function propertiesOf(verb: Verb, { omit = [], fixed = {} }: Tool): Map<string, Property> {
  const found = new Map<string, Property>();
  const add = (where: Where, schema: Schema, required: boolean): void => {
    if (!omit.includes(where.name)) found.set(propertyName(where.name), { where, schema, required });
  };
  for (const { name, about, required, choices } of verb.args ?? [])
    add({ in: 'args', name }, { type: 'string', description: about, ...(choices ? { enum: choices } : {}) }, required);
  const { rest } = verb;
  if (rest && rest.kind !== 'none')
    add({ in: 'rest', name: rest.name }, { type: 'string', description: restAbout(rest) }, rest.required);
  for (const [name, flag] of Object.entries(verb.flags ?? {}))
    if (name !== 'json' && !Object.hasOwn(fixed, name)) add({ in: 'flags', name, flag }, flagSchema(flag), false);
  return found;
}

/** What is said of stdin belongs to a command line. */
const restAbout = (rest: { kind: string; about: string }): string =>
  rest.kind === 'command' ? 'shell text as it stands' : rest.about.replace(/;? *"-" or no words: stdin/, '');

function flagSchema({ type, about, choices, default: usual }: Flag): Schema {
  const base = { description: about.replace(/; "-" reads it from stdin/, '') };
  const named = choices ? { enum: choices } : {};
  switch (type) {
    case 'boolean':
      return { type: 'boolean', ...base };
    case 'count':
      return { type: 'integer', minimum: 0, ...base, ...(usual === undefined ? {} : { default: Number(usual) }) };
    case 'strings':
      return { type: 'array', items: { type: 'string', ...named }, ...base };
    case 'duration':
    case 'milliseconds':
      return { type: 'string', description: `${about}; like 90s, 5m, 12h or 3d`, ...(usual ? { default: usual } : {}) };
    case 'string':
      return { type: 'string', ...base, ...named, ...(usual === undefined ? {} : { default: usual }) };
  }
}

/** The input schema of a tool. */
export function inputSchema(verb: Verb, tool: Tool): ObjectSchema {
  const all = [...propertiesOf(verb, tool)];
  return {
    type: 'object',
    properties: Object.fromEntries(all.map(([name, { schema }]) => [name, schema])),
    required: all.flatMap(([name, { required }]) => (required ? [name] : [])),
    additionalProperties: false,
  };
}

/** What the verb takes. Throws an input error that names the property; nothing is guessed. */
export function readInput(verb: Verb, tool: Tool, given: unknown): VerbInput {
  const properties = propertiesOf(verb, tool);
  const values = given ?? {};
  if (!isObject(values)) throw wrong(verb, 'its arguments are no object');
  const known = [...properties.keys()].join(', ') || 'it takes none';
  for (const name of Object.keys(values))
    if (!properties.has(name)) throw wrong(verb, `it has no argument ${quoted(name)}; known: ${known}`);
  const args: Record<string, string> = {};
  const flags: Record<string, FlagValue> = { ...defaultsOf(verb), ...tool.fixed };
  let rest: string | undefined;
  for (const [name, { where, required }] of properties) {
    const value = values[name] ?? undefined;
    if (value === undefined && required) throw wrong(verb, `"${name}" is missing`);
    if (value === undefined) continue;
    if (where.in === 'flags') flags[where.name] = flagValue(verb, name, [where.flag, value]);
    else if (where.in === 'args') args[where.name] = argument(verb, name, value);
    else rest = textOf(verb, name, value);
  }
  if (rest === undefined) return { args, flags, words: [] };
  return verb.rest?.kind === 'command' ? { args, flags, words: [rest] } : { args, flags, words: [], body: rest };
}

/** A declared default counts as if it were given, as on a command line. */
const defaultsOf = (verb: Verb): Record<string, FlagValue> =>
  Object.fromEntries(
    Object.entries(verb.flags ?? {}).flatMap(([name, flag]) =>
      flag.default === undefined || flag.type === 'boolean' ? [] : [[name, typed(flag, flag.default)]],
    ),
  );

function typed(flag: Flag, text: string): FlagValue {
  if (flag.type === 'duration') return parseDuration(text);
  if (flag.type === 'milliseconds') return parseMilliseconds(text);
  return flag.type === 'count' ? Number(text) : text;
}

function argument(verb: Verb, name: string, value: unknown): string {
  const text = textOf(verb, name, value);
  const choices = verb.args?.find((one) => propertyName(one.name) === name)?.choices;
  if (choices && !choices.includes(text))
    throw wrong(verb, `"${name}" is ${quoted(text)}, wanted ${choices.join(', ')}`);
  return text;
}

function textOf(verb: Verb, name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrong(verb, `"${name}" is ${quoted(value)}, a text is wanted`);
  return value;
}

function flagValue(verb: Verb, name: string, [flag, value]: [Flag, unknown]): FlagValue {
  const wanted = problemOf(flag, value);
  if (wanted !== undefined) throw wrong(verb, `"${name}" is ${quoted(value)}, ${wanted} is wanted`);
  return flag.type === 'duration' || flag.type === 'milliseconds' ? typed(flag, String(value)) : (value as FlagValue);
}

/** What a value must be, or undefined when it is fine. */
function problemOf({ type, choices }: Flag, value: unknown): string | undefined {
  const isNamed = (one: unknown): boolean => typeof one === 'string' && (!choices || choices.includes(one));
  const named = choices ? `one of ${choices.join(', ')}` : 'a text';
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'count':
      return Number.isSafeInteger(value) && Number(value) >= 0 ? undefined : 'a whole number from 0 up';
    case 'milliseconds':
      return parseMilliseconds(String(value)) === undefined ? 'a duration such as "500ms", "90s" or "1.5h"' : undefined;
    case 'duration':
      return parseDuration(String(value)) === undefined ? 'a duration such as "90s", "5m", "12h" or "3d"' : undefined;
    case 'strings':
      return Array.isArray(value) && value.every(isNamed) ? undefined : `a list of texts, each ${named},`;
    case 'string':
      // On a command line it means stdin, which here is the protocol.
      return value === '-' ? 'the text itself' : isNamed(value) ? undefined : named;
  }
}

/** Longest part of a value that is worth repeating. */
const QUOTE_CHARS = 80;
const quoted = (value: unknown): string => clip(JSON.stringify(value) ?? 'nothing', QUOTE_CHARS);

const wrong = (verb: Verb, problem: string): TendError =>
  badInput(`Cannot run "tend ${verb.path.join(' ')}": ${problem}`, `tend ${verb.path.join(' ')} --help`);
