/** `tend watch` where there is no screen: the table and the end of the log, once. */
import { lookAtFleet } from '../../contract/fleet-look.js';
import { workerLines } from '../../contract/log-text.js';
import { lastEvents } from '../../contract/pulse-events.js';
import { wallS } from '../../contract/screen-client.js';
import type { Context } from '../../contract/verb.js';
import { isForPeople, pulseText } from '../../contract/views/pulse-log.js';
import { renderWorkers } from '../../contract/views/workers.js';
import { shownWorkers } from './fleet-rows.js';
import type { WatchTerms } from './watch-screen.js';

/** About what a screen shows. */
const LINES = 40;

export async function plainWatch(context: Context, terms: WatchTerms): Promise<string> {
  const look = await lookAtFleet(context);
  for (const problem of look.problems) context.warn(problem);
  const kept = new Set(terms.requested === undefined ? [] : [terms.requested]);
  const views = shownWorkers(look.views, { all: terms.all, sinceS: terms.sinceS, kept, nowS: wallS() });
  const lines =
    terms.requested === undefined
      ? lastEvents(context.disk, LINES, isForPeople).map((event) => pulseText(event, false))
      : ((await workerLines(context, terms.requested, LINES)) ?? []);
  return [renderWorkers(look.pulse, views, { all: true }), '', ...lines].join('\n');
}
