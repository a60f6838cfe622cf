import { changed } from '../../runs/rules/change.js';
import { writeSpec } from '../../store/loops.js';
import { changeLoop, JSON_FLAG } from '../loops/change-loop.js';
import { by } from '../loops/create-loop.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'unarchive'],
  group: 'loops',
  about: 'Show an archived loop in the list again; it stays stopped',
  args: [{ name: 'loop', about: 'its id, or its name', required: true, complete: 'loops' }],
  flags: JSON_FLAG,
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops unarchive backup', about: 'then "tend loops resume backup"' }],
  run: async ({ args }, { disk }) =>
    changeLoop(disk, args['loop'] ?? '', {
      verb: 'unarchive',
      decide({ spec, loopState }, at) {
        if (spec.archived !== true) return { state: loopState };
        const { archived: _archived, ...shown } = spec;
        writeSpec(disk, shown);
        return { state: changed(loopState, at, { by: by(), cause: 'archive' }) };
      },
    }),
};
