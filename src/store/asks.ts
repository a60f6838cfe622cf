/**
 * The mailbox: `asks/<worker>-<n>.md` and `answers/<id>.md`. Creating the answer's name ends the ask, and only one can create
 * it. `consumed/<id>.json` is created by whoever acts on the answer; after that the pair may be archived.
 */
import { renderFrontMatter } from '../lib/front-matter.js';
import type { Answer, AnswerHead, Ask, AskHead } from '../model/ask.js';
import { plainAnswerHead, plainAskHead } from '../model/ask-head.js';
import { refused } from '../model/error.js';
import { idProblem } from '../model/id.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { FORMAT } from '../model/record.js';
import { jsonRecord, type LazyKind, type Loaded, readMarkdown } from './codec.js';
import type { Disk } from './disk.js';
import { isSealedMarkdown, sealMarkdown } from './seal.js';
import { cannotRead } from './unreadable.js';

export const askKey = (id: string): string => `asks/${id}.md`;
export const answerKey = (id: string): string => `answers/${id}.md`;
export const archivedAskKey = (id: string): string => `asks/archive/${id}.md`;
export const archivedAnswerKey = (id: string): string => `answers/archive/${id}.md`;
export const consumedKey = (id: string): string => `consumed/${id}.json`;

/** Directories whose names keep an ask's number from being given again. */
const NUMBERED = ['asks', 'answers', 'asks/archive', 'answers/archive', 'consumed'] as const;
const QUARANTINE = 'quarantine';

/** Why `id` is no ask id, or undefined when it is one: `<worker>-<n>`, where the worker is a safe id by itself. */
export function askIdProblem(id: string): string | undefined {
  const worker = /^(.+)-\d{1,9}$/s.exec(id)?.[1];
  if (worker === undefined) return 'an ask is named <worker>-<number>';
  return idProblem(worker);
}

export type AskDraft = Omit<Ask, 'format' | 'id' | 'ts'>;

/** Publishes a new ask under the next free `<worker>-<n>`; numbers of answered and archived asks are not used again. */
export function raiseAsk(disk: Disk, draft: AskDraft, now: Instant): Ask {
  // Whoever has read the old ask of a number would answer the new one.
  let n = 1 + Math.max(0, ...[...NUMBERED, QUARANTINE].map((dir) => highest(disk, dir, draft.worker)));
  for (let attempt = 0; attempt < LIMITS.idAttempts; attempt++, n++) {
    const ask: Ask = { ...draft, format: FORMAT, id: `${draft.worker}-${n}`, ts: unixSeconds(now) };
    if (isUnused(disk, ask.id) && disk.publish(askKey(ask.id), renderAsk(disk, ask))) return ask;
  }
  throw refused(
    'no-ask-id',
    `Cannot raise an ask for "${draft.worker}": ${LIMITS.idAttempts} ids were taken by others meanwhile`,
  );
}

/** Between our listing and our publish the number may have lived a whole life and been archived; its marks say so. */
function isUnused(disk: Disk, id: string): boolean {
  return [answerKey, archivedAskKey, archivedAnswerKey, consumedKey].every(
    (key) => disk.stat(key(id)).state === 'absent',
  );
}

function renderAsk(disk: Disk, ask: Ask): string {
  const { prompt, ...head } = ask;
  const text = renderFrontMatter(head, prompt);
  return isGuarded(ask) ? sealMarkdown(disk, askKey(ask.id), text) : text;
}

/** Names under which tend itself asks; of all but the last the answer releases a command, money, a loop or a workflow. */
const RELEASING = /^(?:gate|budget|loops|workflow)-\d+$/;
const OURS = /^(?:gate|budget|loops|workflow|pulse)-\d+$/;

/** Asks that only tend may raise: their files carry a seal, and without it are no asks. */
const isGuarded = (ask: Pick<Ask, 'id' | 'kind' | 'proposal'>): boolean =>
  OURS.test(ask.id) || ask.kind === 'approval' || ask.proposal !== undefined;

function highest(disk: Disk, dir: string, worker: string): number {
  let max = 0;
  for (const listed of listedNames(disk, dir)) {
    // `asks__w-1.md.1`: a record that could not be read, moved away.
    const name =
      dir === QUARANTINE
        ? listed.replace(/^(?:asks|answers|consumed)__(?:archive__)?/, '').replace(/\.\d+$/, '')
        : listed;
    if (!name.startsWith(`${worker}-`)) continue;
    // One with nine digits was written by hand: counting on from it would end in numbers that no ask may have.
    const number = /^(\d{1,8})\.(?:md|json)$/.exec(name.slice(worker.length + 1))?.[1];
    if (number !== undefined) max = Math.max(max, Number(number));
  }
  return max;
}

