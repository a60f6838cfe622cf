import { now, sleep } from '../../host/clock.js';
import { terminalColumns } from '../../host/own-terminal.js';
import { clip } from '../../lib/clip.js';
import { type FleetLook, lookAtFleet } from '../fleet-look.js';
import type { Context, Verb } from '../verb.js';
import { renderWorkers, workerRows } from '../views/workers.js';

const REFRESH_S = 2;

/** Reads only. A worker whose life cannot be told is shown as its records say, with a warning. */
export const verb: Verb = {
  path: ['worker', 'list'],
  group: 'fleet',
  about: 'Show the workers: health, state, how long silent, how long up, how long asking, verdict',
  details:
    'Health is dead (nothing of it lives), waiting-ask (it asked you something), stuck (silent for longer than ' +
    'TEND_WORKER_STUCK_SECS), else busy. The first row is the pulse. Below the table stands where a worker works that has a git worktree of its ' +
    'own; with --json its "place" is {repo,branch,path,note?}, path is null while there is none. There also stands which of the dead was cut in the ' +
    'middle of its work and can go on in its session; with --json its "cut" is {why,resumed,left}: how often it was resumed, and how often a ' +
    'decider still may. "runner" and "session" are the agent CLI and its id of the session, where they are known.',
  flags: {
    all: { type: 'boolean', alias: 'a', about: 'also those that have ended' },
    json: {
      type: 'boolean',
      about: 'print a list of {id,state,alive,exit_code,health,idle_s,uptime_s,ask_age_s,verify,place?,cut?,…}',
    },
    watch: { type: 'boolean', alias: 'w', about: 'repaint in place until Ctrl-C' },
    interval: { type: 'duration', value: 'DUR', about: 'pause between two paintings', default: `${REFRESH_S}s` },
  },
  examples: [{ line: 'tend worker list --all', about: 'with those that have ended' }],
  async run(input, context) {
    const all = input.flags['all'] === true;
    if (input.flags['watch'] === true && input.flags['json'] !== true) {
      const interval = Number(input.flags['interval'] ?? REFRESH_S);
      await watch(context, { all, intervalMs: Math.max(1, interval) * 1000 });
      return { text: '' };
    }
    const { pulse, views } = await look(context);
    return {
      text: renderWorkers(pulse, views, { all, colour: coloured(context) }),
      json: workerRows(views, all),
      painted: coloured(context),
    };
  },
};

async function look(context: Context): Promise<FleetLook> {
  const seen = await lookAtFleet(context);
  for (const problem of seen.problems) context.warn(problem);
  return seen;
}

const coloured = (context: Context): boolean => context.tty.out && !context.env['NO_COLOR'];

/** Cursor up and clear below: rows are clipped to the width, so a row is a line and the arithmetic holds. */
async function watch(context: Context, how: { all: boolean; intervalMs: number }): Promise<void> {
  let painted = 0;
  while (!context.signal.aborted) {
    const { pulse, views } = await look(context);
    const width = terminalColumns();
    const clock = new Date(now()).toTimeString().slice(0, 8);
    const table = renderWorkers(pulse, views, { all: how.all, width, colour: coloured(context) });
    const head = clip(`workers at ${clock}, every ${how.intervalMs / 1000}s, Ctrl-C ends`, width);
    const text = `${head}\n${table}\n`;
    const back = context.tty.out && painted > 0 ? `\u001b[${painted}A\u001b[J` : '';
    context.print(back + text);
    painted = text.split('\n').length - 1;
    await Promise.race([sleep(how.intervalMs), aborted(context.signal)]);
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
