import { badInput } from '../../model/error.js';
import { lookAt } from '../../runs/workflow/look.js';
import { publicRun } from '../../runs/workflow/public.js';
import { newestWorkflowRuns } from '../../store/workflow-runs.js';
import { findWorkflow } from '../../store/workflows.js';
import type { Verb } from '../verb.js';
import { runLine } from '../views/workflows.js';

export const verb: Verb = {
  path: ['workflows', 'runs'],
  group: 'loops',
  about: 'List runs of workflows, the newest first',
  args: [{ name: 'workflow', about: 'its id, or its name; all when left out', required: false, complete: 'workflows' }],
  rest: { kind: 'none' },
  flags: {
    limit: { type: 'count', value: 'N', about: 'at most so many', default: '50' },
    json: { type: 'boolean', alias: 'j', about: 'print an array of runs' },
  },
  exitStyle: 'loops',
  examples: [{ line: 'tend workflows runs release --limit 5', about: 'the last five' }],
  async run({ args, flags }, { disk }) {
    const limit = Number(flags['limit']);
    if (limit < 1) throw badInput(`Cannot list the runs: --limit is ${limit}, at least 1 is wanted`);
    const word = args['workflow'];
    const id = word === undefined ? undefined : findWorkflow(disk, word, 'read', 'list the runs of').id;
    const looks = newestWorkflowRuns(disk, limit, id).map((run) => lookAt(disk, run));
    return { text: looks.map(runLine).join('\n'), json: looks.map(publicRun) };
  },
};
