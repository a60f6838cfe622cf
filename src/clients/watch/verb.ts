import { seeWorker } from '../../contract/fleet-access.js';
import type { Verb, VerbInput } from '../../contract/verb.js';
import { isDumbTerminal } from '../../lib/dumb-terminal.js';
import { badInput, refused } from '../../model/error.js';

/** Watches only: nothing that is typed here reaches a worker, and nothing is written. */
export const verb: Verb = {
  path: ['watch'],
  group: 'see',
  about: "Watch a worker's terminal, or the pulse's log, above the table of the fleet",
  details:
    'The arrows choose a worker, Ctrl-P and Ctrl-N move the log by a row, Ctrl-U and Ctrl-D by half a page, PgUp and PgDn (Ctrl-B, Ctrl-F) by a page, ' +
    'g and Home to the oldest row, G and End back to the end; Tab shows the ended workers as well; q and Ctrl-C leave, Ctrl-Z stops it as a job of ' +
    'your shell. The wheel scrolls, a click chooses, the bar can be dragged. Where stdout is no terminal or it is the shell of Emacs, or with --plain, ' +
    'the table and the last lines of the log are printed once.',
  args: [
    {
      name: 'id',
      about: 'the worker to begin with, also one that has ended; the pulse',
      required: false,
      complete: 'workers',
    },
  ],
  flags: {
    since: { type: 'duration', alias: 's', value: 'DUR', about: 'also workers that ended at most so long ago' },
    all: { type: 'boolean', alias: 'a', about: 'also workers that have ended' },
    plain: { type: 'boolean', about: 'print once, as text' },
  },
  examples: [
    { line: 'tend watch', about: 'the fleet, and what the pulse does' },
    { line: 'tend watch api', about: 'begin with the terminal of a worker' },
    { line: 'tend watch --since 2h', about: 'also those that ended in the last two hours' },
  ],
  exits: { 1: 'no such worker, or no keyboard' },
  async run(input, context) {
    const terms = termsOf(input);
    const { requested } = terms;
    if (requested !== undefined && !(await seeWorker(context, requested)))
      throw refused('no-worker', `Cannot watch worker "${requested}": no such worker`, 'tend worker list --all');
    if (input.flags['plain'] === true || !context.tty.out || isDumbTerminal(context.env)) {
      const { plainWatch } = await import('./plain.js');
      return { text: await plainWatch(context, terms) };
    }
    if (!context.tty.in)
      throw refused('no-terminal', 'Cannot watch: stdin is no terminal, so there are no keys', 'tend watch --plain');
    const [{ WatchScreen }, { onScreen }] = await Promise.all([
      import('./watch-screen.js'),
      import('../../contract/screen-client.js'),
    ]);
    await onScreen(context.signal, (terminal) => new WatchScreen(context, terms, terminal).run());
    return { text: '', ownsStdout: true };
  },
};

function termsOf({ args, flags }: VerbInput) {
  if (flags['all'] === true && flags['since'] !== undefined)
    throw badInput('Cannot use --all and --since at once: --all leaves nobody out', 'tend watch --all');
  const id = args['id'] === 'pulse' ? undefined : args['id'];
  return {
    requested: id,
    all: flags['all'] === true,
    sinceS: flags['since'] === undefined ? undefined : Number(flags['since']),
  };
}
