/**
 * The asks that one limit has had, waiting or over, as everybody knows it who asks at a limit. An answer that says nothing which the
 * budget understands does not end the matter: its ask counts for none, so the human is asked again and told so, instead of waiting for
 * an effect that never comes (at the day's limit no decider is called who could read it).
 */

import { clip } from '../lib/clip.js';
import type { Answer } from '../model/ask.js';
import { askHeadSchema } from '../model/ask-schema.js';
import { idsIn, readAnswer, readArchivedAnswer } from '../store/asks.js';
import { readMarkdown } from '../store/codec.js';
import type { Disk } from '../store/disk.js';

export interface LimitAsks {
  /** Those that wait, and those whose answer was understood. */
  count: number;
  /** Words for the next ask, when the answer to the last one was not. */
  unread?: string;
}

/** Characters of an answer that are quoted. */
const QUOTED_CHARS = 120;

/** Those with this `reference`; `isUnderstood` says of the text of an answer whether it has an effect. */
export async function asksOfLimit(
  disk: Disk,
  reference: string,
  isUnderstood: (text: string) => boolean,
): Promise<LimitAsks> {
  let count = 0;
  let last = { n: 0, unread: '' };
  for (const dir of ['asks', 'asks/archive'] as const) {
    for (const id of idsIn(disk, dir).filter((name) => /^budget-\d+$/.test(name))) {
      const read = await readMarkdown(disk, `${dir}/${id}.md`, askHeadSchema);
      if (read.state !== 'present' || read.value.head.reference !== reference) continue;
      const answer = await answerTo(disk, id);
      const isUnread = answer?.outcome === 'answered' && !isUnderstood(answer.answer);
      if (!isUnread) count += 1;
      const n = Number(id.slice('budget-'.length));
      if (n > last.n) last = { n, unread: isUnread ? unreadWords(id, answer.answer) : '' };
    }
  }
  return { count, ...(last.unread === '' ? {} : { unread: last.unread }) };
}

const unreadWords = (id: string, answer: string): string =>
  `Your answer ${JSON.stringify(clip(answer.trim(), QUOTED_CHARS))} to ${id} is none of those below, or names no more than the limit as it is: nothing was changed.`;

async function answerTo(disk: Disk, id: string): Promise<Answer | undefined> {
  const read = await readAnswer(disk, id);
  if (read.state === 'present') return read.value;
  const archived = await readArchivedAnswer(disk, id);
  return archived.state === 'present' ? archived.value : undefined;
}
