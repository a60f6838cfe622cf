import { ansiScreen, plainScreen } from '../../lib/screen.js';
import { badInput } from '../../model/error.js';
import { requireWorkerId } from '../fleet-access.js';
import { workerScreen } from '../screen/worker-screen.js';
import type { Verb } from '../verb.js';

/** The screen of a living worker from its supervisor, of a dead one from its transcript. Reads only. */
export const verb: Verb = {
  path: ['screenshot'],
  group: 'see',
  about: "Show a worker's terminal as it looks now, or looked last",
  args: [{ name: 'id', about: 'the worker', required: true, complete: 'workers' }],
  flags: {
    plain: { type: 'boolean', about: 'text alone (the default)' },
    ansi: { type: 'boolean', about: 'text with colours' },
    json: { type: 'boolean', about: 'print {rows,cols,cursor,alternate_screen,screen_hash,cells,…}' },
    'no-trim': { type: 'boolean', about: 'keep blank rows at the end' },
  },
  examples: [{ line: 'tend screenshot api --ansi', about: 'with colours' }],
  exits: { 1: 'no such worker, or it has shown nothing yet' },
  async run(input, context) {
    const { plain, ansi, json } = input.flags;
    const formats = Object.entries({ plain, ansi, json }).filter(([, on]) => on === true);
    if (formats.length > 1)
      throw badInput(
        `Cannot show a screen as ${formats.map(([name]) => `--${name}`).join(' and ')} at once: one format is wanted`,
      );
    const id = requireWorkerId('show', input.args['id']);
    const screen = await workerScreen(context, id);
    const trim = input.flags['no-trim'] !== true;
    return {
      text: ansi === true ? ansiScreen(screen, trim) : plainScreen(screen, trim),
      json: screen,
      painted: ansi === true,
    };
  },
};
