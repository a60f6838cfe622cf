import { now } from '../../host/clock.js';
import { badInput, refused } from '../../model/error.js';
import { requireId } from '../../model/id.js';
import { consumeTells } from '../../store/tells.js';
import type { Verb } from '../verb.js';

/** Each message is given once; nothing to say is no output. */
export const verb: Verb = {
  path: ['told'],
  group: 'worker',
  about: 'Print what the human has told this worker since it last asked, once',
  args: [{ name: 'worker', about: 'in a worker $TEND_SESSION_ID is known', required: false, complete: 'workers' }],
  flags: { json: { type: 'boolean', about: 'print a list of the messages' } },
  examples: [{ line: 'tend told', about: 'inside a worker, between two steps' }],
  exits: { 1: 'it is not your own' },
  async run(input, { disk, session, warn }) {
    const worker = input.args['worker'] ?? session.id;
    if (worker === undefined)
      throw badInput(
        'Cannot say what was told: which worker is not known, $TEND_SESSION_ID is not set',
        'tend told ID',
      );
    requireId('a worker', worker);
    if (session.id !== undefined && session.id !== worker)
      throw refused(
        'not-yours',
        `Cannot take the messages of "${worker}": this is the session of "${session.id}"`,
        'tend told',
      );
    const generation = session.id === worker ? session.generation : undefined;
    const { messages, problems } = await consumeTells(disk, worker, { generation, now: now() });
    for (const problem of problems) warn(`a message cannot be read: ${problem}`);
    return { text: messages.map((message) => `• ${message.replace(/\n/g, '\n  ')}`).join('\n'), json: messages };
  },
};
