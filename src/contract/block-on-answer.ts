/** Blocks until an ask ends. A broken record or a failing disk is said once and waited out: it must not kill a worker. */
import { monotonicMs } from '../host/clock.js';
import type { Answer } from '../model/ask.js';
import { refused, TendError } from '../model/error.js';
import { answerKey, askKey, readAnswer, readArchivedAnswer } from '../store/asks.js';
import type { Disk } from '../store/disk.js';
import { waitForChange } from '../store/watch.js';

/** Node fires a timer of more than 2^31-1 ms at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface BlockTerms {
  disk: Disk;
  signal: AbortSignal;
  warn(text: string): void;
  /** Backstop behind file events. */
  pollMs: number;
  /** Undefined = wait for ever, 0 = look once. */
  timeoutS: number | undefined;
}

/**
 * The answer, also one that somebody else has acted on and archived meanwhile. Throws when the ask is proven gone (refused),
 * when time is up (timeout; the ask stays) and on abort.
 */
export async function blockOnAnswer(id: string, terms: BlockTerms): Promise<Answer> {
  const { disk, signal } = terms;
  const look = looker(id, terms);
  const ours = new Set([askKey(id), answerKey(id), 'asks', 'answers']);
  const deadline = terms.timeoutS === undefined ? Number.POSITIVE_INFINITY : monotonicMs() + terms.timeoutS * 1000;
  for (;;) {
    const leftMs = deadline - monotonicMs();
    // Armed before we look: what changes after the look wakes us.
    const wait = waitForChange(disk, ['asks', 'answers'], {
      pollMs: Math.max(1, Math.min(terms.pollMs, leftMs, TIMER_MAX_MS)),
      signal,
      only: (key) => ours.has(key),
    });
    try {
      const answer = await look();
      if (answer) return answer;
      if (signal.aborted)
        throw new TendError('aborted', `Stopped waiting; ask "${id}" stays pending`, { code: 'aborted' });
      if (leftMs <= 0) throw timedOut(id, terms.timeoutS ?? 0);
      await wait.changed;
    } finally {
      wait.close();
    }
  }
}

function looker(id: string, { disk, warn }: BlockTerms): () => Promise<Answer | undefined> {
  const said = new Set<string>();
  const sayOnce = (text: string) => {
    if (!said.has(text)) warn(text);
    said.add(text);
  };
  return async () => {
    const answer = await readAnswer(disk, id);
    if (answer.state === 'present') return answer.value;
    if (answer.state !== 'absent') {
      sayOnce(`the answer to "${id}" cannot be read (${answer.reason}); still waiting`);
      return undefined;
    }
    const ask = disk.stat(askKey(id));
    if (ask.state === 'present') return undefined;
    if (ask.state === 'unreadable') {
      sayOnce(`ask "${id}" cannot be looked at (${ask.reason}); still waiting`);
      return undefined;
    }
    // The ask is gone from asks/: its pair may just have moved, and a move shows the new name before the old one goes.
    for (const read of [await readAnswer(disk, id), await readArchivedAnswer(disk, id)])
      if (read.state === 'present') return read.value;
    throw refused('ask-gone', `Ask "${id}" has vanished from asks/: nobody can answer it any more`, 'tend status');
  };
}

const timedOut = (id: string, timeoutS: number): TendError =>
  new TendError('timeout', `No answer to "${id}" in ${timeoutS} s; the ask stays pending`, {
    code: 'ask-timeout',
    hint: `tend ask show ${id}`,
  });
