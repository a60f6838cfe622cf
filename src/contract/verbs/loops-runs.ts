import { now } from '../../host/clock.js';
import { badInput, refused } from '../../model/error.js';
import { RUN_STATUSES } from '../../model/loop.js';
import type { Disk } from '../../store/disk.js';
import { findLoop } from '../../store/loops.js';
import { listRuns } from '../loops/list-runs.js';
import type { Verb } from '../verb.js';
import { runLines } from '../views/loop-runs.js';

const USUAL = 50;

export const verb: Verb = {
  path: ['loops', 'runs'],
  group: 'loops',
  about: 'List what the loops ran, the newest first: one run for each planned time',
  details:
    'What a run printed is told by its length unless --show-output is given; then each stream is cut to its last 32 KiB. With --json a run that was tried several ' +
    'times has each attempt in "attempts". Runs of a loop that was removed stay, under the name or id it had.',
  args: [{ name: 'loop', about: 'its id, or its name; all when left out', required: false, complete: 'loops' }],
  flags: {
    limit: { type: 'count', value: 'N', about: 'at most so many', default: String(USUAL) },
    status: { type: 'string', choices: RUN_STATUSES, about: 'only those that ended so, or are running' },
    'show-output': { type: 'boolean', about: 'with what they printed' },
    json: { type: 'boolean', alias: 'j', about: 'print an array of runs' },
  },
  exitStyle: 'loops',
  examples: [
    { line: 'tend loops runs backup --limit 5', about: 'the last five' },
    { line: 'tend loops runs --status failed --show-output', about: 'what went wrong' },
  ],
  async run({ args, flags }, { disk }) {
    const limit = Number(flags['limit']);
    if (limit < 1) throw badInput(`Cannot list the runs: --limit is ${limit}, at least 1 is wanted`);
    const output = flags['show-output'] === true;
    const { status } = flags;
    const at = now();
    const loopId = args['loop'] === undefined ? undefined : loopOf(disk, args['loop'], at);
    const runs = listRuns(disk, {
      ...(loopId === undefined ? {} : { loopId }),
      ...(typeof status === 'string' ? { status } : {}),
      limit,
      output,
      now: at,
    });
    return { text: runs.map((run) => runLines(run, { output })).join('\n'), json: runs };
  },
};

/** Of several loops of one name the newest; a name or id that no loop has any more is looked for in the ledger. */
function loopOf(disk: Disk, word: string, at: number): string {
  const [loop] = findLoop(disk, word);
  if (loop) return loop.id;
  if (listRuns(disk, { loopId: word, limit: 1, now: at, output: false }).length > 0) return word;
  throw refused('not-found', `Cannot list the runs of ${JSON.stringify(word)}: loop not found`, 'tend loops list');
}
