/**
 * The limits that goals and workers have of their own, with what counts against each, for `tend spend`: as the fleet controller and
 * the pulse reckon them. What cannot be read is said and left out; a report of what was spent never fails for it.
 */
import { messageOf, TendError } from '../model/error.js';
import type { Knobs } from '../model/knobs.js';
import type { SpendRow } from '../model/spend.js';
import { goalLimit, goalSpend, lifeCostOf } from '../policy/scope-budget.js';
import type { Disk } from '../store/disk.js';
import { goalIds, goalKey, readPolicy } from '../store/policy.js';
import { readWorkerUsage } from '../store/worker-money.js';
import { readWorker, workerIds } from '../store/workers.js';
import type { Context } from './verb.js';
import { type ScopeLimit, type ScopeLimits, scopeLimit } from './views/spend.js';

type Reader = Pick<Context, 'disk' | 'warn'>;

/** `today`: rows of today's ledger. Without `knobs` what a worker counts that reports no cost is not known, and its limit is left out. */
export async function scopeLimits(reader: Reader, today: readonly SpendRow[], knobs?: Knobs): Promise<ScopeLimits> {
  const goals = new Map<string, ScopeLimit>();
  for (const id of listed(reader, goalIds)) {
    const limit = await limitOfGoal(reader, id, today);
    if (limit) goals.set(id, limit);
  }
  const workers = new Map<string, ScopeLimit>();
  for (const id of listed(reader, workerIds)) {
    const limit = limitOfWorker(reader, id, knobs);
    if (limit) workers.set(id, limit);
  }
  return { goals, workers };
}

async function limitOfGoal({ disk, warn }: Reader, id: string, today: readonly SpendRow[]) {
  const read = readPolicy(disk, goalKey(id));
  if (read.state === 'absent') return undefined;
  const limit = read.state === 'present' ? await goalLimit(read.text) : { state: 'bad' as const, problem: read.reason };
  if (limit.state === 'bad') warn(`the limit of goal "${id}" is not known: ${limit.problem}`);
  if (limit.state !== 'limit') return undefined;
  const { usd, raisedUsd } = goalSpend(today, id);
  return scopeLimit('day', usd, limit.usd + raisedUsd);
}

function limitOfWorker({ disk, warn }: Reader, id: string, knobs: Knobs | undefined) {
  try {
    const record = readWorker(disk, id);
    if (record?.problem)
      warn(`the limit of worker "${id}" is not known: "${record.problem.key}": ${record.problem.reason}`);
    const { budget_usd: limitUsd, generation } = record?.spec ?? {};
    if (limitUsd === undefined || generation === undefined || !knobs) return undefined;
    // The first hour counts from the start, and nothing before it.
    const hours = record?.status && record.claim?.socket !== '' ? 1 : 0;
    return scopeLimit('life', lifeCostOf(readWorkerUsage(disk, id, generation), hours, knobs).usd, limitUsd);
  } catch (error) {
    return unknown(warn, `the limit of worker "${id}" is not known`, error);
  }
}

function listed({ disk, warn }: Reader, list: (disk: Disk) => string[]): string[] {
  try {
    return list(disk);
  } catch (error) {
    return unknown(warn, 'some limits are not known', error) ?? [];
  }
}

function unknown(warn: Context['warn'], what: string, error: unknown): undefined {
  if (!(error instanceof TendError)) throw error;
  warn(`${what}: ${messageOf(error)}`);
  return undefined;
}
