/** From the id that a person typed to the ask it names, or an error that says what can be typed instead. */
import { clip, flat } from '../lib/clip.js';
import type { Answer, Ask } from '../model/ask.js';
import { badInput, refused, type TendError } from '../model/error.js';
import {
  answerKey,
  archivedAnswerKey,
  askIdProblem,
  askKey,
  readAnswer,
  readArchivedAnswer,
  readAsk,
  readMailbox,
} from '../store/asks.js';
import type { Disk } from '../store/disk.js';
import { cannotRead } from '../store/unreadable.js';

/** Characters of an answer that an error quotes: enough to recognise it, `tend ask show` has the rest. */
const QUOTED_CHARS = 500;

/** The ask id a verb was given. An unsafe one is an input error: it would become a file name. */
export function requireAskId(id: string | undefined): string {
  const problem = askIdProblem(id ?? '');
  if (id === undefined || problem)
    throw badInput(`Cannot use ${JSON.stringify(id ?? '')} as ask id: ${problem}`, 'tend asks');
  return id;
}

/** A pending or just ended ask. Absent, ended long ago and unreadable are different refusals; `doing` begins each: `Cannot close`. */
export async function findAsk(disk: Disk, id: string, doing: string): Promise<Ask> {
  const ask = await readAsk(disk, id);
  if (ask.state === 'present') return ask.value;
  if (ask.state === 'unreadable') throw cannotRead(disk, doingTo(doing, id), { key: askKey(id), reason: ask.reason });
  if (ask.state !== 'absent')
    throw refused('unreadable', `${doing} "${id}": its record cannot be read: ${ask.reason}`, 'tend status');
  const archived = await readArchivedAnswer(disk, id);
  if (archived.state === 'present') throw alreadyEnded(archived.value, doing);
  if (archived.state === 'unreadable')
    throw cannotRead(disk, doingTo(doing, id), { key: archivedAnswerKey(id), reason: archived.reason });
  throw await noSuchAsk(disk, id, doing);
}

/** How an ask ended, as the refusal of whoever came second. */
export function alreadyEnded(answer: Answer, doing: string): TendError {
  const quoted = JSON.stringify(clip(flat(answer.answer), QUOTED_CHARS));
  const code = answer.outcome === 'answered' ? 'already-answered' : `already-${answer.outcome}`;
  return refused(
    code,
    `${doing} "${answer.id}": it was ${answer.outcome} by ${flat(answer.by)} (${flat(answer.channel)}): ${quoted}`,
    `tend ask show ${answer.id}`,
  );
}

/** Throws when the ask has ended, or when that cannot be told. */
export async function requirePending(disk: Disk, id: string, doing: string): Promise<void> {
  const answer = await readAnswer(disk, id);
  if (answer.state === 'present') throw alreadyEnded(answer.value, doing);
  if (answer.state === 'absent') return;
  if (answer.state === 'unreadable')
    throw cannotRead(disk, doingTo(doing, id), { key: answerKey(id), reason: answer.reason });
  const hint = answer.state === 'corrupt' ? `tend answer ${id} --force` : 'tend status';
  throw refused('unreadable', `${doing} "${id}": it has an answer that cannot be read: ${answer.reason}`, hint);
}

/** `Cannot close` and an id, as `cannotRead` puts it. */
const doingTo = (doing: string, id: string): string => `${doing.replace(/^Cannot /, '')} "${id}"`;

async function noSuchAsk(disk: Disk, id: string, doing: string): Promise<TendError> {
  const { pending } = await readMailbox(disk);
  const ids = pending.map((ask) => ask.id);
  const known = ids.length === 0 ? 'nothing is pending' : `pending: ${clip(ids.join(', '), QUOTED_CHARS)}`;
  return refused('no-such-ask', `${doing} "${id}": there is no such ask; ${known}`, 'tend asks');
}