function listedNames(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable') throw cannotRead(disk, `list "${dir}"`, { key: dir, reason: listed.reason });
  return listed.names;
}

/**
 * Makes the ask `loaded` (as it was read) the caller's: the successor of an asker that died waits for the same logical ask
 * instead of raising a second one. Without a waiter nobody blocks on it yet: it is kept for that generation. False when somebody changed,
 * took or archived it first.
 */
export function takeOverAsk(
  disk: Disk,
  loaded: { value: Ask; text: string },
  by: { generation: string | undefined; waiter?: string },
): boolean {
  const { generation: _gone, ...rest } = loaded.value;
  const mine: Ask = {
    ...rest,
    ...(by.generation ? { generation: by.generation } : {}),
    ...(by.waiter ? { waiter: by.waiter } : {}),
  };
  return disk.replaceIfEqual(askKey(mine.id), loaded.text, renderAsk(disk, mine));
}

/** Takes back an ask that the caller has just raised and that nobody has touched. False when it changed meanwhile. */
export const withdrawAsk = (disk: Disk, ask: Ask): boolean => disk.removeIfEqual(askKey(ask.id), renderAsk(disk, ask));

/** An ask in tend's name that tend did not raise is `corrupt`. */
export async function readAsk(disk: Disk, id: string): Promise<Loaded<Ask>> {
  const read = await askAt(disk, askKey(id), id);
  return read.state === 'present' && isGuarded(read.value) ? sealedOnly(disk, askKey(id), read) : read;
}
export const readArchivedAsk = (disk: Disk, id: string): Promise<Loaded<Ask>> => askAt(disk, archivedAskKey(id), id);
/** An answer that would release something and was not given through tend is `corrupt`: its ask still waits for the human. */
export async function readAnswer(disk: Disk, id: string): Promise<Loaded<Answer>> {
  const read = await answerAt(disk, answerKey(id), id);
  const releases = read.state === 'present' && read.value.outcome === 'answered' && RELEASING.test(id);
  return releases ? sealedOnly(disk, answerKey(id), read) : read;
}
export const readArchivedAnswer = (disk: Disk, id: string): Promise<Loaded<Answer>> =>
  answerAt(disk, archivedAnswerKey(id), id);

function sealedOnly<T>(disk: Disk, key: string, read: Loaded<T> & { state: 'present' }): Loaded<T> {
  try {
    if (isSealedMarkdown(disk, key, read.text)) return read;
  } catch (error) {
    return { state: 'unreadable', reason: (error as Error).message };
  }
  return { state: 'corrupt', reason: 'its seal is missing or wrong: it was not written by tend' };
}
const ASK_HEAD: LazyKind<AskHead> = {
  plain: plainAskHead,
  schema: async () => (await import('../model/ask-schema.js')).askHeadSchema,
};
const ANSWER_HEAD: LazyKind<AnswerHead> = {
  plain: plainAnswerHead,
  schema: async () => (await import('../model/ask-schema.js')).answerHeadSchema,
};

async function askAt(disk: Disk, key: string, id: string): Promise<Loaded<Ask>> {
  const read = await readMarkdown(disk, key, ASK_HEAD);
  if (read.state !== 'present') return read;
  // The file's name is the id, whatever the front matter says: answers are found by name.
  // So is who asks: nobody asks in another's name.
  const worker = id.replace(/-\d+$/, '');
  const ask = { ...read.value.head, id, worker, prompt: read.value.body.replace(/\n$/, '') };
  return { ...read, value: ask };
}

async function answerAt(disk: Disk, key: string, id: string): Promise<Loaded<Answer>> {
  const read = await readMarkdown(disk, key, ANSWER_HEAD);
  if (read.state !== 'present') return read;
  return { ...read, value: { ...read.value.head, id, answer: read.value.body.replace(/\n$/, '') } };
}

export interface Mailbox {
  /** Pending asks, oldest first (ts, then id). */
  pending: Ask[];
  /** Records that could not be read, with the reason: visible, never dropped. */
  problems: { id: string; reason: string }[];
}

/**
 * Every ask without a readable answer. A corrupt answer leaves its ask pending and is reported; one that somebody has acted on
 * is over whatever its file says, and is not opened: thousands may lie here while no pulse archives them.
 */
