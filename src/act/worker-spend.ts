/**
 * What a worker has cost, and the ledger brought up to it. Level-triggered: its usage record says what it has used in its whole life, the
 * ledger of a day gets the part that is not in the ledgers of the days before. What is in them already is not written again.
 */
import { daysBetween } from '../model/day.js';
import { isEnded } from '../model/fleet.js';
import { type Instant, localDay } from '../model/instant.js';
import type { Knobs } from '../model/knobs.js';
import { workerRunId } from '../model/worker-run.js';
import { runSpends } from '../policy/budget.js';
import { type LifeCost, lifeCostOf } from '../policy/scope-budget.js';
import type { Disk } from '../store/disk.js';
import { goalKey, readPolicy } from '../store/policy.js';
import { type Reservation, readSpend, reserveSpend, settleSpend } from '../store/spend.js';
import { readWorkerUsage } from '../store/worker-money.js';
import type { WorkerRecord } from '../store/workers.js';

export type WorkerPrices = Pick<Knobs, 'workerHourUsd'>;

/** Of its whole life. Throws when its usage record cannot be read. */
export function lifeCost(disk: Disk, record: WorkerRecord, knobs: WorkerPrices): LifeCost {
  const usage = readWorkerUsage(disk, record.id, record.status?.generation ?? '');
  // Nobody told, and it was not cancelled: its supervisor died early, and what was reserved for it stands.
  return lifeCostOf(usage, record.claim?.socket === '' ? 0 : 1, knobs);
}

/** Id of this generation in both ledgers. */
export const runOf = (generation: string): string => workerRunId('worker', generation);
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

/** Who it is in the ledger. `runner`: the CLI that it will run on; what it does run on goes before it. */
export function reservationOf(
  disk: Disk,
  record: WorkerRecord,
  { runner, ...of }: { day: string; estimateUsd: number; runner?: string },
): Reservation {
  const { id, spec, status } = record;
  const hasGoal = readPolicy(disk, goalKey(id)).state === 'present';
  const generation = spec?.generation ?? status?.generation ?? '';
  return {
    ...of,
    run: runOf(generation),
    // Of one that was recorded before its CLI was.
    runner: status?.runner ?? runner ?? 'worker',
    job: 'worker',
    worker: id,
    ...(hasGoal ? { goal: id } : {}),
    ...(spec?.resume ? { first: runOf(spec.resume.first) } : {}),
  };
}
