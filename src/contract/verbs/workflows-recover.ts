import { doesFlowSpend, requireMoney } from '../../runs/await-money.js';
import { perform } from '../../runs/performers.js';
import { performedOf } from '../../runs/workflow/perform.js';
import { publicRun } from '../../runs/workflow/public.js';
import { recoverRun } from '../../runs/workflow/recover.js';
import { driveRun } from '../../runs/workflow/run-workflow.js';
import { runDeps } from '../loops/run-deps.js';
import type { Verb } from '../verb.js';
import { runAnswer } from '../workflows/run-answer.js';

export const verb: Verb = {
  path: ['workflows', 'recover'],
  group: 'loops',
  about: 'Make a run whose process is gone fit to go on; with --resume, go on with it',
  details:
    'What succeeded is never repeated: only steps that were running and are proven dead may start again. While one of their processes lives, nothing is changed.',
  args: [{ name: 'run', about: 'id of the run', required: true }],
  rest: { kind: 'none' },
  flags: {
    reason: { type: 'string', value: 'TEXT', about: 'why, for its events', default: 'recovered by user' },
    resume: { type: 'boolean', about: 'go on with the run here, and wait for it' },
    'show-output': { type: 'boolean', about: 'with --resume: show what the steps printed' },
    json: {
      type: 'boolean',
      alias: 'j',
      about: 'print {workflowRun, recoveredSteps}; with --resume also {result, steps}',
    },
  },
  exits: { 1: 'it still lives, or with --resume it did not succeed', 130: 'ended by Ctrl-C', 143: 'ended by TERM' },
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend workflows recover RUN --resume', about: 'after a crash' }],
  async run({ args, flags }, context) {
    const id = args['run'] ?? '';
    const { look, steps } = recoverRun(context.disk, id, String(flags['reason']));
    const head = `${id} recovered=${steps.length}`;
    if (flags['resume'] !== true) return { text: head, json: { workflowRun: publicRun(look), recoveredSteps: steps } };
    const deps = { ...runDeps(context), perform };
    const open = new Set(look.steps.filter(({ finishedAt }) => finishedAt === undefined).map((step) => step.id));
    if (look.end.state === 'absent' && doesFlowSpend({ steps: look.run.workflow.steps }, (step) => !open.has(step.id)))
      requireMoney(deps, `go on with workflow run "${id}"`);
    const driven = await driveRun(deps, { run: look.run, kind: 'hand', signal: context.signal });
    const performed = performedOf(context.disk, look.run, driven);
    const more = { recoveredSteps: steps };
    const answer = runAnswer(context, { id, performed, showOutput: flags['show-output'] === true, more });
    return { ...answer, text: `${head}\n${answer.text}` };
  },
};
