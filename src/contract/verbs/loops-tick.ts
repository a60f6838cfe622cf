import { TendError } from '../../model/error.js';
import { loopRunId } from '../../model/loop.js';
import { attemptDeps } from '../../runs/attempt-deps.js';
import { tickAll } from '../../runs/tick.js';
import type { AttemptRef } from '../../store/live.js';
import { nameOfLoop, readLoop } from '../../store/loops.js';
import { runOfFiles } from '../loops/read-run.js';
import { runDeps } from '../loops/run-deps.js';
import type { Context, Verb } from '../verb.js';
import { publicLoop } from '../views/loops.js';

/** Does once what the pulse does all the time: runs what is due, one after another, and waits. */
export const verb: Verb = {
  path: ['loops', 'tick'],
  group: 'loops',
  about: 'Run every loop that is due, one after another, and wait for them',
  details:
    'For machines on which no pulse runs. Beside one it does no harm: each planned time is claimed by one process. When the ' +
    'budget of the day is used up, what costs money stays due, and is named on stderr.',
  rest: { kind: 'none' },
  flags: {
    json: { type: 'boolean', alias: 'j', about: 'print what was claimed, completed, skipped, recovered, expired' },
  },
  examples: [{ line: 'tend loops tick', about: 'e.g. from cron' }],
  exits: { 130: 'ended by Ctrl-C', 143: 'ended by TERM' },
  exitStyle: 'loops',
  human: true,
  async run(_input, context) {
    const report = await tickAll(attemptDeps(runDeps(context), 'manual-tick'), context.signal);
    if (context.signal.aborted)
      throw new TendError('aborted', 'Cannot finish the tick: what ran was cancelled', { code: 'aborted' });
    const { completed, skipped, recovered } = report;
    const runs = (refs: readonly AttemptRef[]) => refs.map((ref) => publicRun(context, ref));
    return {
      text: `completed=${completed.length} skipped=${skipped.length} recovered=${recovered.length}`,
      json: {
        claimed: runs(report.claimed),
        completed: runs(completed),
        skipped: runs(skipped),
        recovered: runs(recovered),
        expired: report.expired.map((id) => {
          const entry = readLoop(context.disk, id);
          return entry ? publicLoop(entry) : { id };
        }),
      },
    };
  },
};

function publicRun({ disk }: Context, { loop, slot }: AttemptRef): Record<string, unknown> {
  const entry = readLoop(disk, loop);
  const run = { loopId: loop, loopName: (entry && nameOfLoop(entry)) ?? loop, id: loopRunId(loop, slot), slot };
  return runOfFiles(disk, run, { output: false }) ?? { id: run.id, loopId: loop };
}
