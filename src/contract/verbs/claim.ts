import { now } from '../../host/clock.js';
import { nonce } from '../../lib/hash.js';
import { refused } from '../../model/error.js';
import { isLive } from '../../model/fleet.js';
import { idProblem } from '../../model/id.js';
import { claimLease } from '../../store/leases.js';
import { isHolderAlive, seeWorker } from '../fleet-access.js';
import type { Context, Verb } from '../verb.js';

/** Takes a lease for a living worker. */
export const verb: Verb = {
  path: ['claim'],
  group: 'worker',
  about: 'Take a lease on a shared resource',
  details:
    'A lease holds as long as its worker lives. A name that is no living worker may claim too, but anybody may take that over.',
  args: [{ name: 'name', about: 'the resource', required: true, complete: 'leases' }],
  flags: {
    session: {
      type: 'string',
      value: 'ID',
      about: 'who claims; in a worker $TEND_SESSION_ID is known',
      complete: 'workers',
    },
  },
  examples: [{ line: 'tend claim repo-api && work', about: 'inside a worker' }],
  exits: { 1: 'a living worker holds it' },
  async run(input, context) {
    const name = input.args['name'] ?? '';
    const session = claimant(input.flags['session'], context);
    const view = idProblem(session) === undefined ? await seeWorker(context, session) : undefined;
    const own = context.session.id === session ? context.session.generation : undefined;
    const generation = own ?? (view && isLive(view) ? view.generation : undefined);
    const isNew = await claimLease(
      context.disk,
      name,
      { session, nonce: nonce(8), ...(generation ? { generation } : {}) },
      { now: now(), isAlive: (lease) => isHolderAlive(context, lease) },
    );
    if (isNew && !(view && isLive(view)))
      context.warn(`"${session}" is no living worker: anybody may take "${name}" over`);
    return { text: isNew ? `claimed ${name}` : '', json: { name, session, claimed: isNew } };
  },
};

/** Empty when nobody is known: the store refuses that, since such a lease would lock nothing. A worker claims for itself alone. */
export function claimant(flag: unknown, { session }: Context): string {
  const named = typeof flag === 'string' ? flag : (session.id ?? '');
  if (session.id !== undefined && session.id !== 'shell' && named !== session.id)
    throw refused('not-yours', `Cannot act for "${named}": this is the session of "${session.id}"`);
  return named;
}
