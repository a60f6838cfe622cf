/**
 * The heads of asks and answers as tend itself writes them, known without the schema library: loading that one costs a verb
 * more than reading the whole mailbox. Never the judge: whatever is not plainly well-formed is left to the schema, and what is
 * taken here equals what the schema makes of it (a property test compares them).
 */
import { isObject } from '../lib/json.js';
import { type AnswerHead, ASK_KINDS, type AskHead, OUTCOMES, type Proposal, URGENCIES } from './ask.js';
import { LIMITS } from './limits.js';
import type { MoveOf } from './move.js';

/** The value as the schema would keep it, or undefined where only the schema can say. */
type Read = (value: unknown) => unknown;
/** A name that ends in `?` in the record's type may be absent. */
type Fields<T> = { [K in keyof T]-?: undefined extends T[K] ? { optional: Read } : Read };
type Plan = readonly { name: string; read: Read; optional: boolean }[];

const plan = <T>(fields: Fields<T>): Plan =>
  Object.entries<Read | { optional: Read }>(fields).map(([name, field]) =>
    typeof field === 'object' ? { name, read: field.optional, optional: true } : { name, read: field, optional: false },
  );

const text: Read = (value) => (typeof value === 'string' ? value : undefined);
const number: Read = (value) => (Number.isFinite(value) ? value : undefined);
const oneOf =
  (words: readonly string[]): Read =>
  (value) =>
    words.includes(value as string) ? value : undefined;
const texts: Read = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
const upTo =
  (max: number): Read =>
  (value) =>
    typeof value === 'string' && value.length <= max ? value : undefined;
const command: Read = (value) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= LIMITS.commandChars ? value : undefined;

const MOVE = plan<MoveOf<'run_shell'>>({
  action: oneOf(['run_shell']),
  cmd: command,
  reason: { optional: upTo(LIMITS.journalLineChars) },
});

const PROPOSAL = plan<Proposal>({
  // A command is what approvals are about; another move goes the long way.
  move: (value) => pick(MOVE, value),
  digest: text,
  world: text,
  reason: { optional: text },
  journal: { optional: text },
  run: { optional: text },
});

const ASK = plan<AskHead>({
  format: number,
  id: text,
  worker: text,
  kind: oneOf(ASK_KINDS),
  urgency: oneOf(URGENCIES),
  ts: number,
  reference: { optional: text },
  options: { optional: texts },
  proposal: { optional: (value) => pick(PROPOSAL, value) },
  generation: { optional: text },
  waiter: { optional: text },
  from: { optional: text },
});

const ANSWER = plan<AnswerHead>({
  format: number,
  id: text,
  outcome: oneOf(OUTCOMES),
  ts: number,
  by: text,
  channel: text,
  digest: { optional: text },
});

/** The head of an ask, or undefined: ask the schema. */
export const plainAskHead = (data: unknown): AskHead | undefined => pick(ASK, data);

/** The head of an answer, or undefined: ask the schema. */
export const plainAnswerHead = (data: unknown): AnswerHead | undefined => pick(ANSWER, data);

/** Known fields alone, as the schema strips the others. */
function pick<T>(fields: Plan, data: unknown): T | undefined {
  if (!isObject(data)) return undefined;
  const found: Record<string, unknown> = {};
  for (const { name, read, optional } of fields) {
    const value = data[name];
    if (value === undefined && optional) continue;
    const kept = read(value);
    if (kept === undefined) return undefined;
    found[name] = kept;
  }
  return found as T;
}
