/** The one JSON dialect: values, canonical text (sorted keys, so equal values give equal bytes), and a parser that never throws. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Returns `{value}` or `{problem}`: the parser's own message, without the text (which may be secret or huge). */
export function parseJson(text: string): { value: Json; problem?: never } | { value?: never; problem: string } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch (error) {
    return { problem: (error as Error).message.replace(/, ".*$/s, '').replace(/\s+/g, ' ') };
  }
}

/** Canonical one-line JSON: object keys sorted at every depth, `undefined` members dropped. */
export function stableJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

/** Canonical JSON with a 2-space indent and a final newline, for files and `--json` output. */
export function prettyJson(value: unknown): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

/** True for `{…}`: not null, not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
