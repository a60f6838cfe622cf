import { requireId } from '../../model/id.js';
import { LIMITS } from '../../model/limits.js';
import { parseHeaders } from '../../sense/headers.js';
import { doMove } from '../do-move.js';
import type { Verb } from '../verb.js';

/** The human's form of the write_sensor move. */
export const verb: Verb = {
  path: ['sensor', 'write'],
  group: 'steer',
  about: 'Create or replace a sensor',
  details:
    'The script is written as sensors/<name>.sh, executable for its owner, and runs on the next beat; the version before is kept ' +
    'in the history. It prints one JSON value: {"signal": …, "detail": …}.',
  args: [{ name: 'name', about: 'its name', required: true, complete: 'sensors' }],
  rest: { kind: 'text', name: 'script', about: 'the script; "-" or no words: stdin', required: true },
  flags: { journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' } },
  examples: [{ line: 'tend sensor write my-repo < my-repo.sh', about: 'after "tend sensor test ./my-repo.sh"' }],
  exits: { 1: 'refused' },
  human: true,
  async run({ args, flags, body }, context) {
    const name = requireId('sensor', args['name'] ?? '');
    // One character more than allowed is enough for the door to refuse it by its length.
    const script = (body ?? '').slice(0, LIMITS.policyChars + 1);
    const journal = flags['journal'];
    const move = { action: 'write_sensor', name, script } as const;
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    if (!script.startsWith('#!')) context.warn(`sensor "${name}" has no "#!" line: it runs under /bin/sh`);
    for (const problem of parseHeaders(script).problems) context.warn(`sensor "${name}": ${problem}`);
    return { text, json: { written: name } };
  },
};
