/**
 * Budgets below the day's: of a goal for a day (`budget_usd` in its front matter), of a worker for its whole life (`budget_usd` in
 * its spec). Pure. The ask's reference carries the limit that was hit, so that acting on one answer twice raises it once.
 */
import { clip } from '../lib/clip.js';
import { parseFrontMatter } from '../lib/front-matter.js';
import type { Knobs } from '../model/knobs.js';
import { LIMITS } from '../model/limits.js';
import type { SpendRow } from '../model/spend.js';
import type { WorkerUsage } from '../model/worker.js';
import { BUDGET_OPTIONS, money, runSpends } from './budget.js';

/** Sums of many small dollars miss by less than this. */
const ROUNDING_USD = 1e-9;

export type GoalLimit = { state: 'none' } | { state: 'limit'; usd: number } | { state: 'bad'; problem: string };

/** `budget_usd` in the front matter of a goal's text: dollars a local day. What is there and is no amount is `bad`, never "none". */
export async function goalLimit(text: string): Promise<GoalLimit> {
  if (!/^\ufeff?---/.test(text) || !/^\s*["']?budget_usd["']?\s*:/m.test(text)) return { state: 'none' };
  const parsed = await parseFrontMatter(text);
  if (parsed.problem !== undefined) return { state: 'bad', problem: parsed.problem };
  const value = parsed.value.data['budget_usd'];
  if (value === undefined) return { state: 'none' };
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return { state: 'limit', usd: value };
  return { state: 'bad', problem: `budget_usd: ${JSON.stringify(value)} is no amount of dollars, like 2.50` };
}

export interface ScopeSpend {
  usd: number;
  /** By how much the human raised the limit for today. */
  raisedUsd: number;
}

/** What the runs of a day that were for this goal count. */
export function goalSpend(rows: readonly SpendRow[], goal: string): ScopeSpend {
  const raises = new Map(
    rows.filter((row) => row.kind === 'raise' && row.goal === goal).map((row) => [row.run, row.usd]),
  );
  return {
    usd: runSpends(rows).reduce((sum, run) => (run.goal === goal ? sum + run.usd : sum), 0),
    raisedUsd: [...raises.values()].reduce((sum, usd) => sum + Math.max(0, usd), 0),
  };
}

export interface LifeCost {
  usd: number;
  tokens: number;
  /** False: no cost was reported, `usd` is the estimate for the hours it has run. */
  metered: boolean;
}

/** Of a worker's whole life. `hours`: what counts for one that has told nothing yet. */
export function lifeCostOf(
  usage: Pick<WorkerUsage, 'usd' | 'tokens' | 'hours'> | undefined,
  hours: number,
  { workerHourUsd }: Pick<Knobs, 'workerHourUsd'>,
): LifeCost {
  return {
    usd: usage?.usd ?? (usage?.hours ?? hours) * workerHourUsd,
    tokens: usage?.tokens ?? 0,
    metered: usage?.usd !== undefined,
  };
}

/** Whether nothing is left, or not enough for `nextUsd` more. */
export const isSpent = (usd: number, limitUsd: number, nextUsd = 0): boolean =>
  nextUsd > 0 ? usd + nextUsd > limitUsd + ROUNDING_USD : usd >= limitUsd - ROUNDING_USD;

export interface ScopeAsk {
  worker: 'budget';
  kind: 'escalation';
  urgency: 'high';
  prompt: string;
  options: string[];
  reference: string;
}

/** `limitUsd` with what was raised already; `baseUsd` as it stands in the goal. */
export function goalAsk(of: { goal: string; day: string; usd: number; limitUsd: number; baseUsd: number }): ScopeAsk {
  return {
    ...HEAD,
    reference: `goals/${of.goal}.md budget of ${of.day}: ${of.limitUsd} (${of.baseUsd})`,
    options: [...BUDGET_OPTIONS],
    prompt: [
      `The budget of goal "${of.goal}" for ${of.day} is used up: ${money(of.usd)} of ${money(of.limitUsd)} are spent. Its workers are held and none is started until you decide or until midnight.`,
      '',
      '- `raise for today`: doubles the limit of today, tomorrow it is as before; `raise for today 25` sets it to 25',
      `- \`raise for good\`: doubles \`budget_usd\` in goals/${of.goal}.md; \`raise for good 25\` sets it to 25`,
      '- `wait until midnight`: nothing changes',
    ].join('\n'),
  };
}

export function workerAsk(of: {
  id: string;
  generation: string;
  usd: number;
  limitUsd: number;
  metered: boolean;
}): ScopeAsk {
  const how = of.metered ? '' : ' It reports no cost: this is the estimate of the config for the hours it has run.';
  return {
    ...HEAD,
    reference: `workers/${of.id} budget of ${of.generation}: ${of.limitUsd}`,
    options: ['raise', 'stop it'],
    prompt: [
      `The budget of worker "${of.id}" is used up: ${money(of.usd)} of ${money(of.limitUsd)} are spent. It is held, in the middle of what it was at, until you decide.${how}`,
      '',
      '- `raise`: doubles its budget and lets it go on; `raise to 5` sets it to 5',
      '- `stop it`: ends it',
    ].join('\n'),
  };
}

const HEAD = { worker: 'budget', kind: 'escalation', urgency: 'high' } as const;

export type Scope =
  | { of: 'goal'; goal: string; day: string; limitUsd: number; baseUsd: number }
  | { of: 'worker'; id: string; generation: string; limitUsd: number };

/** What an ask of ours was about; undefined: another kind of ask. */
export function scopeOf(reference: string | undefined): Scope | undefined {
  const goal = /^goals\/(.+)\.md budget of (\d{4}-\d\d-\d\d): ([\d.e+-]+) \(([\d.e+-]+)\)$/.exec(reference ?? '');
  if (goal) return { of: 'goal', goal: goal[1]!, day: goal[2]!, limitUsd: Number(goal[3]), baseUsd: Number(goal[4]) };
  const worker = /^workers\/(.+) budget of ([0-9a-f]+): ([\d.e+-]+)$/.exec(reference ?? '');
  return worker ? { of: 'worker', id: worker[1]!, generation: worker[2]!, limitUsd: Number(worker[3]) } : undefined;
}

/** Undefined: neither was said, and it stays held. `toUsd`: the amount that the human named. */
export function readWorkerAnswer(text: string): { state: 'raise'; toUsd?: number } | { state: 'stop' } | undefined {
  const words = clip(text.trim().toLowerCase(), LIMITS.commandChars);
  if (/^stop\b/.test(words)) return { state: 'stop' };
  const raise = /^raise\b(?:\s+it)?(?:[\s:]+(?:to\s+)?\$?(\d{1,12}(?:\.\d{1,6})?))?/.exec(words);
  if (!raise) return undefined;
  const toUsd = Number(raise[1]);
  return raise[1] !== undefined && toUsd > 0 ? { state: 'raise', toUsd } : { state: 'raise' };
}

/** The goal's text with another `budget_usd`; undefined when its front matter has no such line of its own. */
export function withGoalLimit(text: string, usd: number): string | undefined {
  const head = /^\ufeff?---\r?\n[\s\S]*?\n---/.exec(text)?.[0];
  const changed = head?.replace(/^(["']?budget_usd["']?\s*:)[^\r\n]*/m, (_, key: string) => `${key} ${usd}`);
  return head === undefined || changed === head ? undefined : changed + text.slice(head.length);
}
