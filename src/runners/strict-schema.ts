/**
 * A JSON Schema as OpenAI's strict mode wants it: every property is required and no other may stand there, so what may be left out
 * is null instead. Pure. The reader of the answer takes a null for absence.
 */
import { isObject, type Json } from '../lib/json.js';
import type { JsonSchema } from '../model/move-schema.js';

export function strictSchema(schema: JsonSchema): JsonSchema {
  const inner = Object.entries(schema).map(([word, value]): [string, Json] => [
    word,
    word === 'enum' ? value : deep(value),
  ]);
  const here = Object.fromEntries(inner);
  const { properties } = here;
  if (!isObject(properties)) return here;
  const given = Array.isArray(schema['required']) ? schema['required'] : [];
  const fields = Object.entries(properties as Record<string, JsonSchema>);
  return {
    ...here,
    properties: Object.fromEntries(fields.map(([name, field]) => [name, given.includes(name) ? field : orNull(field)])),
    required: fields.map(([name]) => name),
    additionalProperties: false,
  };
}

/** Schemas within, at any depth: under `properties` the keys are names, and their values schemas again. */
const deep = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(deep);
  if (!isObject(value)) return value;
  const isSchema = typeof value['type'] === 'string' || Array.isArray(value['anyOf']);
  if (isSchema) return strictSchema(value as JsonSchema);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, deep(field as Json)]));
};

function orNull(field: JsonSchema): JsonSchema {
  const { type, enum: values } = field;
  if (typeof type !== 'string') return { anyOf: [field, { type: 'null' }] };
  return { ...field, type: [type, 'null'], ...(Array.isArray(values) ? { enum: [...values, null] } : {}) };
}
