import type { Json } from './json.js';
import { parseJson } from './json.js';

/**
 * Markdown with front matter, the form of every record a human may read. We write one `key: JSON` per line (JSON is YAML),
 * so what we wrote is read back without a YAML parser; what a human has edited goes through gray-matter with js-yaml's
 * core schema. Front matter that names a language whose reader evaluates code is refused.
 */
export interface FrontMatter {
  data: Record<string, Json>;
  body: string;
}

export type FrontMatterResult = { value: FrontMatter; problem?: never } | { value?: never; problem: string };

/** Deeper nesting than this is no record: it is an attack on whoever walks it. Our own deepest, a move in an ask, has 5. */
const DEPTH_MAX = 64;
/** Values in one front matter, aliases counted as often as they are used: nine lines of YAML can mean a billion values. */
const VALUES_MAX = 20_000;

const BARE = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Text of a record; `undefined` members are left out; exactly one newline ends the body. */
export function renderFrontMatter(data: Readonly<Record<string, unknown>>, body: string): string {
  const lines = Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${BARE.test(key) ? key : JSON.stringify(key)}: ${JSON.stringify(value)}\n`);
  return `---\n${lines.join('')}---\n${body}${body.endsWith('\n') ? '' : '\n'}`;
}

/** Never throws; the problem says what is wrong in the reader's words. Text without front matter has empty data. */
export async function parseFrontMatter(text: string): Promise<FrontMatterResult> {
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text;
  const parsed = ownDialect(clean) ?? (await import('./yaml-front-matter.js')).parseYamlFrontMatter(clean);
  if (parsed.problem !== undefined || isBounded(parsed.value.data)) return parsed;
  return { problem: `front matter is too large: at most ${VALUES_MAX} values, ${DEPTH_MAX} levels deep` };
}

/** The dialect that `renderFrontMatter` writes, or undefined when the text is something else. */
function ownDialect(text: string): FrontMatterResult | undefined {
  // Four dashes are a line across the page, not front matter.
  if (!text.startsWith('---') || text[3] === '-') return { value: { data: {}, body: text } };
  if (!text.startsWith('---\n')) return undefined;
  const end = text.indexOf('\n---\n', 3);
  if (end < 0) return undefined;
  const entries = new Map<string, Json>();
  for (const line of end < 4 ? [] : text.slice(4, end).split('\n')) {
    const entry = readLine(line);
    // A repeated key is a human's mistake; the YAML parser says so with its line.
    if (!entry || entries.has(entry[0])) return undefined;
    entries.set(...entry);
  }
  return { value: { data: Object.fromEntries(entries), body: text.slice(end + 5) } };
}

function readLine(line: string): [key: string, value: Json] | undefined {
  // A quoted key may contain the colon; its end is where the text before it is a whole JSON string.
  const end = line.startsWith('"') ? (/^"(?:[^"\\]|\\.)*"/.exec(line)?.[0].length ?? -1) : line.indexOf(':');
  if (end < 1 || !line.startsWith(': ', end)) return undefined;
  const name = line.slice(0, end);
  const key = name.startsWith('"') ? parseJson(name).value : BARE.test(name) ? name : undefined;
  if (typeof key !== 'string') return undefined;
  const value = parseJson(line.slice(end + 2));
  return value.problem === undefined ? [key, value.value] : undefined;
}

/** Walks without recursion: the depth of what is walked is not ours to choose. A cycle runs into the limit. */
function isBounded(data: Json): boolean {
  const todo: { value: Json; depth: number }[] = [{ value: data, depth: 0 }];
  for (let seen = 0; ; seen++) {
    const next = todo.pop();
    if (!next) return true;
    if (seen > VALUES_MAX || next.depth > DEPTH_MAX || todo.length > VALUES_MAX) return false;
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const value of Object.values(next.value)) todo.push({ value, depth: next.depth + 1 });
  }
}
