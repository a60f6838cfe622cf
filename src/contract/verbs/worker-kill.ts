import { requireWorkerId, stopAndConfirm } from '../fleet-access.js';
import type { Verb } from '../verb.js';

/** The human's form of the kill_worker move, confirmed. */
export const verb: Verb = {
  path: ['worker', 'kill'],
  group: 'fleet',
  about: 'End a worker and confirm that nothing of it lives',
  args: [{ name: 'id', about: 'the worker', required: true, complete: 'workers' }],
  exits: { 1: 'no such worker, it has ended already, or something of it survived' },
  human: true,
  async run(input, context) {
    const id = requireWorkerId('kill', input.args['id']);
    await stopAndConfirm(context, id);
    return { text: `kill-worker ${id}`, json: { killed: id } };
  },
};
