import { now } from '../../host/clock.js';
import { freeLease } from '../../store/leases.js';
import { isHolderAlive } from '../fleet-access.js';
import type { Verb } from '../verb.js';
import { claimant } from './claim.js';

/** Frees a lease; one that is free already is fine. */
export const verb: Verb = {
  path: ['unclaim'],
  group: 'worker',
  about: 'Free a lease that is ours, or that a dead worker left',
  args: [{ name: 'name', about: 'the resource', required: true, complete: 'leases' }],
  flags: {
    session: {
      type: 'string',
      value: 'ID',
      about: 'whose it is; in a worker $TEND_SESSION_ID is known',
      complete: 'workers',
    },
  },
  exits: { 1: 'another living worker holds it' },
  async run(input, context) {
    const name = input.args['name'] ?? '';
    const session = claimant(input.flags['session'], context);
    const generation = context.session.id === session ? context.session.generation : undefined;
    const freed = await freeLease(context.disk, name, session, {
      now: now(),
      isAlive: (lease) => isHolderAlive(context, lease),
      generation,
    });
    return { text: freed ? `unclaimed ${name}` : '', json: { name, freed } };
  },
};
