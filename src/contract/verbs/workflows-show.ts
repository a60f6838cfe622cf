import { prettyJson } from '../../lib/json.js';
import { publicWorkflow } from '../../runs/workflow/public.js';
import { findWorkflow } from '../../store/workflows.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['workflows', 'show'],
  group: 'loops',
  about: 'Show a workflow as JSON',
  details: 'Prompts of agents are told by their length, variables not at all.',
  args: [{ name: 'workflow', about: 'its id, or its name', required: true, complete: 'workflows' }],
  rest: { kind: 'none' },
  flags: { json: { type: 'boolean', alias: 'j', about: 'the same: it is always JSON' } },
  exitStyle: 'loops',
  examples: [{ line: 'tend workflows show release', about: 'its steps and what they depend on' }],
  async run({ args }, { disk }) {
    const workflow = publicWorkflow(findWorkflow(disk, args['workflow'] ?? '', 'read', 'show'));
    return { text: prettyJson(workflow), json: workflow };
  },
};
