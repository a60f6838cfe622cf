import { now } from '../../host/clock.js';
import { parseDuration } from '../../lib/duration.js';
import { parseIsoDate } from '../../lib/iso-date.js';
import { badInput, refused } from '../../model/error.js';
import type { Instant } from '../../model/instant.js';
import { RUN_KINDS } from '../../model/run.js';
import type { RunFilter } from '../../store/run-index.js';
import type { Context, Verb, VerbInput, VerbResult } from '../verb.js';

const LIMIT = 50;
/** More rows than anybody reads; for all of them there are the files. */
const LIMIT_MAX = 100_000;

/** Reads only, but for the index of a closed day, which it makes when there is none. */
export const verb: Verb = {
  path: ['runs'],
  group: 'see',
  about: 'List the runs of every kind, newest first, or show one whole',
  details:
    'Everything that was ever run is in one ledger: beats, commands, workers and their verifies, timed loops, workflows, their steps, and objectives. A worker ' +
    'that was resumed, or started anew, has a row for each of its lives. What is under way stands on top. With an id the run is shown with all its attempts and its files; prompts are named and never printed. All filters that are given must hold.',
  args: [{ name: 'id', about: 'id of one run', required: false }],
  flags: {
    kind: { type: 'string', value: 'KIND', choices: RUN_KINDS, about: 'only runs of this kind' },
    loop: { type: 'string', value: 'LOOP', about: 'only those of this timed loop, by id or name', complete: 'loops' },
    workflow: { type: 'string', value: 'ID', about: 'only those of this workflow, or of this run of one' },
    goal: { type: 'string', value: 'GOAL', about: 'only those for this goal', complete: 'goals' },
    status: { type: 'string', value: 'STATUS', about: 'only those that ended so, or are so: running, failed, …' },
    since: {
      type: 'string',
      value: 'D',
      about: 'only those that began then or later: a date, or back from now like 2h',
    },
    until: { type: 'string', value: 'D', about: 'only those that began then or earlier' },
    text: { type: 'string', value: 'TEXT', about: 'only those with this in id, name, goal, summary or error' },
    limit: { type: 'count', alias: 'n', value: 'N', about: 'how many', default: String(LIMIT) },
    follow: { type: 'boolean', alias: 'f', about: 'go on with what begins and ends, until Ctrl-C' },
    'show-output': { type: 'boolean', about: 'with an id: also print what it printed, the last 32 KiB of each stream' },
    json: {
      type: 'boolean',
      about: 'print an array of rows; with an id {id, status, attempts, files, outputs}; with -f an object a line',
    },
  },
  examples: [
    { line: 'tend runs --status failed --since 1d', about: 'what went wrong since yesterday' },
    { line: 'tend runs --loop triage -n 5', about: 'the last five of a timed loop' },
    { line: 'tend runs --kind worker --goal web', about: 'the workers of a goal: how each ended, and what it cost' },
    { line: 'tend runs -f', about: 'what begins and ends from now on' },
  ],
  exits: { 1: 'there is no such run', 3: 'the ledger cannot be read' },
  run: (input, context) => {
    const id = input.args['id'];
    return id === undefined ? list(input, context) : show(id, input, context);
  },
};

async function show(id: string, { flags }: VerbInput, { disk }: Context): Promise<VerbResult> {
  const [{ outputsOf, wholeRun }, { renderRun, runJson }] = await Promise.all([
    import('../run-files.js'),
    import('../views/runs.js'),
  ]);
  const run = wholeRun(disk, id, now());
  if (!run)
    throw refused('no-run', `Cannot show run ${JSON.stringify(id)}: the ledger has none of that id`, 'tend runs');
  const outputs = flags['show-output'] === true ? outputsOf(disk, run.files) : undefined;
  const attempts = run.rows.map(runJson);
  return {
    text: renderRun(run, outputs),
    json: { id, status: attempts[0]?.status, attempts, files: run.files, ...(outputs ? { outputs } : {}) },
  };
}

async function list({ flags }: VerbInput, context: Context): Promise<VerbResult> {
  const [{ findRuns, isWantedBy }, { runJson, runLine }] = await Promise.all([
    import('../../store/run-index.js'),
    import('../views/runs.js'),
  ]);
  const at = now();
  const filter = filterOf(flags, at);
  const limit = Math.min(Number(flags['limit'] ?? LIMIT), LIMIT_MAX);
  const found = () => findRuns(context.disk, filter, { limit, now: now() });
  if (flags['follow'] === true) {
    const { followRuns } = await import('../follow-runs.js');
    const tell = (row: Parameters<typeof runLine>[0]) =>
      context.print(flags['json'] === true ? JSON.stringify(runJson(row)) : runLine(row));
    await followRuns(context, {
      first: () => found().rows.reverse().forEach(tell),
      isWanted: isWantedBy(filter),
      tell,
    });
    return { text: '', ownsStdout: true };
  }
  const { rows, damaged } = found();
  if (damaged > 0) context.warn(`${damaged} damaged ${damaged === 1 ? 'line' : 'lines'} of the ledger passed over`);
  const none = Object.keys(filter).length === 0 ? 'nothing has run yet' : 'no such run';
  return { text: rows.length === 0 ? none : rows.map(runLine).join('\n'), json: rows.map(runJson) };
}

function filterOf(flags: VerbInput['flags'], at: Instant): RunFilter {
  const filter: RunFilter = {};
  const kind = RUN_KINDS.find((one) => one === flags['kind']);
  if (kind) filter.kind = kind;
  for (const name of ['loop', 'workflow', 'goal', 'status', 'text'] as const)
    if (flags[name] !== undefined) filter[name] = String(flags[name]);
  for (const name of ['since', 'until'] as const)
    if (flags[name] !== undefined) filter[name] = instantOf(name, String(flags[name]), at);
  return filter;
}

function instantOf(name: string, text: string, at: Instant): Instant {
  const seconds = parseDuration(text);
  const found = seconds === undefined ? parseIsoDate(text) : at - seconds * 1_000;
  if (found === undefined)
    throw badInput(
      `Cannot list runs with --${name} ${JSON.stringify(text)}: a date like 2026-11-01, a time like 2026-11-01T07:42, or a duration like 2h is wanted`,
      `tend runs --${name} 1d`,
    );
  return found;
}
