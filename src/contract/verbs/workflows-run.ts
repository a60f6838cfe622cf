import { nonce } from '../../lib/hash.js';
import { refused } from '../../model/error.js';
import { doesFlowSpend, requireMoney } from '../../runs/await-money.js';
import { perform } from '../../runs/performers.js';
import { performWorkflow } from '../../runs/workflow/perform.js';
import { findWorkflow } from '../../store/workflows.js';
import { runDeps } from '../loops/run-deps.js';
import type { Verb } from '../verb.js';
import { runAnswer } from '../workflows/run-answer.js';

/** Runs a workflow in this process; works without a pulse. */
export const verb: Verb = {
  path: ['workflows', 'run'],
  group: 'loops',
  about: 'Run a workflow now and wait for it',
  details:
    'Ctrl-C cancels the run. When all that is left to do waits for your answer, the verb ends with 1 and the pulse goes on with the run after you have answered.',
  args: [{ name: 'workflow', about: 'its id, or its name', required: true, complete: 'workflows' }],
  rest: { kind: 'none' },
  flags: {
    'show-output': { type: 'boolean', about: 'show what the steps printed' },
    json: { type: 'boolean', alias: 'j', about: 'print {result, workflowRun, steps}' },
  },
  exits: { 1: 'it did not succeed, or waits for an answer', 130: 'ended by Ctrl-C', 143: 'ended by TERM' },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend workflows run release --show-output', about: 'with what each step printed' }],
  async run({ args, flags }, context) {
    const workflow = findWorkflow(context.disk, args['workflow'] ?? '', 'change', 'run');
    if (workflow.status !== 'active')
      throw refused('conflict', `Cannot run workflow "${workflow.id}": it is archived`, 'tend workflows list');
    const deps = { ...runDeps(context), perform };
    if (doesFlowSpend(workflow)) requireMoney(deps, `run workflow "${workflow.name}"`);
    let id: string | undefined;
    const performed = await performWorkflow(deps, workflow, {
      identity: {},
      token: nonce(),
      signal: context.signal,
      kind: 'hand',
      onRun: (run) => {
        id = run.id;
      },
    });
    if (id === undefined)
      throw refused('conflict', `Cannot run workflow "${workflow.name}": ${errorOf(performed)}`, 'tend workflows list');
    return runAnswer(context, { id, performed, showOutput: flags['show-output'] === true });
  },
};

const errorOf = (performed: { error?: string } | { status: 'parked' }): string =>
  'error' in performed && performed.error !== undefined ? performed.error : 'it did not begin';
