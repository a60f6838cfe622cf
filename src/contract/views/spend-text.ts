/** The spend report as text: a chart of days, tables, and what is left. Pure: the width is a value; plain characters only. */
import { clip, flat } from '../../lib/clip.js';
import { money } from '../../policy/budget.js';
import type { DayTotal, IdentifiedSum, LimitedSum, NamedSum, SpendReport, TodayLimits } from './spend.js';

/** Days that are drawn; earlier ones are summed in one line. A month fits on a screen. */
const CHART_DAYS = 31;
/** Below this a bar says nothing. */
const BAR_MIN = 8;
/** Rows of a table; the rest is summed. */
const TABLE_ROWS = 20;
const METERED = '#';
const ESTIMATED = '~';

/** No line is longer than `width` characters, however long a name is. */
export function renderSpend(report: SpendReport, width: number): string {
  const { damaged_lines: damaged } = report;
  const sections = [
    chart(report.days, width),
    ...table('KIND', report.kinds),
    ...table('RUNNER', report.runners),
    ...table('GOAL', report.goals, 'A DAY'),
    ...table('WORKER', report.workers, 'LIMIT'),
    ...table('LOOP', told(report.loops)),
    ...table('WORKFLOW', told(report.workflows)),
    todayLines(report.today),
    damaged === 0
      ? []
      : [
          `${damaged} damaged ${damaged === 1 ? 'line' : 'lines'} in the ledgers ${damaged === 1 ? 'is' : 'are'} not counted`,
        ],
  ].filter((lines) => lines.length > 0);
  return sections.map((lines) => lines.map((line) => clip(line, width)).join('\n')).join('\n\n');
}

function chart(days: readonly DayTotal[], width: number): string[] {
  const earlier = days.slice(0, -CHART_DAYS);
  const before = `${earlier.length} days before: ${money(earlier.reduce((sum, day) => sum + day.usd, 0))}`;
  const shown = days.slice(-CHART_DAYS).map((day) => ({ ...day, name: day.day }));
  return [...(earlier.length === 0 ? [] : [before]), ...bars(shown, width)];
}

/** One question alone: a bar for each that spent. `total` is what all runs came to, also those that belong to none. */
export function renderSpendBy({ by, report }: { by: SpendBy; report: SpendReport }, width: number): string {
  if (by === 'day') return chart(report.days, width).join('\n');
  const sums: readonly NamedSum[] = told(report[SUMS[by]]);
  const shown = sums.slice(0, CHART_DAYS);
  const own = sums.reduce((sum, { usd }) => sum + usd, 0);
  const rest = report.total.usd - own;
  const lines = [
    ...(shown.length === 0 ? [`no ${by} has spent anything since ${report.since}`] : bars(shown, width)),
    ...(sums.length > shown.length ? [`and ${sums.length - shown.length} more, see --json`] : []),
    ...(rest > ROUNDING_USD ? [`${money(rest)} was spent for no ${by}`] : []),
  ];
  return lines.map((line) => clip(line, width)).join('\n');
}

/** Names need not be unique: those that several have are told with their ids. */
function told(sums: readonly (NamedSum | IdentifiedSum)[]): readonly NamedSum[] {
  const names = sums.map(({ name }) => name);
  const isShared = (name: string) => names.indexOf(name) !== names.lastIndexOf(name);
  return sums.map((sum) => ('id' in sum && isShared(sum.name) ? { ...sum, name: `${sum.name} (${sum.id})` } : sum));
}

export const SPEND_BY = ['day', 'kind', 'runner', 'goal', 'worker', 'loop', 'workflow'] as const;
export type SpendBy = (typeof SPEND_BY)[number];
const SUMS = {
  kind: 'kinds',
  runner: 'runners',
  goal: 'goals',
  worker: 'workers',
  loop: 'loops',
  workflow: 'workflows',
} as const;
/** Less than money is shown with. */
const ROUNDING_USD = 0.005;
/** Names beyond this are cut: the bar is what is looked at. */
const NAME_CHARS = 40;

