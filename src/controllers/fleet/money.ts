/**
 * What a worker costs and whether it may go on. Level-triggered: its usage record says what it has used in its whole life, the ledger
 * of a day gets the part that is not in the ledgers of the days before. An unchanged worker writes nothing.
 */

import { ensureScopeAsk } from '../../decide/scope-ask.js';
import { daysBetween } from '../../model/day.js';
import { TendError } from '../../model/error.js';
import { isEnded } from '../../model/fleet.js';
import { type Instant, localDay } from '../../model/instant.js';
import type { Knobs } from '../../model/knobs.js';
import type { WorkerSpec } from '../../model/worker.js';
import { budget, daySpend, money, runSpends } from '../../policy/budget.js';
import {
  type GoalLimit,
  goalLimit,
  goalSpend,
  isSpent,
  type LifeCost,
  lifeCostOf,
  type ScopeAsk,
  workerAsk,
} from '../../policy/scope-budget.js';
import type { Disk } from '../../store/disk.js';
import { logEvent } from '../../store/events.js';
import { goalKey, readPolicy } from '../../store/policy.js';
import { type Reservation, readSpend, reserveSpend, settleSpend } from '../../store/spend.js';
import { isHeld, readWorkerUsage } from '../../store/worker-money.js';
import type { WorkerRecord } from '../../store/workers.js';
import type { FleetFacts } from './observe.js';
import type { FleetTerms } from './plan.js';

type Prices = Pick<Knobs, 'workerHourUsd' | 'dayUsd' | 'dayTokens'>;

/** Of its whole life. Throws when its usage record cannot be read. */
export function lifeCost(disk: Disk, record: WorkerRecord, knobs: Prices): LifeCost {
  const usage = readWorkerUsage(disk, record.id, record.status?.generation ?? '');
  // Nobody told, and it was not cancelled: its supervisor died early, and what was reserved for it stands.
  return lifeCostOf(usage, record.claim?.socket === '' ? 0 : 1, knobs);
}

const runOf = (generation: string): string => `worker-${generation}`;
/** Further back no worker reaches; a clock that was set may say so. */
const DAYS_MAX = 400;

/** Brings the ledger of the day up to what the worker has cost. Writes only what is not there yet. */
export function settleWorker(disk: Disk, record: WorkerRecord, cost: LifeCost, now: Instant): void {
  const { spec, status } = record;
  if (!status) return;
  const ended = isEnded(status);
  const day = localDay(ended && status.ended_ts !== undefined ? status.ended_ts * 1_000 : now);
  const run = runOf(status.generation);
  const began = localDay(Math.min(spec?.ts ?? status.started_ts, status.started_ts) * 1_000);
  const lived = daysBetween(began, day).slice(-DAYS_MAX);
  // A clock that was set may have it end before it began.
  const days = lived.length > 0 ? lived : [day];
  const [earlier, known] = knownOf(disk, run, days);
  const usd = Math.max(0, round(cost.usd - earlier.usd));
  const tokens = Math.max(0, cost.tokens - earlier.tokens);
  // At the price of its time: another price in the config changes nothing about what has ended.
  if (known && !known.open && known.metered === cost.metered && !cost.metered) return;
  if (known && known.usd === usd && known.tokens === tokens && known.metered === cost.metered && known.open !== ended)
    return;
  if (!known && usd === 0 && tokens === 0) return;
  const of = reservationOf(disk, record, { day, estimateUsd: usd });
  const told = { ...(cost.metered ? { usd } : {}), input_tokens: tokens };
  if (ended) settleSpend(disk, of, told, now);
  else reserveSpend(disk, { ...of, tokens, metered: cost.metered }, now);
}

/** Sum of the run's rows in all days but the last, and its row in the last. */
function knownOf(disk: Disk, run: string, days: readonly string[]) {
  const rows = days.map((day) => runSpends(readSpend(disk, day).rows).find((one) => one.run === run));
  const last = rows.pop();
  const sum = (field: 'usd' | 'tokens') => rows.reduce((total, row) => total + (row?.[field] ?? 0), 0);
  return [{ usd: sum('usd'), tokens: sum('tokens') }, last] as const;
}

const round = (usd: number): number => Math.round(usd * 1e8) / 1e8;

function reservationOf(disk: Disk, record: WorkerRecord, of: { day: string; estimateUsd: number }): Reservation {
  const { id } = record;
  const hasGoal = readPolicy(disk, goalKey(id)).state === 'present';
  const generation = record.spec?.generation ?? record.status?.generation ?? '';
  return {
    ...of,
    run: runOf(generation),
    runner: 'worker',
    job: 'worker',
    worker: id,
    ...(hasGoal ? { goal: id } : {}),
  };
}

/** Counts the first hour before there is a process. A launch that is repeated reserves nothing more. */
export function reserveWorker(disk: Disk, record: WorkerRecord, knobs: Prices, now: Instant): void {
  const day = localDay(now);
  const run = runOf(record.spec?.generation ?? '');
  if (readSpend(disk, day).rows.some((row) => row.run === run)) return;
  reserveSpend(disk, reservationOf(disk, record, { day, estimateUsd: knobs.workerHourUsd }), now);
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
  if (spec.budget_usd !== undefined && isSpent(cost.usd, spec.budget_usd)) {
    const why = `its budget is used up: ${money(cost.usd)} of ${money(spec.budget_usd)}${cost.metered ? '' : ' by estimate'}`;
    const { usd, metered } = cost;
    return { why, ask: workerAsk({ id, generation: spec.generation, usd, limitUsd: spec.budget_usd, metered }) };
  }
  const limit = await limitOf(disk, id);
  if (limit.state !== 'limit') return undefined;
  const { usd, raisedUsd } = goalSpend(readSpend(disk, localDay(now)).rows, id);
  return isSpent(usd, limit.usd + raisedUsd) ? { why: `the budget of goal "${id}" is used up for today` } : undefined;
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
