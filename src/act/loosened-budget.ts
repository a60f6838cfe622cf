/**
 * A decider may not give itself more money: a goal that it writes keeps the limit that its human has set, or a lower one. A goal that
 * lies in the archive has not lost its limit, so archiving and writing it anew is no way around it.
 */
import type { Move } from '../model/move.js';
import { type GoalLimit, goalLimit } from '../policy/scope-budget.js';
import type { Disk } from '../store/disk.js';
import { archivedGoalKeys, goalKey, readPolicy } from '../store/policy.js';

/** How a goal's text would let the decider spend more than its human has allowed, in words; undefined: it would not. */
export async function loosenedBudget(disk: Disk, move: Move): Promise<string | undefined> {
  if (move.action !== 'write_goal') return undefined;
  const present = await limitAt(disk, goalKey(move.id));
  if (present) {
    return (await loosens([present], move.body))
      ? `it raises or removes the budget of goal "${move.id}" (budget_usd)`
      : undefined;
  }
  // Of several the lowest counts: which of them was the last, and whether all are of this goal, their names do not prove.
  const archived: GoalLimit[] = [];
  for (const key of archivedGoalKeys(disk, move.id)) archived.push((await limitAt(disk, key)) ?? { state: 'none' });
  return (await loosens(archived, move.body))
    ? `it raises or removes the budget (budget_usd) that goal "${move.id}" has in the archive`
    : undefined;
}

async function loosens(before: readonly GoalLimit[], body: string): Promise<boolean> {
  const limits = before.filter((limit) => limit.state !== 'none');
  if (limits.length === 0) return false;
  const after = await goalLimit(body);
  return !limits.every((limit) => limit.state === 'limit' && after.state === 'limit' && after.usd <= limit.usd);
}

/** Undefined: proven absent. What cannot be read may hold any limit. */
async function limitAt(disk: Disk, key: string): Promise<GoalLimit | undefined> {
  const read = readPolicy(disk, key);
  if (read.state === 'absent') return undefined;
  return read.state === 'present' ? goalLimit(read.text) : { state: 'bad', problem: read.reason };
}
