import { now } from '../../host/clock.js';
import { refused } from '../../model/error.js';
import { requireId } from '../../model/id.js';
import { RESERVED_WORKER_IDS } from '../../model/worker.js';
import { raiseAsk, recordAnswer, withdrawAsk } from '../../store/asks.js';
import { findAsk, requireAskId, requirePending } from '../find-ask.js';
import type { Verb } from '../verb.js';

const DOING = 'Cannot reassign ask';

/**
 * The same question under another worker's name. The new ask stands before the old one is closed, so a death in between
 * shows the question twice and never loses it; closing the old one decides who won.
 */
export const verb: Verb = {
  path: ['ask', 'reassign'],
  group: 'human',
  about: 'Move a pending ask to another worker',
  details:
    'The question is raised anew under the next id of that worker, and the old ask is closed with a note. The other worker ' +
    'gets the answer when it asks the same prompt; until then the decider sees it. An approval cannot be moved.',
  args: [
    { name: 'ask_id', about: 'which ask', required: true, complete: 'asks' },
    { name: 'worker', about: 'who shall get the answer', required: true, complete: 'workers' },
  ],
  flags: { json: { type: 'boolean', about: 'print {id, from, worker}' } },
  examples: [{ line: 'tend ask reassign web-1 web-b', about: 'prints the id of the new ask' }],
  exits: { 1: 'no such ask, or it has ended' },
  human: true,
  async run(input, { disk, session }) {
    const id = requireAskId(input.args['ask_id']);
    const worker = requireId('worker', input.args['worker'] ?? '');
    const { format: _f, id: _i, ts: _t, generation: _g, waiter: _w, ...ask } = await findAsk(disk, id, DOING);
    if (ask.kind === 'approval' || ask.proposal)
      throw refused('approval', `${DOING} "${id}": a yes is bound to it and cannot move`, `tend ask close ${id}`);
    if (worker === ask.worker || RESERVED_WORKER_IDS.includes(worker))
      throw refused(
        'bad-worker',
        `${DOING} "${id}" to "${worker}": ${worker === ask.worker ? 'it is theirs already' : 'the name belongs to a part of tend'}`,
      );
    await requirePending(disk, id, DOING);
    const at = now();
    const moved = raiseAsk(disk, { ...ask, worker, from: id }, at);
    const note = `reassigned to ${worker} as ${moved.id}`;
    if (!recordAnswer(disk, { id, outcome: 'closed', answer: note, by: session.user, channel: 'cli' }, at)) {
      withdrawAsk(disk, moved);
      await requirePending(disk, id, DOING);
    }
    return { text: `reassigned ${id} to ${worker} as ${moved.id}`, json: { id: moved.id, from: id, worker } };
  },
};
