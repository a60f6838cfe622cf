import { LOOP_STATUSES } from '../../model/loop.js';
import { type LoopEntry, readLoops } from '../../store/loops.js';
import type { Verb } from '../verb.js';
import { byStatusAndNext, loopLine, publicLoop } from '../views/loops.js';

/** Loops that one call shows (loops spec 3.3). */
const SHOWN = 200;

export const verb: Verb = {
  path: ['loops', 'list'],
  group: 'loops',
  about: 'List the timed loops: id, status, next time, name',
  details:
    'Ordered by status, then by what comes next; at most 200. A loop whose files cannot be read has the status "invalid" and says why; the others go on.',
  flags: {
    status: { type: 'string', choices: [...LOOP_STATUSES, 'invalid'], about: 'only those' },
    archived: { type: 'boolean', about: 'only those that were archived, which are left out otherwise' },
    json: { type: 'boolean', alias: 'j', about: 'print an array of loops' },
  },
  exitStyle: 'loops',
  examples: [{ line: 'tend loops list --status active', about: 'what is going to run' }],
  async run({ flags }, { disk, warn }) {
    const { status, archived } = flags;
    const all = readLoops(disk)
      .filter((entry) => isArchived(entry) === (archived === true))
      .filter((entry) => status === undefined || statusOf(entry) === status)
      .sort(byStatusAndNext);
    const shown = all.slice(0, SHOWN);
    if (all.length > shown.length) warn(`${all.length} loops, the first ${SHOWN} are shown; narrow it with --status`);
    return { text: shown.map(loopLine).join('\n'), json: shown.map(publicLoop) };
  },
};

const statusOf = (entry: LoopEntry): string => (entry.state === 'ok' ? entry.loopState.status : 'invalid');
const isArchived = (entry: LoopEntry): boolean => entry.state === 'ok' && entry.spec.archived === true;
