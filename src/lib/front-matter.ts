import type { Json } from './json.js';
import { isObject, parseJson } from './json.js';

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

/** Text of a record; `undefined` members are left out; exactly one newline ends the body. */
export function renderFrontMatter(data: Readonly<Record<string, unknown>>, body: string): string {
  const lines = Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `---\n${lines.join('\n')}\n---\n${body}${body.endsWith('\n') ? '' : '\n'}`;
}

/** Never throws; the problem says what is wrong in the reader's words. Text without front matter has empty data. */
export async function parseFrontMatter(text: string): Promise<FrontMatterResult> {
  const clean = text.startsWith('\ufeff') ? text.slice(1) : text;
  return ownDialect(clean) ?? (await import('./yaml-front-matter.js')).parseYamlFrontMatter(clean);
}

/** The dialect that `renderFrontMatter` writes, or undefined when the text is something else. */
function ownDialect(text: string): FrontMatterResult | undefined {
  if (!text.startsWith('---')) return { value: { data: {}, body: text } };
  if (!text.startsWith('---\n')) return undefined;
  const end = text.indexOf('\n---\n', 3);
  if (end < 0) return undefined;
  const data: Record<string, Json> = {};
  for (const line of text.slice(4, end).split('\n')) {
    const match = /^([A-Za-z_][A-Za-z0-9_-]*): (.+)$/.exec(line);
    const parsed = match && parseJson(match[2]!);
    if (!match || !parsed || parsed.problem !== undefined) return undefined;
    data[match[1]!] = parsed.value;
  }
  return isObject(data) ? { value: { data, body: text.slice(end + 5) } } : undefined;
}
