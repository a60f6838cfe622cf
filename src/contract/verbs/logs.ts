import { terminalSafe } from '../../lib/terminal-safe.js';
import { refused } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import { seeWorker } from '../fleet-access.js';
import type { Context, Verb, VerbResult } from '../verb.js';

const LINES = 50;

/** Reads only. */
export const verb: Verb = {
  path: ['logs'],
  group: 'see',
  about: "Print the pulse's log, or what a worker's terminal has shown, as text",
  details:
    'The log of the pulse is an interpretation of events-DAY.ndjson: a decision with its seconds, a failure with where to look. What the process itself ' +
    'printed is in pulse/pulse.log. A transcript is replayed, so that it reads as it looked and has no control sequences. With -f it goes on until ' +
    'Ctrl-C, or until the worker has ended; a program that paints over its own screen is better seen with "tend watch".',
  args: [{ name: 'worker', about: 'the worker, or "pulse" (the default)', required: false, complete: 'workers' }],
  flags: {
    follow: { type: 'boolean', alias: 'f', about: 'go on with what comes' },
    lines: { type: 'count', alias: 'n', value: 'N', about: 'how many lines', default: String(LINES) },
    json: { type: 'boolean', about: 'print an array of events, or of lines of a worker; with -f an object a line' },
  },
  examples: [
    { line: 'tend logs -f', about: 'what the pulse does' },
    { line: 'tend logs api -n 200', about: 'the last lines of a worker' },
  ],
  exits: { 1: 'no such worker, or it has shown nothing yet' },
  async run({ args, flags }, context) {
    const terms = {
      n: Math.min(Number(flags['lines'] ?? LINES), LIMITS.journalLines),
      json: flags['json'] === true,
      follow: flags['follow'] === true,
    };
    const name = args['worker'] ?? 'pulse';
    return name === 'pulse' ? pulseLogs(context, terms) : workerLogs(context, name, terms);
  },
};

interface Terms {
  n: number;
  json: boolean;
  follow: boolean;
}

async function pulseLogs(context: Context, { n, json, follow }: Terms): Promise<VerbResult> {
  const [{ lastEvents, eventDays, eventsKey }, { isForPeople, parseEvent, pulseJson, pulseText }] = await Promise.all([
    import('../pulse-events.js'),
    import('../views/pulse-log.js'),
  ]);
  const colour = context.tty.out && !context.env['NO_COLOR'];
  if (!follow) {
    const events = lastEvents(context.disk, n, (event) => json || isForPeople(event));
    const text = events.map((event) => pulseText(event, colour)).join('\n');
    return { text: text === '' ? 'nothing has happened yet' : text, json: events.map(pulseJson), painted: true };
  }
  const { followLines } = await import('../follow-lines.js');
  const print = (line: string) => {
    const event = parseEvent(line);
    if (event && (json || isForPeople(event)))
      context.print(json ? JSON.stringify(pulseJson(event)) : pulseText(event, colour));
  };
  await followLines(context, {
    dir: '',
    key: () => eventsKey(eventDays(context.disk)[0] ?? 'none'),
    tailBytes: FIRST_BYTES,
    first: (lines) => {
      const wanted = lines.filter((line) => json || isForPeople(parseEvent(line) ?? NO_EVENT));
      for (const line of n === 0 ? [] : wanted.slice(-n)) print(line);
    },
    next: print,
  });
  return { text: '', ownsStdout: true };
}

/** A line that is none is left out when it is printed. */
const NO_EVENT = { at: 0, event: '', fields: {} };
/** A thousand events are about so much. */
const FIRST_BYTES = 1024 * 1024;

async function workerLogs(context: Context, id: string, { n, json, follow }: Terms): Promise<VerbResult> {
  if (!(await seeWorker(context, id)))
    throw refused('no-worker', `Cannot print the log of worker "${id}": no such worker`, 'tend worker list --all');
  if (follow) {
    const { followWorker } = await import('../follow-lines.js');
    const print = (line: string) => context.print(json ? JSON.stringify({ line }) : `${shown(line)}\n`);
    await followWorker(context, id, { lines: n, print });
    return { text: '', ownsStdout: true };
  }
  const { workerLines } = await import('../log-text.js');
  const lines = await workerLines(context, id, n);
  if (lines === undefined)
    throw refused('no-screen', `Cannot print the log of worker "${id}": it has shown nothing yet`, 'tend worker list');
  return { text: lines.map(shown).join('\n'), json: lines };
}

/** What a stranger printed, without what would move a cursor. */
const shown = (line: string): string => terminalSafe(line);
