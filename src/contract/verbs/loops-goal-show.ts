import { refused } from '../../model/error.js';
import type { Workflow } from '../../model/workflow.js';
import { objectiveOf } from '../../runs/objective/find-objective.js';
import { publicWorkflow } from '../../runs/workflow/public.js';
import type { Disk } from '../../store/disk.js';
import { findLoop } from '../../store/loops.js';
import { newestObjective } from '../../store/objectives.js';
import { readWorkflowRecord, readWorkflows } from '../../store/workflows.js';
import type { Verb, VerbResult } from '../verb.js';
import { inLine, publicLoop } from '../views/loops.js';
import { objectiveView, shortObjective } from '../views/objective.js';

export const verb: Verb = {
  path: ['loops', 'goal', 'show'],
  group: 'loops',
  about: 'Show a goal of a run: its plan, how far it is, and what was said of it',
  details:
    'By the id of the goal, or by a loop: then the newest goal of its runs, and before its first run the one it is to have. A workflow shows the goal it has in its file. ' +
    'With --json the answer is {goal, nodes, runs}, where runs are its phases; what nodes printed and models said is told by its length unless --show-output is given.',
  args: [
    { name: 'goal', about: 'id of a goal, or a loop or workflow by id or name', required: true, complete: 'loops' },
  ],
  flags: {
    'show-output': { type: 'boolean', about: 'with the evidence and the answers of the model' },
    json: { type: 'boolean', alias: 'j', about: 'print {goal, nodes, runs}, or {config, loop}, or {config, workflow}' },
  },
  exitStyle: 'loops',
  examples: [{ line: 'tend loops goal show nightly --json', about: 'how far the newest run is' }],
  async run({ args, flags }, { disk }) {
    const word = args['goal'] ?? '';
    const output = { showOutput: flags['show-output'] === true };
    const shown = ofObjective(disk, word, output) ?? ofLoop(disk, word, output) ?? ofWorkflow(disk, word);
    if (shown) return shown;
    throw refused(
      'not-found',
      `Cannot show goal ${JSON.stringify(word)}: there is no goal of that id, and no loop or workflow with a goal`,
      'tend loops list',
    );
  },
};

type Output = { showOutput: boolean };

function ofObjective(disk: Disk, word: string, output: Output): VerbResult | undefined {
  const objective = objectiveOf(disk, word);
  return objective && runtime(disk, objective, output);
}

function ofLoop(disk: Disk, word: string, output: Output): VerbResult | undefined {
  const [entry] = findLoop(disk, word);
  const loopId = entry?.id ?? word;
  // A loop that was removed is found by its id: its runs stay.
  const newest =
    newestObjective(disk, ({ source }) => source.loopId === loopId && source.workflowStepId === undefined) ??
    newestObjective(disk, ({ source }) => source.loopId === loopId);
  if (newest) return runtime(disk, newest, output);
  if (entry?.state !== 'ok' || !entry.spec.goal) return undefined;
  const { goal, name } = entry.spec;
  return {
    text: `configured goal for loop ${inLine(name)}: ${shortObjective(goal.objective)}`,
    json: { config: goal, loop: publicLoop(entry) },
  };
}

function ofWorkflow(disk: Disk, word: string): VerbResult | undefined {
  const workflow = workflowOf(disk, word);
  if (!workflow?.goal) return undefined;
  return {
    text: `configured goal for workflow ${inLine(workflow.name)}: ${shortObjective(workflow.goal.objective)}`,
    json: { config: workflow.goal, workflow: publicWorkflow(workflow) },
  };
}

/** By id, else the active one of the name, else the newest. */
function workflowOf(disk: Disk, word: string): Workflow | undefined {
  const byId = readWorkflowRecord(disk, word);
  if (byId.state === 'present') return byId.value;
  const named = readWorkflows(disk).workflows.filter(({ name }) => name === word);
  return named.find(({ status }) => status === 'active') ?? named.at(-1);
}

function runtime(disk: Disk, objective: Parameters<typeof objectiveView>[1], output: Output): VerbResult {
  const { id, status, config } = objective;
  return { text: `${id} ${status} ${shortObjective(config.objective)}`, json: objectiveView(disk, objective, output) };
}
