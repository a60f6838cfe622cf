import { now } from '../../host/clock.js';
import { publicWorkflow } from '../../runs/workflow/public.js';
import { archiveWorkflow, findWorkflow } from '../../store/workflows.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['workflows', 'archive'],
  group: 'loops',
  about: 'Put a workflow away: its name is free, loops that run it go on',
  args: [{ name: 'workflow', about: 'its id, or its name', required: true, complete: 'workflows' }],
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', alias: 'j', about: 'print the workflow' } },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend workflows archive release', about: 'before a new one of that name is created' }],
  async run({ args }, { disk }) {
    const { id } = findWorkflow(disk, args['workflow'] ?? '', 'change', 'archive');
    const workflow = archiveWorkflow(disk, id, now());
    return { text: `${id} ${workflow.status}`, json: publicWorkflow(workflow) };
  },
};
