import { badInput } from '../../model/error.js';
import { changed } from '../../runs/rules/change.js';
import { writeSpec } from '../../store/loops.js';
import { changeLoop, JSON_FLAG } from '../loops/change-loop.js';
import { by, nameProblem, warnOfNamesakes } from '../loops/create-loop.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'rename'],
  group: 'loops',
  about: 'Give a loop another name; its id and its schedule stay',
  details: 'Runs from before keep the name that the loop had then.',
  args: [
    { name: 'loop', about: 'its id, or its name', required: true, complete: 'loops' },
    { name: 'new', about: 'the new name', required: true },
  ],
  flags: JSON_FLAG,
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops rename backup "nightly backup"', about: 'prints the id and its status' }],
  async run({ args }, context) {
    const { disk } = context;
    const name = args['new'] ?? '';
    const problem = nameProblem(name);
    if (problem) throw badInput(`Cannot rename the loop: the new name ${problem}`, 'tend loops rename --help');
    const result = changeLoop(disk, args['loop'] ?? '', {
      verb: 'rename',
      decide({ spec, loopState }, at) {
        // Before the state: who reads in between sees the new name and the old time of the change.
        if (spec.name !== name) writeSpec(disk, { ...spec, name });
        return { state: changed(loopState, at, { by: by(), cause: 'edit' }) };
      },
    });
    warnOfNamesakes(context, result.json as { id: string; name: string });
    return result;
  },
};
