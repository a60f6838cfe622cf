/**
 * The asks at the limits of the day and of goals. Whatever waits for money asks the human once: a decision, a worker that shall
 * begin, a worker that is held.
 */
import { ensureBudgetAsk } from '../../decide/budget-ask.js';
import { ensureScopeAsk } from '../../decide/scope-ask.js';
import { type Instant, localDay } from '../../model/instant.js';
import { budget } from '../../policy/budget.js';
import { goalAsk, goalLimit, goalSpend, isSpent } from '../../policy/scope-budget.js';
import type { Beat } from './beat.js';
import type { Observed } from './observe.js';

/** `wanted`: this beat would decide, and is kept from it, by the budget of the day or anything else. Returns what is wrong with budgets of goals. */
export async function askAtLimits(
  { disk, at, settings: { knobs } }: Pick<Beat, 'disk' | 'at' | 'settings'>,
  observed: Pick<Observed, 'world' | 'spend' | 'spendRows' | 'fleet'>,
  wanted: boolean,
): Promise<string[]> {
  // One that has reserved its first hour has begun, or is about to.
  const begun = new Set(observed.spendRows.map((row) => row.run));
  const pending = observed.fleet.filter((view) => view.state === 'pending' && !begun.has(`worker-${view.generation}`));
  const waits = pending.map((view) => view.id);
  const forWorker = budget(observed.spend, { ...knobs, runEstimateUsd: knobs.workerHourUsd });
  if (wanted) await ensureBudgetAsk(disk, budget(observed.spend, knobs), observed.spend, at);
  else if (waits.length > 0) await ensureBudgetAsk(disk, forWorker, observed.spend, at);
  const problems: string[] = [];
  for (const { id: goal, text } of observed.world.goals) {
    const limit = await goalLimit(text ?? '');
    if (limit.state === 'bad') problems.push(`goal "${goal}": ${limit.problem}; none of its workers begins`);
    if (limit.state !== 'limit') continue;
    const { usd, raisedUsd } = goalSpend(observed.spendRows, goal);
    const limitUsd = limit.usd + raisedUsd;
    if (isSpent(usd, limitUsd) || (waits.includes(goal) && isSpent(usd, limitUsd, knobs.workerHourUsd)))
      await askGoal(disk, { goal, usd, limitUsd, baseUsd: limit.usd }, at);
  }
  return problems;
}

const askGoal = (disk: Beat['disk'], of: Omit<Parameters<typeof goalAsk>[0], 'day'>, at: Instant): Promise<unknown> =>
  ensureScopeAsk(disk, goalAsk({ ...of, day: localDay(at) }), at);
