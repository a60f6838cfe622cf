/** What the checks of the doctor look at, made for one check-up. What is broken while it is made is a finding, never the end of it. */
import { now } from '../host/clock.js';
import { programVersion } from '../host/program.js';
import { messageOf } from '../model/error.js';
import { type Instant, localDay } from '../model/instant.js';
import { resolveKnobs } from '../model/knobs.js';
import type { ConfigLook, DoctorWorld, LoopLook, SensorLook, SpendLook } from '../ops/doctor/check.js';
import { pulseLife } from '../ops/pulse-life.js';
import { budget, daySpend } from '../policy/budget.js';
import { loadConfig } from '../store/config.js';
import { sensorNames } from '../store/policy.js';
import { readSpend } from '../store/spend.js';
import { runDeps } from './loops/run-deps.js';
import type { Context } from './verb.js';
import { sensorRow } from './views/sensor-row.js';

/** Asks the pulse once. */
export async function doctorWorld(context: Context): Promise<DoctorWorld> {
  const { disk, profile, env, bin, signal, seeds } = context;
  const at = now();
  const { orphanedRuns } = await import('../runs/ready.js');
  const config = configOf(profile.configPath);
  return {
    disk,
    profile,
    env,
    bin,
    signal,
    now: at,
    version: programVersion(seeds),
    config,
    life: await pulseLife(disk, 2_000, { op: 'status' }).catch((error: unknown) => ({
      alive: false,
      state: 'unknown' as const,
      pid: null,
      reason: messageOf(error),
    })),
    sensors: () => sensorsOf(context, config),
    spend: () => spendOf(context, config, at),
    loops: once(() => loopsOf(context)),
    orphans: () => orphanedRuns(context),
  };
}

function configOf(path: string): ConfigLook {
  try {
    return { loaded: loadConfig(path) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function sensorsOf({ disk, env }: Context, config: ConfigLook): SensorLook[] {
  const { sensorTimeoutS } = resolveKnobs(env, config.loaded?.raw ?? {}).knobs;
  return sensorNames(disk).map((name) => {
    const { ok, problems } = sensorRow(disk, name, { timeoutS: sensorTimeoutS, isFlapping: () => null });
    return { name, ok, problems };
  });
}

function spendOf({ disk, env }: Context, config: ConfigLook, at: Instant): SpendLook {
  const { knobs } = resolveKnobs(env, config.loaded?.raw ?? {});
  const spent = daySpend(readSpend(disk, localDay(at)).rows);
  const verdict = budget(spent, knobs);
  return {
    usd: spent.usd,
    limit_usd: knobs.dayUsd > 0 ? knobs.dayUsd + spent.raisedUsd : null,
    tokens: spent.tokens,
    limit_tokens: knobs.dayTokens > 0 ? knobs.dayTokens + spent.raisedTokens : null,
    ...(verdict.state === 'limit' ? { reached: verdict.reason } : {}),
  };
}

async function loopsOf(context: Context): Promise<readonly LoopLook[]> {
  const { loopsReadiness } = await import('../runs/ready.js');
  return loopsReadiness(runDeps(context), context.signal);
}

/** The second call gets what the first one has found, or failed with. */
function once<T>(look: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined;
  return () => {
    found ??= look();
    return found;
  };
}
