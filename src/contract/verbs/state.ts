import { now } from '../../host/clock.js';
import { unixSeconds } from '../../model/instant.js';
import type { Verb } from '../verb.js';
import { readState, renderState } from '../views/state.js';

/** What was sensed last and what is pending now. Senses nothing, creates nothing. */
export const verb: Verb = {
  path: ['state'],
  group: 'see',
  about: 'Show everything at a glance: pulse, asks, readings, workers, goals, journal',
  details: 'Readings are those of the last beat; the mailbox, the workers and the policy are read now.',
  flags: {
    json: {
      type: 'boolean',
      about:
        'print {world_hash, pulse_alive, snapshots, asks, workers, goals, journal_tail, data_dir, cursor}; cursor is for tend wait --since',
    },
  },
  examples: [{ line: 'tend state --json', about: 'for clients' }],
  async run(_input, context) {
    const { view } = await readState(context);
    return { text: renderState(view, unixSeconds(now())), json: view };
  },
};
