/** One event of an agent CLI's stream: a JSON object with a `type`, everything else in it unknown. Reading it never throws. */
import { isObject } from '../lib/json.js';

export type Event = Readonly<Record<string, unknown>>;

/** Member of an unknown value, undefined when there is none. */
export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((here, key) => (isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined), value);

/** A string member, else undefined. */
export const textAt = (value: unknown, ...path: string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

/** A finite number member, else undefined. */
export const numberAt = (value: unknown, ...path: string[]): number | undefined => {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
};

/** The texts of `[{type:'text', text}]` joined, other blocks left out. */
export function textBlocks(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : '';
  return content
    .filter((block) => at(block, 'type') === 'text')
    .map((block) => textAt(block, 'text') ?? '')
    .join('');
}
