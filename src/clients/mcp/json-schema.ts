/** JSON Schema in the few forms that tools need. Pure. */

/** Plain data: it goes over the wire as it is. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

export interface ObjectSchema extends Schema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
}

export const text: Schema = { type: 'string' };
export const number: Schema = { type: 'number' };
export const flag: Schema = { type: 'boolean' };
/** A schema without a word would be taken for a mistake. */
export const anything: Schema = {
  anyOf: ['string', 'number', 'boolean', 'object', 'array', 'null'].map((type) => ({ type })),
};

export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const oneOf = (...words: readonly string[]): Schema => ({ type: 'string', enum: words });
/** The same, or null. */
export const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
export const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });

/** An object whose properties are all there but for those named in `optional`; further ones are allowed, so a view may grow. */
export function record(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): ObjectSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required };
}
