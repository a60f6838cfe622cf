import { parseIsoDate } from '../../lib/iso-date.js';
import { badInput, TendError } from '../../model/error.js';
import { loopRunId } from '../../model/loop.js';
import { attemptDeps } from '../../runs/attempt-deps.js';
import { requireMoney, spendsMoney } from '../../runs/await-money.js';
import { backfill, planBackfill } from '../../runs/backfill.js';
import { requireLoop, type SoundLoop } from '../../store/loops.js';
import { runOfFiles } from '../loops/read-run.js';
import { runDeps } from '../loops/run-deps.js';
import type { Context, Verb, VerbInput } from '../verb.js';

/** As many as a catch-up makes up for at most, unless the user says another number. */
const LIMIT = 50;

/** Runs planned times of the past that nobody ran; works without a pulse. */
export const verb: Verb = {
  path: ['loops', 'backfill'],
  group: 'loops',
  about: 'Run planned times of the past that were never run',
  details:
    'Oldest first, one after another. The next planned time stays what it is, and none of these runs is tried again. ' +
    'Planned times that were folded away are over.',
  args: [{ name: 'loop', about: 'its id or name', required: true, complete: 'loops' }],
  rest: { kind: 'none' },
  flags: {
    from: { type: 'string', value: 'TIME', about: 'from this ISO time on' },
    to: { type: 'string', value: 'TIME', about: 'to this ISO time' },
    limit: { type: 'count', value: 'N', about: `at most so many, ${LIMIT} unless given` },
    'dry-run': { type: 'boolean', about: 'only say what would run' },
    reprocess: { type: 'string', choices: ['none', 'failed'], about: 'failed: also those that failed, once more' },
    json: { type: 'boolean', alias: 'j', about: 'print the planned times (with --dry-run), or the runs' },
  },
  examples: [{ line: 'tend loops backfill nightly --from 2026-11-01 --to 2026-11-08 --dry-run', about: 'look first' }],
  exits: { 130: 'ended by Ctrl-C', 143: 'ended by TERM' },
  exitStyle: 'loops',
  human: true,
  async run({ args, flags }, context) {
    const word = args['loop'] ?? '';
    const what = `backfill ${JSON.stringify(word)}`;
    const [from, to] = [dateOf(flags, 'from', what), dateOf(flags, 'to', what)];
    const entry = requireLoop(context.disk, word, { verb: 'backfill', changes: true });
    if (entry.state !== 'ok') throw new TendError('refused', `Cannot ${what}: ${entry.reason}`, { code: 'invalid' });
    const deps = attemptDeps(runDeps(context), 'manual');
    const limit = typeof flags['limit'] === 'number' ? flags['limit'] : LIMIT;
    const reprocess = flags['reprocess'] === 'failed' ? 'failed' : 'none';
    const jobs = planBackfill(deps, entry, { from, to, limit, reprocess });
    if (!jobs)
      throw new TendError('refused', `Cannot ${what}: only a loop that is active and has planned times can be`, {
        code: 'conflict',
        hint: `tend loops show ${entry.id}`,
      });
    const slots = jobs.map(({ slot }) => new Date(slot).toISOString());
    if (flags['dry-run'] === true) return { text: slots.join('\n') || 'nothing to run', json: slots };
    if (jobs.length > 0 && (await spendsMoney(context.disk, entry.spec))) requireMoney(deps, what);
    const ran = await backfill(deps, jobs, context.signal);
    if (context.signal.aborted)
      throw new TendError('aborted', `Cannot finish to ${what}: what ran was cancelled`, { code: 'aborted' });
    const runs = ran.map(({ slot }) => told(context, entry, slot));
    return { text: runs.map((run) => `${run['id']} ${run['status']}`).join('\n') || 'nothing to run', json: runs };
  },
};

function dateOf(flags: VerbInput['flags'], name: 'from' | 'to', what: string): number {
  const text = flags[name];
  const at = typeof text === 'string' ? parseIsoDate(text) : undefined;
  if (at !== undefined) return at;
  const found = text === undefined ? 'is missing' : `${JSON.stringify(text)} is no date`;
  throw badInput(
    `Cannot ${what}: --${name} ${found}, ISO 8601 such as 2026-11-21T07:42Z is wanted`,
    'tend help loops backfill',
  );
}

function told({ disk }: Context, { id, spec }: SoundLoop, slot: number): Record<string, unknown> {
  const run = { loopId: id, loopName: spec.name, id: loopRunId(id, slot), slot };
  return runOfFiles(disk, run, { output: false }) ?? { id: run.id, status: 'unknown' };
}
