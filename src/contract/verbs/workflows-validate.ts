import { flat } from '../../lib/clip.js';
import { TendError } from '../../model/error.js';
import { preflight } from '../../runs/workflow/preflight.js';
import { publicDraft } from '../../runs/workflow/public.js';
import { runDeps } from '../loops/run-deps.js';
import type { Context, Verb } from '../verb.js';
import { FILE_FLAGS, readWorkflowFile } from '../workflows/read-file.js';

/** Stores nothing. */
export const verb: Verb = {
  path: ['workflows', 'validate'],
  group: 'loops',
  about: 'Check a workflow file and say everything that is wrong with it',
  details:
    'The file is JSON or YAML: {name, steps: [{id, target, dependsOn, continueOnFailure, timeoutMs, account, goal}], maxParallel, goal}. A target is a command, ' +
    'an agent, or an ask ({type: "ask", prompt, options, proceedOn}), which waits in your mailbox for as long as it takes.\n\n' +
    '--preflight also looks whether each step could be started here: its account, its directory, its program on the PATH that it will have.',
  args: [{ name: 'file', about: 'the workflow file', required: true, complete: 'files' }],
  rest: { kind: 'none' },
  flags: {
    ...FILE_FLAGS,
    preflight: { type: 'boolean', about: 'look whether each step could be started on this machine' },
    json: { type: 'boolean', alias: 'j', about: 'print {valid, workflow, preflight}' },
  },
  exitStyle: 'loops',
  examples: [{ line: 'tend workflows validate release.yaml --preflight', about: 'before you create it' }],
  async run(input, context) {
    const draft = await readWorkflowFile(input, context);
    const ready = input.flags['preflight'] === true ? await look(draft, context) : undefined;
    return {
      text: `valid workflow ${flat(draft.name)} steps=${draft.steps.length}`,
      json: { valid: true, workflow: publicDraft(draft), ...(ready ? { preflight: ready } : {}) },
    };
  },
};

async function look(draft: Parameters<typeof preflight>[1], context: Context): Promise<object> {
  const ready = await preflight(runDeps(context), draft, context.signal);
  if (ready.problem !== undefined)
    throw new TendError('refused', `Cannot run workflow ${JSON.stringify(draft.name)}: ${ready.problem}`, {
      code: 'invalid',
    });
  for (const text of ready.warnings) context.warn(text);
  return { steps: ready.steps, warnings: ready.warnings };
}
