import { changed } from '../../runs/rules/change.js';
import { stopState } from '../../runs/rules/life.js';
import { writeSpec } from '../../store/loops.js';
import { changeLoop, JSON_FLAG } from '../loops/change-loop.js';
import { by } from '../loops/create-loop.js';
import type { Verb } from '../verb.js';

export const verb: Verb = {
  path: ['loops', 'archive'],
  group: 'loops',
  about: 'Stop a loop and leave it out of the list',
  details:
    'It stays where it is, with all its runs; "tend loops list --archived" shows it, and it cannot be resumed until "tend loops unarchive".',
  args: [{ name: 'loop', about: 'its id, or its name', required: true, complete: 'loops' }],
  flags: JSON_FLAG,
  exitStyle: 'loops',
  human: true,
  examples: [{ line: 'tend loops archive backup', about: 'prints the id and "stopped"' }],
  run: async ({ args }, { disk }) =>
    changeLoop(disk, args['loop'] ?? '', {
      verb: 'archive',
      decide({ spec, loopState }, at) {
        const stopped = loopState.status === 'expired' ? { state: loopState } : stopState(loopState, at, by());
        if (stopped.refusal) return stopped;
        if (spec.archived !== true) writeSpec(disk, { ...spec, archived: true });
        return { state: changed(stopped.state, at, { by: by(), cause: 'archive' }) };
      },
    }),
};
