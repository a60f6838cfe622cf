/** A data file that a person wrote, JSON or YAML, as one value. Never throws; a problem names line and column. Runs nothing. */
import { isObject, type Json } from './json.js';
import { jsonProblemAt } from './json-place.js';

export type DataText = { value: Json; problem?: never } | { value?: never; problem: string };

/** Values in one file, aliases counted as often as they are used: nine lines of YAML can mean a billion values. */
const VALUES_MAX = 50_000;
/** Deeper than any file that a person writes, far below the stack of whoever walks it. */
const DEPTH_MAX = 64;

/**
 * `kind` comes from the file's name. Text of no known kind that begins with `{` or `[` is JSON, anything else YAML 1.2 core
 * (dates stay text; no tags, no code).
 */
export async function parseDataText(text: string, kind: 'json' | 'yaml' | undefined): Promise<DataText> {
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text;
  const isJson = kind === undefined ? /^\s*[{[]/.test(clean) : kind === 'json';
  const parsed = isJson ? fromJson(clean) : await fromYaml(clean);
  if (parsed.problem !== undefined || countOf(parsed.value, 0) <= VALUES_MAX) return parsed;
  return { problem: `it is too large: at most ${VALUES_MAX} values, ${DEPTH_MAX} levels deep` };
}

function fromJson(text: string): DataText {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    // The engine's own message quotes the text, which may hold a secret, and names no place in some versions.
    const at = jsonProblemAt(text);
    const found = at >= text.trimEnd().length ? 'end of the text' : JSON.stringify(text[at]);
    return { problem: `line ${placeOf(text, at)}: this is not JSON: unexpected ${found}` };
  }
}

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return `${line}, column ${offset - before.lastIndexOf('\n')}`;
}

async function fromYaml(text: string): Promise<DataText> {
  const { default: yaml } = await import('js-yaml');
  try {
    return { value: (yaml.load(text, { schema: yaml.CORE_SCHEMA }) ?? null) as Json };
  } catch (error) {
    const { reason, mark } = error as { reason?: string; mark?: { line: number; column: number } };
    const place = mark ? `line ${mark.line + 1}, column ${mark.column + 1}: ` : '';
    return { problem: `${place}${reason ?? (error as Error).message.split('\n')[0]}` };
  }
}

/** Values in it, or Infinity when there are too many or they lie too deep. */
function countOf(value: Json, depth: number): number {
  if (depth > DEPTH_MAX) return Number.POSITIVE_INFINITY;
  const items = Array.isArray(value) ? value : isObject(value) ? (Object.values(value) as Json[]) : [];
  let count = 1;
  for (const item of items) {
    count += countOf(item, depth + 1);
    if (count > VALUES_MAX) return Number.POSITIVE_INFINITY;
  }
  return count;
}
