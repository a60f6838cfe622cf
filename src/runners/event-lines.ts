/** Event streams of agent CLIs: one JSON object a line, other lines are noise and ignored. */
import { isObject, parseJson } from '../lib/json.js';

export type Event = Readonly<Record<string, unknown>>;

/** Events in order. Split at LF alone: the streams carry U+2028 and lone CR inside their strings. */
export function eventLines(stdout: string): Event[] {
  const events: Event[] = [];
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('{')) continue;
    const { value } = parseJson(line);
    if (isObject(value) && typeof value['type'] === 'string') events.push(value);
  }
  return events;
}

/** Member of an unknown value, undefined when there is none. */
export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((here, key) => (isObject(here) ? here[key] : undefined), value);

/** A string member, else undefined. */
export const textAt = (value: unknown, ...path: string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
};

/** The texts of `[{type:'text', text}]` joined, other blocks left out. */
export function textBlocks(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : '';
  return content
    .filter((block) => at(block, 'type') === 'text')
    .map((block) => textAt(block, 'text') ?? '')
    .join('');
}
