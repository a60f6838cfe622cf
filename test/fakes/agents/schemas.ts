/**
 * What providers make of a JSON Schema for the answer: which they refuse, and how a model that obeys one says its move. The rules are
 * those of their documentation: OpenAI's strict mode, and tools of the Anthropic API.
 */
import type { Body } from './wire.js';

type Schema = Record<string, unknown>;

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The tool in which claude takes a structured answer. */
export const ANSWER_TOOL = 'StructuredOutput';

/** The schema that a request carries, whichever way its CLI hands it over. */
export function schemaOf(body: Body | undefined): Schema | undefined {
  const format = body?.text?.format;
  if (format?.type === 'json_schema') return format.schema;
  return body?.tools?.find((tool) => tool.name === ANSWER_TOOL)?.input_schema;
}

/** Why a provider refuses a request's schema, in its words; undefined: it takes it. */
export function schemaProblem(body: Body | undefined): string | undefined {
  const format = body?.text?.format;
  if (format?.type === 'json_schema') {
    const name = `Invalid schema for response_format '${format.name}'`;
    if (!isObject(format.schema) || format.schema['type'] !== 'object')
      return `${name}: schema must be a JSON Schema of 'type: "object"'`;
    const problem = format.strict ? strictProblem(format.schema, '()') : undefined;
    return problem && `${name}: ${problem}`;
  }
  for (const { name, input_schema: schema } of body?.tools ?? []) {
    const top = ['oneOf', 'allOf', 'anyOf'].find((word) => schema && word in schema);
    if (top) return `tools.${name}.input_schema: ${top} is not supported at the top level`;
  }
  return undefined;
}

/** Keywords that strict mode knows; all others are refused. */
const STRICT = [
  'type',
  'properties',
  'required',
  'additionalProperties',
  'enum',
  'const',
  'items',
  'anyOf',
  'description',
  'title',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  '$defs',
  '$ref',
];

function strictProblem(schema: Schema, at: string): string | undefined {
  const unknown = Object.keys(schema).find((word) => !STRICT.includes(word));
  if (unknown) return `In context=${at}, '${unknown}' is not permitted`;
  if (schema['type'] === undefined && schema['anyOf'] === undefined)
    return `In context=${at}, schema must have a 'type' key`;
  const inner: [string, unknown][] = [];
  if (isObject(schema['properties'])) {
    const names = Object.keys(schema['properties']);
    if (schema['additionalProperties'] !== false)
      return `In context=${at}, 'additionalProperties' is required to be supplied and to be false`;
    const missing = names.find((name) => !(schema['required'] as string[] | undefined)?.includes(name));
    if (missing)
      return `In context=${at}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'`;
    inner.push(...names.map((name): [string, unknown] => [name, (schema['properties'] as Schema)[name]]));
  }
  if (isObject(schema['items'])) inner.push(['items', schema['items']]);
  if (Array.isArray(schema['anyOf']))
    inner.push(...schema['anyOf'].map((one, index): [string, unknown] => [`anyOf ${index}`, one]));
  for (const [name, one] of inner) {
    const problem = isObject(one) ? strictProblem(one, `${at} ${name}`) : `In context=${at}, '${name}' is no schema`;
    if (problem) return problem;
  }
  return undefined;
}

/** What a model says that means `move` and is held to `schema`: wrapped where that wants it, null where it wants a word and there is none. */
export function obeying(schema: unknown, move: unknown): unknown {
  if (!isObject(schema)) return move;
  if (Array.isArray(schema['anyOf']))
    return obeying(
      schema['anyOf'].find((one) => isOf(one, move)),
      move,
    );
  const fields = schema['properties'];
  if (!isObject(fields) || !isObject(move)) return move;
  if ('move' in fields && 'action' in move) return { move: obeying(fields['move'], move) };
  const required = (schema['required'] as string[] | undefined) ?? [];
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) =>
      move[name] !== undefined
        ? [[name, obeying(field, move[name])]]
        : required.includes(name)
          ? [[name, nothing(name, field)]]
          : [],
    ),
  );
}

const isOf = (schema: unknown, move: unknown): boolean => {
  const action = isObject(schema) && isObject(schema['properties']) ? schema['properties']['action'] : undefined;
  return (
    isObject(action) && isObject(move) && (action['enum'] as unknown[] | undefined)?.includes(move['action']) === true
  );
};

/** A word that is wanted and that the model has no use for: null, where the schema lets it be; else it would have to invent one. */
function nothing(name: string, field: unknown): null {
  const types = isObject(field)
    ? [field['type'], ...((field['anyOf'] as Schema[]) ?? []).map((one) => one['type'])]
    : [];
  if (types.flat().includes('null')) return null;
  throw new Error(`the schema makes a model invent "${name}"`);
}
