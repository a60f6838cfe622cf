import { badInput } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import { doMove } from '../do-move.js';
import type { Verb } from '../verb.js';

/** The human's form of the write_playbook move. */
export const verb: Verb = {
  path: ['playbook', 'write'],
  group: 'steer',
  about: 'Replace the PLAYBOOK: the policy that every decision follows',
  details: 'The version before is kept: see "tend history PLAYBOOK.md". A blank PLAYBOOK is refused.',
  rest: { kind: 'text', name: 'body', about: 'the PLAYBOOK; "-" or no words: stdin', required: true },
  flags: {
    journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' },
    json: { type: 'boolean', about: 'print {written}' },
  },
  examples: [{ line: 'tend playbook show | sed s/daily/weekly/ | tend playbook write -', about: 'edit it in a pipe' }],
  exits: { 1: 'refused' },
  human: true,
  async run({ flags, body = '' }, context) {
    if (body.trim() === '')
      throw badInput('Cannot write the PLAYBOOK: the text is blank', 'tend playbook write - < PLAYBOOK.md');
    const move = { action: 'write_playbook', body: body.slice(0, LIMITS.policyChars + 1) } as const;
    const journal = flags['journal'];
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    return { text, json: { written: 'PLAYBOOK.md' } };
  },
};
