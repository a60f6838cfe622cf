/** One loop → facts: the look at it (which finishes what is unfinished), the human's word, the places that are free. */
import { type Instant, localDay } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import type { LoopSpec } from '../../model/loop.js';
import type { DaySpend } from '../../model/spend.js';
import { type BudgetVerdict, budget, daySpend } from '../../policy/budget.js';
import type { AttemptDeps } from '../../runs/attempt-deps.js';
import { type DiskRoom, diskRoom } from '../../runs/disk-room.js';
import { type LoopLook, lookAtLoop } from '../../runs/look-at-loop.js';
import { applyBreakerAnswer } from '../../runs/loop-asks.js';
import { loadConfig } from '../../store/config.js';
import { readSpend } from '../../store/spend.js';
import type { Lanes } from './lanes.js';

export interface LoopFacts {
  look: LoopLook;
  /** Absent: it costs no money, or there is some. */
  money?: { verdict: BudgetVerdict & { state: 'limit' }; spend: DaySpend };
  /** Is a place free in the lane of its target? */
  hasPlace: boolean;
  room: DiskRoom;
}

export async function observe(
  deps: AttemptDeps,
  lanes: Lanes,
  { id, now }: { id: string; now: Instant },
): Promise<LoopFacts> {
  await applyBreakerAnswer(deps, id);
  const look = await lookAtLoop(deps, id, now);
  const { start } = look;
  const hasPlace = start !== undefined && lanes.hasPlace(start.spec.target.type);
  // Disk and money are asked only when something is to be started.
  const money = start ? moneyLimit(deps, start.spec, now) : undefined;
  return { look, hasPlace, room: start ? diskRoom(deps.disk) : 'ok', ...(money ? { money } : {}) };
}

/** The limit of the day that one more agent would pass. Workflows and objectives look for themselves, at each step. */
function moneyLimit({ disk, env, profile }: AttemptDeps, { target }: LoopSpec, now: Instant): LoopFacts['money'] {
  if (target.type !== 'agent') return undefined;
  const { knobs } = resolveKnobs(env, rawConfig(profile.configPath));
  const spend = daySpend(readSpend(disk, localDay(now)).rows);
  const verdict = budget(spend, knobs);
  return verdict.state === 'limit' ? { verdict, spend } : undefined;
}

/** A broken config must not keep loops from running; whoever needs it itself says what is wrong with it. */
export function rawConfig(path: string): Readonly<Record<string, unknown>> {
  try {
    return loadConfig(path).raw;
  } catch {
    return {};
  }
}
