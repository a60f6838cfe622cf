import { now } from '../../host/clock.js';
import { flat } from '../../lib/clip.js';
import { publicWorkflow } from '../../runs/workflow/public.js';
import { createWorkflow, newWorkflow } from '../../store/workflows.js';
import type { Verb } from '../verb.js';
import { FILE_FLAGS, readWorkflowFile } from '../workflows/read-file.js';

export const verb: Verb = {
  path: ['workflows', 'create'],
  group: 'loops',
  about: 'Store a workflow file, so that it can be run and scheduled',
  details:
    'At most one workflow of a name is active: archive the old one first. Later changes of the file change nothing.',
  args: [{ name: 'file', about: 'the workflow file', required: true, complete: 'files' }],
  rest: { kind: 'none' },
  flags: { ...FILE_FLAGS, json: { type: 'boolean', alias: 'j', about: 'print the workflow' } },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend workflows create release.yaml', about: 'then: tend workflows run release' }],
  async run(input, context) {
    const workflow = newWorkflow(await readWorkflowFile(input, context), now());
    createWorkflow(context.disk, workflow);
    const { id, name, steps } = workflow;
    return { text: `created workflow ${id} (${flat(name)}) steps=${steps.length}`, json: publicWorkflow(workflow) };
  },
};