export async function readMailbox(disk: Disk): Promise<Mailbox> {
  const consumed = new Set(listedNames(disk, 'consumed'));
  const answered = new Set(listedNames(disk, 'answers'));
  const box: Mailbox = { pending: [], problems: [] };
  for (const id of recordStems(disk, 'asks')) {
    const hasAnswer = answered.has(`${id}.md`);
    if (hasAnswer && consumed.has(`${id}.json`)) continue;
    const misnamed = askIdProblem(id);
    if (misnamed) {
      box.problems.push({ id, reason: `its file name cannot be answered: ${misnamed}` });
      continue;
    }
    if (hasAnswer) {
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

/** Ids of records in a directory of the mailbox, sorted; names that are no ask ids are left out. */
export function idsIn(disk: Disk, dir: (typeof NUMBERED)[number]): string[] {
  return recordStems(disk, dir).filter((id) => askIdProblem(id) === undefined);
}

function recordStems(disk: Disk, dir: string): string[] {
  return listedNames(disk, dir).flatMap((name) => {
    if (name.endsWith('.md')) return [name.slice(0, -'.md'.length)];
    return name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : [];
  });
}

export interface AnswerDraft {
  id: string;
  outcome: Answer['outcome'];
  answer: string;
  by: string;
  channel: string;
  digest?: string;
}

/** Text of an answer record. A blank line of the author's own at the end is not kept: one newline ends the file. */
function renderAnswer(disk: Disk, draft: AnswerDraft, now: Instant): string {
  const { answer, ...head } = draft;
  const text = renderFrontMatter({ format: FORMAT, ...head, ts: unixSeconds(now) }, answer);
  return RELEASING.test(draft.id) ? sealMarkdown(disk, answerKey(draft.id), text) : text;
}

/** Records the end of an ask. False when another was first; `force` overwrites (the caller has checked that it may). */
export function recordAnswer(disk: Disk, draft: AnswerDraft, now: Instant, force = false): boolean {
  if (!force) return disk.publish(answerKey(draft.id), renderAnswer(disk, draft, now));
  disk.replace(answerKey(draft.id), renderAnswer(disk, draft, now));
  return true;
}

/** Overwrites the answer whose text is `before`, and nothing that was written after it. False when it has changed. */
export const replaceAnswer = (disk: Disk, draft: AnswerDraft, now: Instant, before: string): boolean =>
  disk.replaceIfEqual(answerKey(draft.id), before, renderAnswer(disk, draft, now));

/** Puts `before` back in place of the answer that `replaceAnswer` wrote for this draft and time. */
export const restoreAnswer = (disk: Disk, draft: AnswerDraft, now: Instant, before: string): boolean =>
  disk.replaceIfEqual(answerKey(draft.id), renderAnswer(disk, draft, now), before);

/** Takes back exactly the answer that `recordAnswer` wrote for this draft and time; another's answer stays. */
export const withdrawAnswer = (disk: Disk, draft: AnswerDraft, now: Instant): boolean =>
  disk.removeIfEqual(answerKey(draft.id), renderAnswer(disk, draft, now));

/** Claims the answer for acting on it: true for exactly one caller, ever. */
export function consumeAnswer(disk: Disk, id: string, by: string, now: Instant): boolean {
  return disk.publish(consumedKey(id), jsonRecord({ by, ts: unixSeconds(now) }));
}

export function isConsumed(disk: Disk, id: string): boolean {
  const stat = disk.stat(consumedKey(id));
  if (stat.state === 'unreadable')
    throw cannotRead(disk, `tell whether "${id}" was acted on`, { key: consumedKey(id), reason: stat.reason });
  return stat.state === 'present';
}

/** Moves an ended and consumed pair to the archives. The consumed mark stays, as the proof that it was acted on. Safe to repeat. */
export function archivePair(disk: Disk, id: string): void {
  shelve(disk, askKey(id), archivedAskKey(id));
  shelve(disk, answerKey(id), archivedAnswerKey(id));
}

/** Records of one name that may lie in the archive; more than one exists only after hand-made files. */
const SHELF_MAX = 1_000;

/** A move is link, then unlink: after a death between them both names hold the same bytes, and only the old one is removed. */
function shelve(disk: Disk, from: string, to: string): void {
  for (let n = 1; n <= SHELF_MAX; n++) {
    const name = n === 1 ? to : to.replace(/\.md$/, `~${n}.md`);
    if (disk.move(from, name)) return;
    const left = disk.read(from);
    if (left.state === 'absent') return;
    const shelved = disk.read(name);
    if (left.state === 'present' && shelved.state === 'present' && left.text === shelved.text) {
      disk.removeIfEqual(from, left.text);
      return;
    }
  }
  throw refused('archive-full', `Cannot archive "${from}": ${SHELF_MAX} records of that name lie there`);
}
