import { publicWorkflow } from '../../runs/workflow/public.js';
import { readWorkflows } from '../../store/workflows.js';
import type { Verb } from '../verb.js';
import { workflowLine } from '../views/workflows.js';

export const verb: Verb = {
  path: ['workflows', 'list'],
  group: 'loops',
  about: 'List the workflows: id, status, number of steps, name',
  rest: { kind: 'none' },
  flags: {
    status: { type: 'string', choices: ['active', 'archived'], default: 'active', about: 'which' },
    json: { type: 'boolean', alias: 'j', about: 'print an array of workflows' },
  },
  exitStyle: 'loops',
  examples: [{ line: 'tend workflows list --status archived', about: 'those that were put away' }],
  async run({ flags }, { disk, warn }) {
    const { workflows, problems } = readWorkflows(disk);
    for (const { id, reason } of problems) warn(`workflow ${id} cannot be read: ${reason}`);
    const shown = workflows.filter(({ status }) => status === flags['status']);
    return { text: shown.map(workflowLine).join('\n'), json: shown.map(publicWorkflow) };
  },
};
