import { askWorker } from '../../host/worker-life.js';
import { refused } from '../../model/error.js';
import { lifeHandle } from '../../store/fleet.js';
import { requireRunning, unwantWorker } from '../../store/workers.js';
import { requireWorkerId, stopAndConfirm } from '../fleet-access.js';
import { tendSession } from '../tend-session.js';
import type { Context, Verb, VerbResult } from '../verb.js';

/** A human's verb for any worker, and a worker's own way to end itself. */
export const verb: Verb = {
  path: ['kill'],
  group: 'worker',
  about: 'End a worker and confirm that nothing of it lives',
  details:
    'TERM to everything the worker started, a grace, KILL, confirmation. A worker may end itself, and only itself; it does so ' +
    'when everything is done and nothing is waiting. Messages that it has not read are discarded; its verify command still runs.',
  args: [{ name: 'id', about: 'the worker', required: true, complete: 'workers' }],
  examples: [{ line: 'tend kill "$TEND_SESSION_ID"', about: 'a worker ends itself' }],
  exits: { 1: 'no such worker, it has ended already, or something of it survived' },
  async run(input, context) {
    const id = requireWorkerId('kill', input.args['id']);
    const session = await tendSession(context);
    if (session === id) return killSelf(id, context);
    if (session !== undefined)
      throw refused(
        'not-human',
        `Cannot kill worker "${id}": this is the session of "${session}", and a worker may end only itself`,
        `tend ask --prompt "Please kill ${id}: …"`,
      );
    await stopAndConfirm(context, id);
    return { text: `killed ${id}`, json: { killed: id } };
  },
};

/** We are among what will be ended, so nobody can wait for the end: the supervisor is told, and does it after our answer. */
async function killSelf(id: string, context: Context): Promise<VerbResult> {
  const record = requireRunning(context.disk, id);
  const { generation } = context.session;
  if (generation !== undefined && record.spec && record.spec.generation !== generation)
    throw refused(
      'not-yours',
      `Cannot kill worker "${id}": it is a successor of the worker that this session belonged to`,
    );
  unwantWorker(context.disk, record, 'it ended itself');
  const handle = lifeHandle(record);
  context.print(`killed ${id}\n`);
  if (handle) await askWorker(handle, { op: 'stop', reason: 'it ended itself' });
  return { text: '' };
}
