import { badInput } from '../../model/error.js';
import { lookAtRun } from '../../runs/workflow/look.js';
import { publicEvents } from '../../runs/workflow/public.js';
import { readEvents } from '../../store/workflow-runs.js';
import type { Verb } from '../verb.js';
import { eventLine } from '../views/workflows.js';

export const verb: Verb = {
  path: ['workflows', 'events'],
  group: 'loops',
  about: 'List what happened in one run of a workflow, in order',
  args: [{ name: 'run', about: 'id of the run', required: true }],
  rest: { kind: 'none' },
  flags: {
    limit: { type: 'count', value: 'N', about: 'the last so many', default: '200' },
    json: { type: 'boolean', alias: 'j', about: 'print an array of events' },
  },
  exitStyle: 'loops',
  examples: [{ line: 'tend workflows events RUN --limit 20', about: 'the last twenty' }],
  async run({ args, flags }, { disk }) {
    const limit = Number(flags['limit']);
    if (limit < 1) throw badInput(`Cannot list the events: --limit is ${limit}, at least 1 is wanted`);
    const { run } = lookAtRun(disk, args['run'] ?? '', 'list the events of');
    const events = readEvents(disk, run.id);
    return {
      text: events.map(eventLine).slice(-limit).join('\n'),
      json: publicEvents(run.id, events).slice(-limit),
    };
  },
};
