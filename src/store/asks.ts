/**
 * The mailbox: `asks/<worker>-<n>.md` and `answers/<id>.md`. Creating the answer's name ends the ask, and only one can create
 * it. `consumed/<id>.json` is created by whoever acts on the answer; after that the pair may be archived.
 */
import { renderFrontMatter } from '../lib/front-matter.js';
import { type Answer, type Ask, answerHeadSchema, askHeadSchema } from '../model/ask.js';
import { refused } from '../model/error.js';
import { idProblem } from '../model/id.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { FORMAT } from '../model/record.js';
import { jsonRecord, type Loaded, readMarkdown } from './codec.js';
import type { Disk } from './disk.js';

export const askKey = (id: string): string => `asks/${id}.md`;
export const answerKey = (id: string): string => `answers/${id}.md`;
const consumedKey = (id: string): string => `consumed/${id}.json`;

export type AskDraft = Omit<Ask, 'format' | 'id' | 'ts'>;

/** Publishes a new ask under the next free `<worker>-<n>`; numbers of answered and archived asks are not used again. */
export function raiseAsk(disk: Disk, draft: AskDraft, now: Instant): Ask {
  let n =
    1 +
    Math.max(
      0,
      ...['asks', 'answers', 'asks/archive', 'answers/archive'].map((dir) => highest(disk, dir, draft.worker)),
    );
  for (let attempt = 0; attempt < LIMITS.idAttempts; attempt++, n++) {
    const ask: Ask = { ...draft, format: FORMAT, id: `${draft.worker}-${n}`, ts: unixSeconds(now) };
    const { prompt, ...head } = ask;
    if (
      disk.stat(answerKey(ask.id)).state === 'absent' &&
      disk.publish(askKey(ask.id), renderFrontMatter(head, prompt))
    )
      return ask;
  }
  throw refused(
    'no-ask-id',
    `Cannot raise an ask for "${draft.worker}": ${LIMITS.idAttempts} ids were taken by others meanwhile`,
  );
}

function highest(disk: Disk, dir: string, worker: string): number {
  const listed = disk.list(dir);
  if (listed.state === 'absent') return 0;
  if (listed.state === 'unreadable')
    throw refused('unreadable', `Cannot list "${dir}": ${listed.reason}`, 'tend status');
  let max = 0;
  for (const name of listed.names) {
    if (!name.startsWith(`${worker}-`) || !name.endsWith('.md')) continue;
    const number = name.slice(worker.length + 1, -3);
    if (/^\d{1,9}$/.test(number)) max = Math.max(max, Number(number));
  }
  return max;
}

export async function readAsk(disk: Disk, id: string): Promise<Loaded<Ask>> {
  const read = await readMarkdown(disk, askKey(id), askHeadSchema);
  if (read.state !== 'present') return read;
  // The file's name is the id, whatever the front matter says: answers are found by name.
  return { ...read, value: { ...read.value.head, id, prompt: read.value.body.replace(/\n$/, '') } };
}

export async function readAnswer(disk: Disk, id: string): Promise<Loaded<Answer>> {
  const read = await readMarkdown(disk, answerKey(id), answerHeadSchema);
  if (read.state !== 'present') return read;
  return { ...read, value: { ...read.value.head, id, answer: read.value.body.replace(/\n$/, '') } };
}

export interface Mailbox {
  /** Pending asks, oldest first (ts, then id). */
  pending: Ask[];
  /** Records that could not be read, with the reason: visible, never dropped. */
  problems: { id: string; reason: string }[];
}

/** Every ask without a readable answer. A corrupt answer leaves its ask pending and is reported. */
export async function readMailbox(disk: Disk): Promise<Mailbox> {
  const answered = new Set(idsIn(disk, 'answers'));
  const box: Mailbox = { pending: [], problems: [] };
  for (const id of idsIn(disk, 'asks')) {
    if (answered.has(id)) {
      const answer = await readAnswer(disk, id);
      if (answer.state === 'present') continue;
      if (answer.state !== 'absent') box.problems.push({ id, reason: `its answer: ${answer.reason}` });
    }
    const ask = await readAsk(disk, id);
    if (ask.state === 'present') box.pending.push(ask.value);
    else if (ask.state !== 'absent') box.problems.push({ id, reason: ask.reason });
  }
  box.pending.sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1));
  return box;
}

/** Ids of records in `asks` or `answers`, sorted; foreign names are left out. */
export function idsIn(disk: Disk, dir: 'asks' | 'answers' | 'consumed' | 'asks/archive' | 'answers/archive'): string[] {
  const listed = disk.list(dir);
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable')
    throw refused('unreadable', `Cannot list "${dir}": ${listed.reason}`, 'tend status');
  return listed.names
    .filter((name) => /\.(md|json)$/.test(name))
    .map((name) => name.replace(/\.(md|json)$/, ''))
    .filter((id) => id.length > 0 && (idProblem(id) === undefined || id.length <= 80));
}

export interface AnswerDraft {
  id: string;
  outcome: Answer['outcome'];
  answer: string;
  by: string;
  channel: string;
  digest?: string;
}

/** Records the end of an ask. False when another was first; `force` overwrites (the caller has checked that it may). */
export function recordAnswer(disk: Disk, draft: AnswerDraft, now: Instant, force = false): boolean {
  const { answer, ...head } = draft;
  const text = renderFrontMatter({ format: FORMAT, ...head, ts: unixSeconds(now) }, answer);
  if (!force) return disk.publish(answerKey(draft.id), text);
  disk.replace(answerKey(draft.id), text);
  return true;
}

/** Claims the answer for acting on it: true for exactly one caller, ever. */
export function consumeAnswer(disk: Disk, id: string, by: string, now: Instant): boolean {
  return disk.publish(consumedKey(id), jsonRecord({ by, ts: unixSeconds(now) }));
}

export function isConsumed(disk: Disk, id: string): boolean {
  const stat = disk.stat(consumedKey(id));
  if (stat.state === 'unreadable')
    throw refused('unreadable', `Cannot tell whether "${id}" was acted on: ${stat.reason}`);
  return stat.state === 'present';
}

/** Moves an ended and consumed pair to the archives. The consumed mark stays, as the proof that it was acted on. Safe to repeat. */
export function archivePair(disk: Disk, id: string): void {
  disk.move(askKey(id), `asks/archive/${id}.md`);
  disk.move(answerKey(id), `answers/archive/${id}.md`);
}
