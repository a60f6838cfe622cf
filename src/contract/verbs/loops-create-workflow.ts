import type { Workflow } from '../../model/workflow.js';
import type { Disk } from '../../store/disk.js';
import { findWorkflow } from '../../store/workflows.js';
import { CREATE_FLAGS, type Given, timeoutOf, wrong } from '../loops/create-flags.js';
import { createFrom, givenOf } from '../loops/create-loop.js';
import type { Verb } from '../verb.js';
import { inLine } from '../views/loops.js';

export const verb: Verb = {
  path: ['loops', 'create', 'workflow'],
  group: 'loops',
  about: 'Have a workflow run at a time, at intervals or by a cron expression',
  details:
    'Exactly one of --at, --every, --cron and --dynamic says when. The loop keeps the id of the workflow: when that is archived and another one takes its name, ' +
    'this loop goes on with the one it was made for. A goal of the loop and a goal of the workflow exclude each other.',
  args: [{ name: 'name', about: 'its name; need not be the only one of that name', required: true }],
  flags: {
    workflow: { type: 'string', value: 'IDORNAME', about: 'an active workflow, required', complete: 'workflows' },
    timeout: { type: 'milliseconds', value: 'DUR', about: 'the whole run is ended after this time' },
    ...CREATE_FLAGS,
  },
  exitStyle: 'loops',
  human: true,
  examples: [
    { line: 'tend loops create workflow nightly --workflow release --cron "30 1 * * *"', about: 'each night' },
  ],
  async run(input, context) {
    const workflow = workflowOf(givenOf(input), context.disk);
    return createFrom(input, context, {
      target: ({ flags }) => ({ type: 'workflow', workflowId: workflow.id, ...timeoutOf(flags) }),
      words: { head: 'created workflow loop', tail: ` workflow=${inLine(workflow.name)}` },
    });
  },
};

function workflowOf(given: Given, disk: Disk): Workflow {
  const word = given.flags['workflow'];
  if (typeof word !== 'string' || word === '')
    throw wrong(given, '--workflow is missing, the id or name of one is wanted');
  const workflow = findWorkflow(disk, word, 'read', 'schedule');
  if (workflow.status !== 'active')
    throw wrong(
      given,
      `workflow ${JSON.stringify(workflow.name)} (${workflow.id}) is archived, an active one is wanted`,
      'invalid',
    );
  if (given.flags['goal'] !== undefined && workflow.goal !== undefined)
    throw wrong(
      given,
      `--goal: workflow ${JSON.stringify(workflow.name)} has a goal of its own, and goals are not nested`,
      'invalid',
    );
  return workflow;
}
