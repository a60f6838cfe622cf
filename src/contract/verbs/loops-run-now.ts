import { TendError } from '../../model/error.js';
import { loopRunId } from '../../model/loop.js';
import { attemptDeps } from '../../runs/attempt-deps.js';
import { type RunNow, runNow } from '../../runs/run-now.js';
import { requireLoop, type SoundLoop } from '../../store/loops.js';
import { runOfFiles } from '../loops/read-run.js';
import { runDeps } from '../loops/run-deps.js';
import type { Context, Verb } from '../verb.js';
import { block } from '../views/loop-runs.js';

/** Runs a loop at once and waits for it; works without a pulse. */
export const verb: Verb = {
  path: ['loops', 'run-now'],
  group: 'loops',
  about: 'Run a loop at once and wait for it',
  details:
    'When its planned time or a retry is due, that is what runs, and the loop moves on by it. Otherwise it is a run beside the ' +
    'schedule, which moves nothing and is never tried again. While another run of a loop that does not overlap is active, ' +
    'the run is recorded as skipped. What costs money is not started when the budget of the day is used up.',
  args: [{ name: 'loop', about: 'its id or name', required: true, complete: 'loops' }],
  rest: { kind: 'none' },
  flags: {
    'show-output': { type: 'boolean', about: 'show what it printed' },
    force: { type: 'boolean', about: 'run it beside one that is active, and beyond the budget of the day' },
    json: {
      type: 'boolean',
      alias: 'j',
      about: 'print the run, with `runNow`: its source, and whether it moves the loop',
    },
  },
  examples: [{ line: 'tend loops run-now nightly --show-output', about: 'try a loop out' }],
  exits: { 1: 'it did not succeed, or could not be claimed', 130: 'ended by Ctrl-C', 143: 'ended by TERM' },
  exitStyle: 'loops',
  human: true,
  async run({ args, flags }, context) {
    const entry = requireLoop(context.disk, args['loop'] ?? '', { verb: 'run', changes: true });
    if (entry.state !== 'ok')
      throw new TendError('refused', `Cannot run "${entry.name ?? entry.id}": ${entry.reason}`, { code: 'invalid' });
    const force = flags['force'] === true;
    const deps = attemptDeps({ ...runDeps(context), mayOverspend: force }, 'manual');
    const ran = await runNow(deps, entry, { force, signal: context.signal });
    if (context.signal.aborted)
      throw new TendError('aborted', `Cannot finish the run of "${entry.spec.name}": it was cancelled`, {
        code: 'aborted',
      });
    return answer(context, entry, ran, flags['show-output'] === true);
  },
};

function answer(context: Context, { id, spec }: SoundLoop, ran: RunNow, output: boolean) {
  if (ran.state === 'not-claimed')
    throw new TendError('refused', `Cannot run "${spec.name}": ${ran.why}`, {
      code: 'conflict',
      hint: ran.hint ?? `tend loops runs ${id}`,
    });
  const { ref, source, advancesLoop, end } = ran;
  const run = runOfFiles(
    context.disk,
    { loopId: id, loopName: spec.name, id: loopRunId(id, ref.slot), slot: ref.slot },
    { output },
  ) ?? { id: loopRunId(id, ref.slot), status: end.state === 'finished' ? end.result.status : end.state };
  const status = String(run['status']);
  const head = `${String(run['id'])} ${status} source=${source} slot=${new Date(ref.slot).toISOString()}`;
  // stdout is what scripts read; a person wants to know why, and how to see more.
  if (status !== 'succeeded' && typeof run['error'] === 'string')
    context.warn(`${run['error']}${output ? '' : `; what it printed: tend runs ${String(run['id'])} --show-output`}`);
  const lines = output ? [head, ...block('stdout', run['stdout']), ...block('stderr', run['stderr'])] : [head];
  return {
    text: lines.join('\n'),
    json: { ...run, runNow: { source, advancesLoop } },
    exit: status === 'succeeded' ? 0 : 1,
  };
}
