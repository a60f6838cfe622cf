/** Bytes ↔ records: refuses a newer format, classifies every way a read can end, and never guesses. */
import type * as z from 'zod/mini';
import { parseFrontMatter } from '../lib/front-matter.js';
import { parseJson, prettyJson, stableJson } from '../lib/json.js';
import { check, FORMAT, isNewer } from '../model/record.js';
import type { Disk } from './disk.js';

export type Loaded<T> =
  | { state: 'present'; value: T; text: string; mtimeMs: number }
  | { state: 'absent' }
  /** Cannot be read at all: permission, I/O, too large. Nothing is known. */
  | { state: 'unreadable'; reason: string }
  /** Was read and is not a record of this kind; it belongs into quarantine. */
  | { state: 'corrupt'; reason: string }
  /** Written by a newer tend: left alone. */
  | { state: 'newer'; reason: string };

const NEWER = `it was written by a newer tend (this one reads format ${FORMAT}); update tend`;

/** Reads a JSON record. */
export function readJson<T>(disk: Disk, key: string, schema: z.ZodMiniType<T>): Loaded<T> {
  const read = disk.read(key);
  if (read.state !== 'present') return read;
  const parsed = parseJson(read.text);
  if (parsed.problem !== undefined) return { state: 'corrupt', reason: `not JSON: ${parsed.problem}` };
  return decoded(schema, parsed.value, read);
}

/** A kind of record whose common form is known without its schema, which is then loaded for the others alone. */
export interface LazyKind<T> {
  /** The value as the schema would give it, or undefined: only the schema can say. */
  plain(data: unknown): T | undefined;
  schema(): Promise<z.ZodMiniType<T>>;
}

/** Reads a Markdown record: front matter checked by `kind`, the body given beside it. */
export async function readMarkdown<T>(
  disk: Disk,
  key: string,
  kind: z.ZodMiniType<T> | LazyKind<T>,
): Promise<Loaded<{ head: T; body: string }>> {
  const read = disk.read(key);
  if (read.state !== 'present') return read;
  const parsed = await parseFrontMatter(read.text);
  if (parsed.problem !== undefined) return { state: 'corrupt', reason: parsed.problem };
  const { data, body } = parsed.value;
  const plain = 'plain' in kind && !isNewer(data) ? kind.plain(data) : undefined;
  if (plain !== undefined)
    return { state: 'present', value: { head: plain, body }, text: read.text, mtimeMs: read.mtimeMs };
  const head = decoded('plain' in kind ? await kind.schema() : kind, data, read);
  return head.state === 'present' ? { ...head, value: { head: head.value, body } } : head;
}

function decoded<T>(schema: z.ZodMiniType<T>, data: unknown, read: { text: string; mtimeMs: number }): Loaded<T> {
  if (isNewer(data)) return { state: 'newer', reason: NEWER };
  const checked = check(schema, data);
  if (checked.problems) return { state: 'corrupt', reason: checked.problems.join('; ') };
  return { state: 'present', value: checked.value, text: read.text, mtimeMs: read.mtimeMs };
}

/** Text of a JSON record that people may open. */
export const jsonRecord = (value: object): string => prettyJson({ format: FORMAT, ...value });

/** Text of a row in a line-by-line file. */
export const jsonRow = (value: object): string => stableJson({ format: FORMAT, ...value });

/** Rows of a line-by-line file, oldest first; torn or foreign lines are counted, not guessed at. */
export function parseRows<T>(text: string, schema: z.ZodMiniType<T>): { rows: T[]; bad: number } {
  const rows: T[] = [];
  let bad = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const parsed = parseJson(line);
    const checked = parsed.problem === undefined && !isNewer(parsed.value) ? check(schema, parsed.value) : undefined;
    if (checked?.value !== undefined) rows.push(checked.value);
    else bad += 1;
  }
  return { rows, bad };
}
