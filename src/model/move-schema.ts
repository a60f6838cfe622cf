/**
 * The JSON Schema of a decision, made from the schemas that judge it, for CLIs that hold their model to one. It tells the shape
 * alone: lengths and bounds stay with the judge, who says in words what is wrong, where a CLI would only fail.
 */
import * as z from 'zod/mini';
import type { Json } from '../lib/json.js';
import { ASIDES, moveSchema } from './move.js';

export type JsonSchema = { [keyword: string]: Json };

/** What every provider's dialect of JSON Schema knows. */
const KEYWORDS = ['type', 'properties', 'required', 'const', 'enum', 'items'] as const;

/** `{"move": {"action": …}}`: a provider wants one object on the outside, and a choice of several only further in. */
export function answerSchema(): JsonSchema {
  const asides = shapeOf(ASIDES);
  const moves = moveSchema._zod.def.options.map((kind) => {
    const shape = shapeOf(kind);
    return { ...shape, properties: { ...(shape['properties'] as object), ...(asides['properties'] as object) } };
  });
  return { type: 'object', properties: { move: { anyOf: moves } }, required: ['move'] };
}

function shapeOf(schema: z.core.$ZodType): JsonSchema {
  const { properties = {}, ...rest } = plain(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);
  const fields = Object.entries(properties as Record<string, JsonSchema>);
  return { ...rest, properties: Object.fromEntries(fields.map(([name, field]) => [name, plain(field)])) };
}

function plain(schema: JsonSchema): JsonSchema {
  const kept = KEYWORDS.filter((word) => schema[word] !== undefined).map((word) => [word, schema[word]!] as const);
  const { const: only, ...rest } = Object.fromEntries(kept) as JsonSchema;
  // One word for one value: not every dialect knows `const`.
  return only === undefined ? rest : { ...rest, enum: [only] };
}
