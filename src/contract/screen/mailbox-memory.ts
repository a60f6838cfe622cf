/**
 * The mailbox for a client that stays: what was read once is read again only when its file moved. Equal to `readMailbox` at
 * every call; of a thousand asks a new one costs one read and a look at the others' times, not a thousand reads.
 */
import type { Ask } from '../../model/ask.js';
import { answerKey, askIdProblem, askKey, type Mailbox, readAnswer, readAsk } from '../../store/asks.js';
import type { Disk, Stated } from '../../store/disk.js';
import { cannotRead } from '../../store/unreadable.js';

interface Kept {
  /** Time and size of the ask's file, and of its answer's when there is one. */
  stamp: string;
  ask?: Ask;
  problem?: string;
}

/**
 * Returns a reader with a memory of its own; its calls must not overlap. An unchanged mailbox is the same object as before.
 * Throws when a directory cannot be listed.
 */
export function rememberMailbox(disk: Disk): () => Promise<Mailbox> {
  let kept = new Map<string, Kept>();
  let box: Mailbox = { pending: [], problems: [] };
  return async () => {
    const answers = new Set(names(disk, 'answers'));
    const consumed = new Set(names(disk, 'consumed'));
    const next = new Map<string, Kept>();
    let isSame = true;
    for (const name of names(disk, 'asks')) {
      const id = /^(.+)\.(?:md|json)$/s.exec(name)?.[1];
      if (id === undefined || next.has(id)) continue;
      const hasAnswer = answers.has(`${id}.md`);
      if (hasAnswer && consumed.has(`${id}.json`)) continue;
      const stamp = `${movedAt(disk.stat(askKey(id)))} ${hasAnswer ? movedAt(disk.stat(answerKey(id))) : '-'}`;
      const before = kept.get(id);
      if (before?.stamp === stamp) {
        next.set(id, before);
      } else {
        isSame = false;
        next.set(id, { stamp, ...(await look(disk, id, hasAnswer)) });
      }
    }
    if (isSame && next.size === kept.size) return box;
    kept = next;
    box = mailboxOf(kept);
    return box;
  };
}

async function look(disk: Disk, id: string, hasAnswer: boolean): Promise<Omit<Kept, 'stamp'>> {
  const misnamed = askIdProblem(id);
  if (misnamed) return { problem: `its file name cannot be answered: ${misnamed}` };
  let problem: string | undefined;
  if (hasAnswer) {
    const answer = await readAnswer(disk, id);
    if (answer.state === 'present') return {};
    if (answer.state !== 'absent') problem = `its answer: ${answer.reason}`;
  }
  const ask = await readAsk(disk, id);
  if (ask.state === 'present') return { ask: ask.value, ...(problem === undefined ? {} : { problem }) };
  return ask.state === 'absent' ? {} : { problem: ask.reason };
}

function mailboxOf(kept: ReadonlyMap<string, Kept>): Mailbox {
  const box: Mailbox = { pending: [], problems: [] };
  for (const [id, { ask, problem }] of kept) {
    if (problem !== undefined) box.problems.push({ id, reason: problem });
    if (ask) box.pending.push(ask);
  }
  box.pending.sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1));
  return box;
}

/** When and how large; a file in another state is that state. */
export const movedAt = (stat: Stated): string =>
  stat.state === 'present' ? `${stat.mtimeMs} ${stat.bytes}` : stat.state;

function names(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  if (listed.state === 'unreadable') throw cannotRead(disk, `list "${dir}"`, { key: dir, reason: listed.reason });
  return listed.state === 'present' ? listed.names : [];
}
