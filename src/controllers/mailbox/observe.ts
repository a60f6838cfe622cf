/** Files of one ask → facts. Reads only; what cannot be read is a fact too. */
import { waiterLife } from '../../host/ask-waiter.js';
import type { Env } from '../../host/env.js';
import type { Answer, Ask } from '../../model/ask.js';
import { answerKey, archivedAskKey, askKey, isConsumed, readAnswer, readAsk } from '../../store/asks.js';
import type { Loaded } from '../../store/codec.js';
import type { Disk } from '../../store/disk.js';

/** One record of the pair; `changedAt` in milliseconds, absent when the file is. */
export type Seen<T> =
  | { state: 'present'; value: T; changedAt: number }
  | { state: 'absent' }
  | { state: 'corrupt'; reason: string; changedAt: number }
  | { state: 'unreadable' | 'newer'; reason: string };

export interface MailFacts {
  id: string;
  ask: Seen<Ask>;
  answer: Seen<Answer>;
  consumed: boolean;
  /** The ask lies in the archive: its answer may follow. */
  askArchived: boolean;
  /** Does a process block on the ask? Looked at only for an ask that was closed or has expired. */
  waiter: 'alive' | 'dead' | 'unknown' | 'none';
}

export async function observe(disk: Disk, env: Env, id: string): Promise<MailFacts> {
  // The answer first: a pair that is archived in between then shows as absent or as an orphan, both of which are looked at again.
  const answer = seen(disk, answerKey(id), await readAnswer(disk, id));
  const ask = seen(disk, askKey(id), await readAsk(disk, id));
  const hasEndedUnanswered = answer.state === 'present' && answer.value.outcome !== 'answered';
  const nonce = hasEndedUnanswered && ask.state === 'present' ? ask.value.waiter : undefined;
  return {
    id,
    ask,
    answer,
    consumed: isConsumed(disk, id),
    askArchived: disk.stat(archivedAskKey(id)).state === 'present',
    waiter: nonce === undefined ? 'none' : await waiterLife(env, disk.root, nonce),
  };
}

function seen<T>(disk: Disk, key: string, loaded: Loaded<T>): Seen<T> {
  switch (loaded.state) {
    case 'present':
      return { state: 'present', value: loaded.value, changedAt: loaded.mtimeMs };
    case 'corrupt': {
      const stat = disk.stat(key);
      return { state: 'corrupt', reason: loaded.reason, changedAt: stat.state === 'present' ? stat.mtimeMs : 0 };
    }
    default:
      return loaded;
  }
}
