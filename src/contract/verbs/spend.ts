import { now } from '../../host/clock.js';
import { terminalColumns } from '../../host/own-terminal.js';
import { parseDuration } from '../../lib/duration.js';
import { addDays, dayBack, daysBetween, isDay } from '../../model/day.js';
import { badInput, messageOf } from '../../model/error.js';
import { type Instant, localDay } from '../../model/instant.js';
import { type Knobs, resolveKnobs } from '../../model/knobs.js';
import { loadConfig } from '../../store/config.js';
import { readSpend } from '../../store/spend.js';
import { scopeLimits } from '../scope-limits.js';
import type { Context, Verb } from '../verb.js';
import { spendReport } from '../views/spend.js';
import { renderSpend, renderSpendBy, SPEND_BY } from '../views/spend-text.js';

const SINCE = '7d';
/** Ten years of days: further back is a typing error. */
const DAYS_MAX = 3_660;

/** Reads only. A ledger that is not there is a day without spending; one that cannot be read ends it, for a sum would be a guess. */
export const verb: Verb = {
  path: ['spend'],
  group: 'see',
  about:
    'Show what was spent: by day, kind of run, runner, goal, worker, timed loop and workflow, and what is left today',
  details:
    'Dollars that a runner reported and dollars that are counted by estimate stand apart. A run under way counts its estimate until it has ' +
    'ended ("open"); so does, for good, one that somebody died in. The limits are those of the config and of this environment. ' +
    'Beside a goal stands its limit for a day (budget_usd in its file) and what is left of it today, beside a worker the limit of its whole life; ' +
    'what it spent before the days that are shown counts against that as well.',
  flags: {
    since: {
      type: 'string',
      value: 'D',
      about: 'first day: a date like 2026-11-01, or back from now like 7d (1d is today)',
      default: SINCE,
    },
    by: {
      type: 'string',
      value: 'WHAT',
      choices: SPEND_BY,
      about: 'one chart alone: which day, kind of run, runner, goal, worker, timed loop or workflow it went to',
    },
    json: {
      type: 'boolean',
      about:
        'print {since, until, total, days, kinds, runners, goals, workers, loops, workflows, rows, today, damaged_lines}; dollars and tokens are numbers; ' +
        'goals and workers have limit: {per, limit_usd, spent_usd, left_usd} or null; loops and workflows have id',
    },
  },
  examples: [
    { line: 'tend spend --since 1d', about: 'today alone' },
    { line: 'tend spend --by loop', about: 'which timed loops cost what, as a chart' },
    { line: 'tend spend --json', about: 'for scripts: today.left_usd, null where there is no limit' },
  ],
  exits: { 3: 'a ledger cannot be read' },
  async run({ flags }, context) {
    const at = now();
    const days = daysBetween(firstDay(String(flags['since'] ?? SINCE), at), localDay(at));
    const ledgers = days.map((day) => ({ day, ...readSpend(context.disk, day) }));
    const knobs = limits(context);
    const own = await scopeLimits(context, ledgers.at(-1)?.rows ?? [], knobs);
    const report = spendReport(ledgers, knobs, own);
    const by = SPEND_BY.find((one) => one === flags['by']);
    const width = terminalColumns();
    return { text: by ? renderSpendBy({ by, report }, width) : renderSpend(report, width), json: report };
  },
};

function firstDay(since: string, at: Instant): string {
  const seconds = parseDuration(since);
  const day = isDay(since) ? since : seconds === undefined ? undefined : dayBack(seconds, at);
  if (day === undefined)
    throw badInput(
      `Cannot show what was spent since ${JSON.stringify(since)}: a date like 2026-11-01 or a duration like 7d is wanted`,
      'tend spend --since 7d',
    );
  const today = localDay(at);
  if (day > today)
    throw badInput(
      `Cannot show what was spent since ${JSON.stringify(since)}: today is ${today}`,
      'tend spend --since 1d',
    );
  if (day < addDays(today, 1 - DAYS_MAX))
    throw badInput(
      `Cannot show what was spent since ${JSON.stringify(since)}: at most ${DAYS_MAX} days are shown`,
      `tend spend --since ${DAYS_MAX}d`,
    );
  return day;
}

/** A broken config must not hide what was spent. */
function limits({ profile, env, warn }: Context): Knobs | undefined {
  try {
    return resolveKnobs(env, loadConfig(profile.configPath).raw).knobs;
  } catch (error) {
    warn(`the limits are not known: ${messageOf(error)}`);
    return undefined;
  }
}
