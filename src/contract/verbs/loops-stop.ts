import { stopState } from '../../runs/rules/life.js';
import { changeLoop, JSON_FLAG } from '../loops/change-loop.js';
import { by } from '../loops/create-loop.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'stop'],
  group: 'loops',
  about: 'End a loop: its next time, a waiting retry and its backlog are dropped',
  details: 'A run that is under way goes on. "tend loops resume" begins it anew from then.',
  args: [{ name: 'loop', about: 'its id, or its name', required: true, complete: 'loops' }],
  flags: JSON_FLAG,
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops stop backup', about: 'prints the id and "stopped"' }],
  run: async ({ args }, { disk }) =>
    changeLoop(disk, args['loop'] ?? '', {
      verb: 'stop',
      decide: ({ loopState }, at) => stopState(loopState, at, by()),
    }),
};
