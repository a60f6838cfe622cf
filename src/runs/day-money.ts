/** The money of the day as whoever starts an agent unasked looks at it: the limit that one more run would pass. */
import type { Env } from '../host/env.js';
import type { Profile } from '../host/profile.js';
import { type Instant, localDay } from '../model/instant.js';
import { resolveKnobs } from '../model/knobs.js';
import type { DaySpend } from '../model/spend.js';
import { type BudgetVerdict, budget, daySpend } from '../policy/budget.js';
import { loadConfig } from '../store/config.js';
import type { Disk } from '../store/disk.js';
import { readSpend } from '../store/spend.js';

export interface DayLimit {
  verdict: BudgetVerdict & { state: 'limit' };
  spend: DaySpend;
}

/** Undefined: there is money for one more run. */
export function dayLimit(
  { disk, env, profile }: { disk: Disk; env: Env; profile: Profile },
  now: Instant,
): DayLimit | undefined {
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
