import type { Verb } from '../verb.js';
import { renderRunners } from '../views/runners.js';

/** What tend can drive on this machine. Starts each program once, for its version. */
export const verb: Verb = {
  path: ['runner', 'list'],
  group: 'see',
  about: 'List the agent CLIs that tend can drive, where each is and its version',
  details:
    'Modes are what tend has a command for: one decision, a worker in a terminal, a step and a review without one, and a worker that goes on with a session that was cut. ' +
    '"embedded" needs no program, and "custom" takes your own commands.',
  rest: { kind: 'none' },
  flags: {
    json: { type: 'boolean', about: 'print an array of {name, about, program, path, version, modes, install}' },
  },
  examples: [{ line: 'tend runner list', about: 'which of them are here' }],
  async run(_input, { env, signal }) {
    const { listRunners } = await import('../../ops/runners.js');
    const rows = await listRunners(env, '/', signal);
    return { text: renderRunners(rows), json: rows };
  },
};
