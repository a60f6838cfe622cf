import { badInput } from '../../model/error.js';
import { requireId } from '../../model/id.js';
import { LIMITS } from '../../model/limits.js';
import { doMove } from '../do-move.js';
import type { Verb } from '../verb.js';

/** The human's form of the write_goal move. */
export const verb: Verb = {
  path: ['goal', 'write'],
  group: 'steer',
  about: 'Create or replace a goal',
  details:
    'The body is Markdown that says what shall be true; front matter may carry rules. One newline ends the file. The version ' +
    'before is kept: see "tend history goals/<id>.md". The pulse looks at an edited goal at once.',
  args: [{ name: 'id', about: 'its name', required: true, complete: 'goals' }],
  rest: { kind: 'text', name: 'body', about: 'the goal; "-" or no words: stdin', required: true },
  flags: {
    journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' },
    json: { type: 'boolean', about: 'print {written}' },
  },
  examples: [
    { line: 'tend goal write inbox "Every file in inbox/ is filed or answered within a day"', about: 'one line' },
    { line: 'tend goal write inbox - < inbox.md', about: 'from a file' },
  ],
  exits: { 1: 'refused' },
  human: true,
  async run({ args, flags, body = '' }, context) {
    const id = requireId('goal', args['id'] ?? '');
    if (body.trim() === '')
      throw badInput(`Cannot write goal "${id}": its body is blank`, `tend goal write ${id} "what shall be true"`);
    // One character more than allowed is enough for the door to refuse it by its length.
    const move = { action: 'write_goal', id, body: body.slice(0, LIMITS.policyChars + 1) } as const;
    const journal = flags['journal'];
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    return { text, json: { written: id } };
  },
};
