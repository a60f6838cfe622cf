import { pauseState } from '../../runs/rules/life.js';
import { changeLoop, JSON_FLAG } from '../loops/change-loop.js';
import { by } from '../loops/create-loop.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'pause'],
  group: 'loops',
  about: 'Let an active loop start nothing more until it is resumed',
  details:
    'A run that is under way goes on. The next time stays where it is: when it has passed by the resume, --catch-up says what is made up for.',
  args: [{ name: 'loop', about: 'its id, or its name', required: true, complete: 'loops' }],
  flags: JSON_FLAG,
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops pause backup', about: 'prints the id and "paused"' }],
  run: async ({ args }, { disk }) =>
    changeLoop(disk, args['loop'] ?? '', {
      verb: 'pause',
      decide: ({ loopState }, at) => pauseState(loopState, at, by()),
    }),
};
