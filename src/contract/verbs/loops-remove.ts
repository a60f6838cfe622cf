import { now } from '../../host/clock.js';
import { refused } from '../../model/error.js';
import { removeLoop, requireLoop } from '../../store/loops.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'remove'],
  group: 'loops',
  about: 'Remove a loop',
  details:
    'Its directory goes to trash/ of the data dir, where it is kept for 7 days; what it ran stays in "tend loops runs". A run that is under way goes on, and its ' +
    'result is recorded.',
  args: [{ name: 'loop', about: 'its id, or its name', required: true, complete: 'loops' }],
  flags: { json: { type: 'boolean', alias: 'j', about: 'print {removed}' } },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops rm backup', about: 'the same word, shorter' }],
  async run({ args }, { disk }) {
    const word = args['loop'] ?? '';
    // One whose spec cannot be read may go as well.
    const { id } = requireLoop(disk, word, { verb: 'remove', changes: true });
    if (!removeLoop(disk, id, now()))
      throw refused('not-found', `Cannot remove ${JSON.stringify(word)}: loop not found`, 'tend loops list');
    return { text: 'removed', json: { removed: true } };
  },
};
