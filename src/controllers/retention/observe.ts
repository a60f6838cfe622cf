/** What the retention goes by: the numbers of the config as they are now, and how long ago the ledger was last gone through. */
import { monotonicMs } from '../../host/clock.js';
import type { Env } from '../../host/env.js';
import { resolveKnobs } from '../../model/knobs.js';
import type { Keeps } from '../../runs/rules/retention.js';
import { loadConfig } from '../../store/config.js';

export interface RetentionFacts {
  keeps: Keeps;
  /** Milliseconds since the last time, or since the pulse began. */
  agoMs: number;
  /** It was gone through at least once in this life of the pulse. */
  isLater: boolean;
}

export interface Done {
  atMs: number;
  isLater: boolean;
}

/** Throws when the config cannot be read: by numbers that nobody chose nothing is removed. */
export function observe({ env, configPath }: { env: Env; configPath: string }, done: Done): RetentionFacts {
  const { knobs } = resolveKnobs(env, loadConfig(configPath).raw);
  return { keeps: knobs, agoMs: monotonicMs() - done.atMs, isLater: done.isLater };
}
