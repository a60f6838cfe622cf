import { prettyJson } from '../../lib/json.js';
import { requireLoop } from '../../store/loops.js';
import type { Verb } from '../verb.js';
import { loopDetails } from '../views/loops.js';

export const verb: Verb = {
  path: ['loops', 'show'],
  group: 'loops',
  about: 'Show one loop as JSON: what it runs when, what it missed, how its last run ended',
  details: 'Of several loops of that name the newest. A prompt is never shown, and of variables not even the names.',
  args: [{ name: 'loop', about: 'its id, or its name', required: true, complete: 'loops' }],
  flags: { json: { type: 'boolean', alias: 'j', about: 'the same' } },
  exitStyle: 'loops',
  examples: [{ line: 'tend loops show backup', about: 'nextRunAt is the next time' }],
  async run({ args }, { disk }) {
    const json = loopDetails(requireLoop(disk, args['loop'] ?? '', { verb: 'show', changes: false }));
    return { text: prettyJson(json), json };
  },
};
