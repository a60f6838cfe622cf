import { badInput } from '../../model/error.js';
import { LIMITS } from '../../model/limits.js';
import { doMove } from '../do-move.js';
import { requireAlive } from '../fleet-access.js';
import type { Verb } from '../verb.js';

/** Durable steering: the worker reads it with its next `told`, or with its next answer. */
export const verb: Verb = {
  path: ['tell'],
  group: 'steer',
  about: 'Tell a running worker something; it reads it between two steps',
  args: [{ name: 'worker', about: 'the worker', required: true, complete: 'workers' }],
  rest: {
    kind: 'text',
    name: 'message',
    about: 'what it should know or do, taken as it is, words that begin with "-" included; "-" or no words: stdin',
    required: true,
    verbatim: true,
  },
  examples: [{ line: 'tend tell api "Leave the README alone"', about: 'steer without stopping it' }],
  exits: { 1: 'the worker is not running, or that is not known' },
  human: true,
  async run(input, context) {
    const message = (input.body ?? '').trim();
    const { id } = await requireAlive(context, 'tell', input.args['worker'] ?? '');
    if (message === '')
      throw badInput(`Cannot tell worker "${id}": the message is blank`, `tend tell ${id} "what to do"`);
    if (message.length > LIMITS.tellChars)
      throw badInput(
        `Cannot tell worker "${id}": the message has ${message.length} characters, ${LIMITS.tellChars} at most`,
        'put the long part into a file and name it',
      );
    await doMove(context, { action: 'tell_worker', id, message });
    return { text: `told ${id}`, json: { told: id } };
  },
};
