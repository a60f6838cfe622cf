import { requireId } from '../../model/id.js';
import { doMove } from '../do-move.js';
import type { Verb } from '../verb.js';

/** The human's form of the archive_goal move. */
export const verb: Verb = {
  path: ['goal', 'archive'],
  group: 'steer',
  about: 'Move a goal to the archive: it is reached, or no longer wanted',
  details: 'The file goes to goals/archive/ under a name that nobody has; nothing is deleted.',
  args: [{ name: 'id', about: 'which goal', required: true, complete: 'goals' }],
  rest: { kind: 'none' },
  flags: {
    journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' },
    json: { type: 'boolean', about: 'print {archived}' },
  },
  examples: [{ line: 'tend goal archive setup --journal "set up by hand"', about: 'with the reason' }],
  exits: { 1: 'there is no such goal' },
  human: true,
  async run({ args, flags }, context) {
    const id = requireId('goal', args['id'] ?? '');
    const journal = flags['journal'];
    const move = { action: 'archive_goal', id } as const;
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    return { text, json: { archived: id } };
  },
};
