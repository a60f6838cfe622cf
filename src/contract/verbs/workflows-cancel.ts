import { cancelRun } from '../../runs/workflow/cancel.js';
import { publicRun } from '../../runs/workflow/public.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['workflows', 'cancel'],
  group: 'loops',
  about: 'Cancel a run of a workflow: its processes are ended, its asks are closed',
  details:
    'A run that is over stays as it is. Whether the process that drives it lives or not, none of its steps runs when this returns.',
  args: [{ name: 'run', about: 'id of the run', required: true }],
  rest: { kind: 'none' },
  flags: {
    reason: { type: 'string', value: 'TEXT', about: 'why', default: 'cancelled by user' },
    json: { type: 'boolean', alias: 'j', about: 'print the run' },
  },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend workflows cancel RUN --reason "wrong branch"', about: 'the reason is its error' }],
  async run({ args, flags }, { disk }) {
    const look = await cancelRun(disk, args['run'] ?? '', String(flags['reason']));
    return { text: `${look.run.id} ${look.status}`, json: publicRun(look) };
  },
};
