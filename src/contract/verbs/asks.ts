import { readMailbox } from '../../store/asks.js';
import type { Verb } from '../verb.js';
import { askView, renderAsks } from '../views/asks.js';

/** The hot path of scripts and clients: reads asks/ and answers/, and nothing else. */
export const verb: Verb = {
  path: ['asks'],
  group: 'human',
  about: 'List the asks that wait for a human, oldest first',
  flags: {
    json: {
      type: 'boolean',
      about: 'print an array of {id, worker, prompt, reference?, options?, ts, kind, urgency, proposal?}',
    },
  },
  examples: [{ line: 'tend asks --json', about: 'for scripts' }],
  async run(_input, { disk, warn }) {
    const { pending, problems } = await readMailbox(disk);
    for (const { id, reason } of problems) warn(`ask "${id}" cannot be read: ${reason}`);
    const views = pending.map(askView);
    return { text: renderAsks(views), json: views };
  },
};
