import { refused } from '../../model/error.js';
import { objectiveOfRun } from '../../runs/objective/find-objective.js';
import type { Verb } from '../verb.js';
import { objectiveView } from '../views/objective.js';

export const verb: Verb = {
  path: ['loops', 'goal', 'status'],
  group: 'loops',
  about: 'Say how far the goal of one run is, and what planning and audits have used',
  details: 'Tokens are those of planning and of audits; what agents in its nodes use is in `tend spend`.',
  args: [
    {
      name: 'run',
      about: 'id of a goal, of one of its phases, of a loop run, a workflow run or a step run',
      required: true,
    },
  ],
  flags: {
    'show-output': { type: 'boolean', about: 'with the evidence and the answers of the model' },
    json: { type: 'boolean', alias: 'j', about: 'print {goal, nodes, runs}' },
  },
  exitStyle: 'loops',
  examples: [
    {
      line: 'tend loops goal status 379046da8c63-20261121T210924002Z',
      about: 'the goal of a loop run, by the id that `loops runs` shows',
    },
  ],
  async run({ args, flags }, { disk }) {
    const word = args['run'] ?? '';
    const objective = objectiveOfRun(disk, word);
    if (!objective)
      throw refused(
        'not-found',
        `Cannot tell the status of goal ${JSON.stringify(word)}: no goal, loop run, workflow run or step run with a goal has that id`,
        'tend runs --kind objective',
      );
    const { id, status, tokensUsed } = objective;
    return {
      text: `${id} ${status} tokens=${tokensUsed}`,
      json: objectiveView(disk, objective, { showOutput: flags['show-output'] === true }),
    };
  },
};
