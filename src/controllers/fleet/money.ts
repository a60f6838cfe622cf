/** Whether a worker may begin or go on, by what it costs. What it costs is settled on the way; an unchanged worker writes nothing. */

import { lifeCost, reservationOf, runOf, settleWorker, type WorkerPrices } from '../../act/worker-spend.js';
import { ensureScopeAsk } from '../../decide/scope-ask.js';
import { TendError } from '../../model/error.js';
import { isEnded } from '../../model/fleet.js';
import { type Instant, localDay } from '../../model/instant.js';
import type { Knobs } from '../../model/knobs.js';
import type { WorkerSpec } from '../../model/worker.js';
import { budget, daySpend, money } from '../../policy/budget.js';
import {
  type GoalLimit,
  goalLimit,
  goalSpend,
  isSpent,
  type LifeCost,
  type ScopeAsk,
  workerAsk,
} from '../../policy/scope-budget.js';
import type { Disk } from '../../store/disk.js';
import { logEvent } from '../../store/events.js';
import { goalKey, readPolicy } from '../../store/policy.js';
import { readSpend, reserveSpend } from '../../store/spend.js';
import { isHeld } from '../../store/worker-money.js';
import type { WorkerRecord } from '../../store/workers.js';
import type { FleetFacts } from './observe.js';
import type { FleetTerms } from './plan.js';

type Prices = WorkerPrices & Pick<Knobs, 'dayUsd' | 'dayTokens'>;

/** Counts the first hour before there is a process. A launch that is repeated reserves nothing more. `runner`: the CLI that it will run on. */
export function reserveWorker(
  disk: Disk,
  record: WorkerRecord,
  { workerHourUsd, runner }: WorkerPrices & { runner?: string | undefined },
  now: Instant,
): void {
  const day = localDay(now);
  const run = runOf(record.spec?.generation ?? '');
  if (readSpend(disk, day).rows.some((row) => row.run === run)) return;
  const of = { day, estimateUsd: workerHourUsd, ...(runner === undefined ? {} : { runner }) };
  reserveSpend(disk, reservationOf(disk, record, of), now);
}

/** Why no worker may begin now, or undefined. What cannot be read lets nothing begin. */
async function startBarred(
  disk: Disk,
  { id, generation }: WorkerSpec,
  knobs: Prices,
  now: Instant,
): Promise<string | undefined> {
  try {
    // What it has reserved for itself, in a launch that came to nothing, is no reason against it.
    const rows = readSpend(disk, localDay(now)).rows.filter((row) => row.run !== runOf(generation));
    const verdict = budget(daySpend(rows), { ...knobs, runEstimateUsd: knobs.workerHourUsd });
    if (verdict.state === 'limit') return `the budget of the day: ${verdict.reason}`;
    const read = await limitOf(disk, id);
    if (read.state === 'bad') return `the budget of goal "${id}" to be mended: ${read.problem}`;
    if (read.state === 'none') return undefined;
    const { usd, raisedUsd } = goalSpend(rows, id);
    return isSpent(usd, read.usd + raisedUsd, knobs.workerHourUsd) || isSpent(usd, read.usd + raisedUsd)
      ? `the budget of goal "${id}": ${money(usd)} of ${money(read.usd + raisedUsd)} are spent today`
      : undefined;
  } catch (error) {
    if (error instanceof TendError && error.code !== 'fenced') return error.message;
    throw error;
  }
}

async function limitOf(disk: Disk, goal: string): Promise<GoalLimit> {
  const read = readPolicy(disk, goalKey(goal));
  if (read.state === 'absent') return { state: 'none' };
  return read.state === 'present' ? goalLimit(read.text) : { state: 'bad', problem: read.reason };
}

export interface Over {
  why: string;
  /** Absent: somebody else asks about this limit. */
  ask?: ScopeAsk;
}

/** Why a running worker has to wait, or undefined when it may go on. */
export async function overBudget(
  disk: Disk,
  record: WorkerRecord,
  cost: LifeCost,
  now: Instant,
): Promise<Over | undefined> {
  const { id, spec } = record;
  if (!spec) return undefined;
  // Its budget is that of its whole work, however often that was cut.
  const usd = cost.usd + (spec.resume?.usd ?? 0);
  if (spec.budget_usd !== undefined && isSpent(usd, spec.budget_usd)) {
    const why = `its budget is used up: ${money(usd)} of ${money(spec.budget_usd)}${cost.metered ? '' : ' by estimate'}`;
    const { metered } = cost;
    return { why, ask: workerAsk({ id, generation: spec.generation, usd, limitUsd: spec.budget_usd, metered }) };
  }
  const limit = await limitOf(disk, id);
  if (limit.state !== 'limit') return undefined;
  const spent = goalSpend(readSpend(disk, localDay(now)).rows, id);
  return isSpent(spent.usd, limit.usd + spent.raisedUsd)
    ? { why: `the budget of goal "${id}" is used up for today` }
    : undefined;
}

export type MoneyFacts = Pick<FleetTerms, 'over' | 'held' | 'barred'>;

/**
 * Settles what it has cost and says whether it may begin or go on. An account that cannot be read or written delays no stop: it is
 * logged, and nothing begins until it can.
 */
export async function moneyFacts(
  disk: Disk,
  { record, life }: FleetFacts,
  knobs: Prices,
  now: Instant,
): Promise<MoneyFacts> {
  const { id, spec, status } = record;
  if (record.problem) return {};
  if (!status)
    return spec?.desired === 'running' && life === undefined
      ? { barred: await startBarred(disk, spec, knobs, now) }
      : {};
  const account = { disk, id, now };
  const cost = await carefully(account, () => lifeCost(disk, record, knobs));
  if (!cost) return {};
  await carefully(account, () => settleWorker(disk, record, cost, now));
  if (isEnded(status) || spec?.desired !== 'running') return {};
  const over = await carefully(account, async () => {
    const found = await overBudget(disk, record, cost, now);
    if (found?.ask) await ensureScopeAsk(disk, found.ask, now);
    return { over: found?.why, held: isHeld(disk, id, status.generation) };
  });
  return over ?? {};
}

/** What the work gives, or undefined when the disk refuses it, which is logged. */
async function carefully<T>(
  { disk, id, now }: { disk: Disk; id: string; now: Instant },
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TendError) || error.code === 'fenced') throw error;
    logEvent(disk, now, 'worker.unsettled', { id, error: error.message });
    return undefined;
  }
}
