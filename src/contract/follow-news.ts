/**
 * What changed, again and again, for a client that shows a profile for as long as it lives. It says only "look again": whoever
 * follows reads what it shows and compares for itself, so a news too many costs a look and none is lost.
 */
import { pause } from '../host/clock.js';
import { messageOf } from '../model/error.js';
import { recallWorld } from '../sense/recall-world.js';
import { readMailbox } from '../store/asks.js';
import { CATEGORIES, type Category, type Cursor, marksOf } from './cursor.js';
import type { Context } from './verb.js';
import { waitForNews } from './wait-for-news.js';

/** Longest time that a change stays unseen when its file event is lost; also between two looks at a directory that cannot be read. */
const POLL_MS = 5_000;

/**
 * Yields the categories that changed since the last time, `pulse` when it went down. Ends when `signal` aborts and never throws: a
 * data dir that cannot be read is said once and tried again.
 */
export async function* followNews(
  { disk, warn }: Pick<Context, 'disk' | 'warn'>,
  signal: AbortSignal,
): AsyncGenerator<readonly (Category | 'pulse')[]> {
  let said: string | undefined;
  let since: Cursor | undefined;
  while (!signal.aborted) {
    try {
      since ??= await here(disk, false);
      const terms = { disk, signal, since, wakes: CATEGORIES, pollMs: POLL_MS, timeoutS: undefined };
      const news = await waitForNews(terms);
      // Taken before the follower looks: what changes after this line is the next news.
      since = await here(disk, news.kind === 'pulse-down');
      said = undefined;
      yield news.kind === 'changed' ? news.changed : ['pulse'];
    } catch (error) {
      if (signal.aborted) return;
      const why = messageOf(error);
      if (why !== said) warn(`changes cannot be followed: ${why}`);
      said = why;
      await pause(POLL_MS, signal);
    }
  }
}

async function here(disk: Context['disk'], down: boolean): Promise<Cursor> {
  const { pending } = await readMailbox(disk);
  return { marks: marksOf(disk, recallWorld(disk), pending), down };
}
