import { requireId } from '../../model/id.js';
import { doMove } from '../do-move.js';
import type { Verb } from '../verb.js';

/** The human's form of the remove_sensor move. Its reading leaves the world with the next beat. */
export const verb: Verb = {
  path: ['sensor', 'remove'],
  group: 'steer',
  about: 'Remove a sensor, keeping its last version in the history',
  args: [{ name: 'name', about: 'its name', required: true, complete: 'sensors' }],
  rest: { kind: 'none' },
  flags: { journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' } },
  exits: { 1: 'there is no such sensor' },
  human: true,
  async run({ args, flags }, context) {
    const name = requireId('sensor', args['name'] ?? '');
    const journal = flags['journal'];
    const move = { action: 'remove_sensor', name } as const;
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    return { text, json: { removed: name } };
  },
};
