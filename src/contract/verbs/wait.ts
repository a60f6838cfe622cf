import { now } from '../../host/clock.js';
import { unixSeconds } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import { CATEGORIES, type Category, changedBetween, decodeCursor, encodeCursor } from '../cursor.js';
import type { Verb, VerbInput } from '../verb.js';
import { readState, renderState } from '../views/state.js';
import { waitForNews } from '../wait-for-news.js';

const EXIT_DOWN = 2;
/** As timeout(1) of coreutils says it. */
const EXIT_TIMEOUT = 124;

/** A client's sleep: woken by what a human would want to see, told what it was, given the cursor for the next one. */
export const verb: Verb = {
  path: ['wait'],
  group: 'see',
  about: 'Sleep until something changes, then print the state and what changed',
  details:
    'Without --since a pending ask ends the wait at once. With the cursor of an earlier answer only what changed after it does: ' +
    'an ask that you leave open does not wake you again, and nothing between two waits is lost.\n\n' +
    'A reading counts when its signal changes; its detail never wakes.',
  flags: {
    'only-asks': { type: 'boolean', about: 'wake for asks alone; wins over --actionable' },
    actionable: { type: 'boolean', about: 'wake for asks and for journal lines' },
    since: { type: 'string', value: 'CURSOR', about: '"cursor" of the last state or wait' },
    timeout: { type: 'duration', value: 'DUR', about: 'give up after this; 0 looks once. Without it: wait for ever' },
    json: { type: 'boolean', about: 'print the document of tend state with changed: […] and the new cursor' },
  },
  examples: [{ line: 'tend wait --json --since "$cursor" --timeout 5m', about: 'one round of a client' }],
  exits: { 2: 'the pulse is down (or bad input)', 124: 'nothing changed in time', 130: 'interrupted' },
  async run(input, context) {
    const since = input.flags['since'];
    const wakes = wakesOf(input);
    const timeout = input.flags['timeout'];
    const news = await waitForNews({
      disk: context.disk,
      signal: context.signal,
      since: typeof since === 'string' ? decodeCursor(since) : undefined,
      wakes,
      pollMs: resolveKnobs(context.env, {}).knobs.waitPollMs,
      timeoutS: typeof timeout === 'number' ? timeout : undefined,
    });
    const { view, marks } = await readState(context);
    // The view is newer than the news: what it shows beyond them is told now, since its cursor covers it.
    const all = changedBetween(news.seen.marks, marks);
    const isChange = news.kind === 'changed' || (news.kind === 'timeout' && all.some((c) => wakes.includes(c)));
    const also = news.kind === 'changed' ? news.changed : [];
    const changed = isChange ? CATEGORIES.filter((c) => all.includes(c) || also.includes(c)) : [];
    // Without a change the cursor stays where it was, so whatever was not told is still to come.
    const cursor = isChange
      ? encodeCursor({ marks, down: news.seen.down })
      : encodeCursor({ ...news.seen, down: news.seen.down || news.kind === 'pulse-down' });
    const json = { ...view, changed: news.kind === 'pulse-down' ? ['pulse-down'] : changed, cursor };
    const exit = isChange ? 0 : news.kind === 'pulse-down' ? EXIT_DOWN : EXIT_TIMEOUT;
    const text = `changed: ${json.changed.join(', ') || 'nothing'}\n${renderState(view, unixSeconds(now()))}`;
    return { text, json, exit };
  },
};

function wakesOf({ flags }: VerbInput): readonly Category[] {
  if (flags['only-asks']) return ['asks'];
  return flags['actionable'] ? ['asks', 'journal'] : CATEGORIES;
}
