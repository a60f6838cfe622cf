import { requireId } from '../../model/id.js';
import { doMove } from '../do-move.js';
import type { Verb } from '../verb.js';

/** The human's form of the drop_schedule move. Idempotent. */
export const verb: Verb = {
  path: ['schedule', 'rm'],
  group: 'steer',
  about: 'Remove a schedule; one that is not there is fine',
  args: [{ name: 'name', about: 'its name', required: true, complete: 'schedules' }],
  rest: { kind: 'none' },
  flags: { journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' } },
  human: true,
  async run({ args, flags }, context) {
    const name = requireId('schedule', args['name'] ?? '');
    const journal = flags['journal'];
    const move = { action: 'drop_schedule', name } as const;
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    return { text, json: { removed: name } };
  },
};
