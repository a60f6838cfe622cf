/** What was spent, summed from the ledgers of days in every direction that people ask about. Pure: rows in, report out. */
import type { Knobs } from '../../model/knobs.js';
import type { DaySpend, RunSpend, SpendRow } from '../../model/spend.js';
import { daySpend, runSpends } from '../../policy/budget.js';

/** A sum of runs. `usd` is `metered_usd` + `estimated_usd`; all are dollars, `tokens` are input and output together. */
export interface SpendSum {
  usd: number;
  /** What runners reported. */
  metered_usd: number;
  /** What runs count that reported no cost, by the estimate of the config. */
  estimated_usd: number;
  tokens: number;
  runs: number;
  /** Of `runs`: reserved and not settled, because they are under way or somebody died in them. */
  open: number;
}

export interface DayTotal extends SpendSum {
  day: string;
  /** Lines of the ledger that are no rows and were not counted. */
  damaged_lines: number;
}

export interface NamedSum extends SpendSum {
  name: string;
}

/** What counts against a limit of its own, and what is left of it, never below 0. */
export interface ScopeLimit {
  /** `day`: of a goal, today and with what the human raised for today. `life`: of a worker, from its start to its end. */
  per: 'day' | 'life';
  limit_usd: number;
  spent_usd: number;
  left_usd: number;
}

/** null: it has no limit of its own, or none that can be read. */
export interface LimitedSum extends NamedSum {
  limit: ScopeLimit | null;
}

/** The limits of goals and workers by their names, as they are now. */
export interface ScopeLimits {
  goals: ReadonlyMap<string, ScopeLimit>;
  workers: ReadonlyMap<string, ScopeLimit>;
}

/** The finest grain: one row per day, kind, runner, goal, worker, loop and workflow. An absent goal or worker is null: nobody said. */
export interface SpendGrain extends SpendSum {
  day: string;
  kind: string;
  runner: string;
  goal: string | null;
  worker: string | null;
  /** Ids. */
  loop: string | null;
  workflow: string | null;
}

/** A timed loop or a workflow, which may share its name with others. */
export interface IdentifiedSum extends NamedSum {
  id: string;
}

/** null: no such limit, or it is not known. What is left is never below 0. */
export interface TodayLimits {
  day: string;
  usd: number;
  limit_usd: number | null;
  left_usd: number | null;
  tokens: number;
  limit_tokens: number | null;
  left_tokens: number | null;
  /** How much of the limits is the human's raise for today. */
  raised_usd: number;
  raised_tokens: number;
}

export interface SpendReport {
  since: string;
  until: string;
  total: SpendSum;
  days: DayTotal[];
  kinds: NamedSum[];
  runners: NamedSum[];
  /** Also those that have a limit and have spent nothing in these days. */
  goals: LimitedSum[];
  workers: LimitedSum[];
  loops: IdentifiedSum[];
  workflows: IdentifiedSum[];
  rows: SpendGrain[];
  today: TodayLimits;
  damaged_lines: number;
}

export interface DayLedger {
  day: string;
  rows: readonly SpendRow[];
  torn: number;
}

/** `ledgers` has every day of the range in order, the last one is today. Without `knobs` the limits are not known. */
export function spendReport(
  ledgers: readonly DayLedger[],
  knobs: Pick<Knobs, 'dayUsd' | 'dayTokens'> | undefined,
  limits: ScopeLimits = { goals: new Map(), workers: new Map() },
): SpendReport {
  const days = ledgers.map(({ day, rows, torn }) => ({ day, torn, runs: runSpends(rows) }));
  const all = days.flatMap(({ runs }) => runs);
  const last = ledgers[ledgers.length - 1]!;
  return {
    since: ledgers[0]!.day,
    until: last.day,
    total: sumOf(all),
    days: days.map(({ day, torn, runs }) => ({ day, ...sumOf(runs), damaged_lines: torn })),
    kinds: byName(all, (run) => run.job),
    runners: byName(all, (run) => run.runner ?? UNKNOWN),
    goals: limited(
      byName(all, (run) => run.goal),
      limits.goals,
    ),
    workers: limited(
      byName(all, (run) => run.worker),
      limits.workers,
    ),
    loops: byId(all, (run) => [run.loop, run.loop_name]),
    workflows: byId(all, (run) => [run.workflow, run.workflow_name]),
    rows: days.flatMap(({ day, runs }) => grains(day, runs)),
    today: todayOf(last.day, daySpend(last.rows), knobs),
    damaged_lines: ledgers.reduce((total, { torn }) => total + torn, 0),
  };
}

