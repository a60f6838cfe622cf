import { lookAtRun } from '../../runs/workflow/look.js';
import { publicEvents, publicRun, publicSteps } from '../../runs/workflow/public.js';
import { readEvents } from '../../store/workflow-runs.js';
import type { Verb } from '../verb.js';
import { runHead, stepLines } from '../views/workflows.js';

export const verb: Verb = {
  path: ['workflows', 'inspect'],
  group: 'loops',
  about: 'Show one run of a workflow: its steps, and how many events it has',
  details:
    'A run that is marked "orphaned" is unfinished and its process is gone: "tend workflows recover RUN --resume" goes on with it. ' +
    'A step that waits for a human names its ask.',
  args: [{ name: 'run', about: 'id of the run', required: true }],
  rest: { kind: 'none' },
  flags: {
    'show-output': { type: 'boolean', about: 'show what the steps printed' },
    json: { type: 'boolean', alias: 'j', about: 'print {workflowRun, steps, events}' },
  },
  exitStyle: 'loops',
  examples: [{ line: 'tend workflows runs --limit 1', about: 'prints the id of the newest run first' }],
  async run({ args, flags }, { disk }) {
    const look = lookAtRun(disk, args['run'] ?? '', 'show');
    const showOutput = flags['show-output'] === true;
    const events = readEvents(disk, look.run.id);
    return {
      text: [runHead(look), ...stepLines(disk, look, { showOutput }), `  events=${events.length}`].join('\n'),
      json: {
        workflowRun: publicRun(look),
        steps: publicSteps(disk, look, { showOutput }),
        events: publicEvents(look.run.id, events),
      },
    };
  },
};