function bars(sums: readonly NamedSum[], width: number): string[] {
  const most = Math.max(0, ...sums.map(({ usd }) => usd));
  const names = sums.map(({ name }) => clip(flat(name), NAME_CHARS));
  const amounts = sums.map(({ usd }) => money(usd));
  const [first, second] = [names, amounts].map((texts) => Math.max(...texts.map((text) => text.length))) as [
    number,
    number,
  ];
  const room = Math.max(BAR_MIN, width - first - second - 4);
  const lines = sums.map((sum, at) =>
    `${names[at]!.padEnd(first)}  ${amounts[at]!.padStart(second)}  ${bar(sum, most, room)}`.trimEnd(),
  );
  const isMixed = sums.some(({ estimated_usd: estimated }) => estimated > 0);
  return [...lines, ...(isMixed ? [`${METERED} as the runners reported, ${ESTIMATED} by estimate`] : [])];
}

/** Reported dollars first, then estimated ones. Whatever was spent has at least one character. */
function bar(sum: NamedSum, most: number, room: number): string {
  if (sum.usd <= 0) return '';
  const length = Math.max(1, Math.round((sum.usd / most) * room));
  const solid = Math.min(length, Math.round((sum.metered_usd / sum.usd) * length));
  return METERED.repeat(solid) + ESTIMATED.repeat(length - solid);
}

const HEAD = ['SPENT', 'REPORTED', 'ESTIMATED', 'TOKENS', 'RUNS'];

/**
 * Numbers stand before the name, so that a long name is what is clipped. `limitTitle`: heads the limits of the rows; nothing of
 * limits is shown where no row has one.
 */
function table(title: string, sums: readonly (NamedSum | LimitedSum)[], limitTitle?: string): string[][] {
  if (sums.length === 0) return [];
  const shown = sums.slice(0, TABLE_ROWS);
  const hasLimits = limitTitle !== undefined && shown.some((sum) => limitOf(sum) !== null);
  const rows = shown.map((sum) => ({
    name: flat(sum.name),
    cells: [
      money(sum.usd),
      money(sum.metered_usd),
      money(sum.estimated_usd),
      String(sum.tokens),
      sum.open === 0 ? String(sum.runs) : `${sum.runs} (${sum.open} open)`,
      ...(hasLimits ? limitCells(sum) : []),
    ],
  }));
  const head = hasLimits ? [...HEAD, limitTitle, 'LEFT'] : HEAD;
  const all = [{ name: title, cells: head }, ...rows];
  const widths = head.map((_, at) => Math.max(...all.map((row) => row.cells[at]!.length)));
  const lines = all.map(
    ({ name, cells }) => `${cells.map((cell, at) => cell.padStart(widths[at]!)).join('  ')}  ${name}`,
  );
  const more = sums.length - rows.length;
  return [more === 0 ? lines : [...lines, `and ${more} more, see --json`]];
}

const limitOf = (sum: NamedSum | LimitedSum) => ('limit' in sum ? sum.limit : null);

function limitCells(sum: NamedSum | LimitedSum): [limit: string, left: string] {
  const limit = limitOf(sum);
  return limit ? [money(limit.limit_usd), money(limit.left_usd)] : ['-', '-'];
}

function todayLines(today: TodayLimits): string[] {
  const raised = (text: string, by: number) => (by > 0 ? `, ${text} of it raised for today` : '');
  return [
    today.limit_usd === null
      ? `today: ${money(today.usd)} spent, no limit in dollars`
      : `today: ${money(today.usd)} of ${money(today.limit_usd)} spent${raised(money(today.raised_usd), today.raised_usd)}, ${money(today.left_usd ?? 0)} left`,
    ...(today.limit_tokens === null
      ? []
      : [
          `today: ${today.tokens} of ${today.limit_tokens} tokens spent${raised(String(today.raised_tokens), today.raised_tokens)}, ${today.left_tokens} left`,
        ]),
  ];
}