const UNKNOWN = 'unknown';

function sumOf(runs: readonly RunSpend[]): SpendSum {
  const usd = (some: readonly RunSpend[]) => rounded(some.reduce((total, run) => total + run.usd, 0));
  const metered = runs.filter((run) => run.metered);
  return {
    usd: usd(runs),
    metered_usd: usd(metered),
    estimated_usd: usd(runs.filter((run) => !run.metered)),
    tokens: runs.reduce((total, run) => total + run.tokens, 0),
    runs: runs.length,
    open: runs.filter((run) => run.open).length,
  };
}

/** Sums of many small dollars carry noise in their last digits, which says nothing: a millionth of a cent is kept. */
const rounded = (usd: number): number => Math.round(usd * 1e8) / 1e8;

/** Groups with a name, the dearest first. */
function byName(runs: readonly RunSpend[], nameOf: (run: RunSpend) => string | undefined): NamedSum[] {
  return [...grouped(runs, nameOf)].map(([name, some]) => ({ name, ...sumOf(some) })).sort(dearestFirst);
}

/** The name is the one that it had last. */
function byId(
  runs: readonly RunSpend[],
  of: (run: RunSpend) => [id: string | undefined, name: string | undefined],
): IdentifiedSum[] {
  return [...grouped(runs, (run) => of(run)[0])]
    .map(([id, some]) => ({ id, name: some.map((run) => of(run)[1]).findLast(Boolean) ?? id, ...sumOf(some) }))
    .sort(dearestFirst);
}

const dearestFirst = (a: NamedSum, b: NamedSum): number => b.usd - a.usd || (a.name < b.name ? -1 : 1);

function limited(sums: readonly NamedSum[], limits: ReadonlyMap<string, ScopeLimit>): LimitedSum[] {
  const spent = new Set(sums.map(({ name }) => name));
  const unspent = [...limits.keys()].filter((name) => !spent.has(name)).map((name) => ({ name, ...sumOf([]) }));
  return [...sums, ...unspent].sort(dearestFirst).map((sum) => ({ ...sum, limit: limits.get(sum.name) ?? null }));
}

/** `spentUsd` of `limitUsd`, in the numbers of a report. */
export const scopeLimit = (per: ScopeLimit['per'], spentUsd: number, limitUsd: number): ScopeLimit => ({
  per,
  limit_usd: rounded(limitUsd),
  spent_usd: rounded(spentUsd),
  left_usd: rounded(Math.max(0, limitUsd - spentUsd)),
});

function grouped(runs: readonly RunSpend[], nameOf: (run: RunSpend) => string | undefined): Map<string, RunSpend[]> {
  const groups = new Map<string, RunSpend[]>();
  for (const run of runs) {
    const name = nameOf(run);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(run);
    else groups.set(name, [run]);
  }
  return groups;
}

function grains(day: string, runs: readonly RunSpend[]): SpendGrain[] {
  const key = (run: RunSpend) =>
    JSON.stringify([
      run.job,
      run.runner ?? UNKNOWN,
      ...[run.goal, run.worker, run.loop, run.workflow].map((of) => of ?? null),
    ]);
  return [...grouped(runs, key)].map(([name, some]) => {
    const [kind, runner, goal, worker, loop, workflow] = JSON.parse(name) as Grain;
    return { day, kind, runner, goal, worker, loop, workflow, ...sumOf(some) };
  });
}

type Grain = [kind: string, runner: string, ...of: [string | null, string | null, string | null, string | null]];

function todayOf(day: string, spend: DaySpend, knobs: Pick<Knobs, 'dayUsd' | 'dayTokens'> | undefined): TodayLimits {
  const limit = (of: number | undefined, raised: number) => (of !== undefined && of > 0 ? rounded(of + raised) : null);
  const left = (of: number | null, spent: number) => (of === null ? null : rounded(Math.max(0, of - spent)));
  const limitUsd = limit(knobs?.dayUsd, spend.raisedUsd);
  const limitTokens = limit(knobs?.dayTokens, spend.raisedTokens);
  return {
    day,
    usd: rounded(spend.usd),
    limit_usd: limitUsd,
    left_usd: left(limitUsd, spend.usd),
    tokens: spend.tokens,
    limit_tokens: limitTokens,
    left_tokens: left(limitTokens, spend.tokens),
    raised_usd: spend.raisedUsd,
    raised_tokens: spend.raisedTokens,
  };
}
