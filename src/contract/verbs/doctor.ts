import { now } from '../../host/clock.js';
import { programVersion } from '../../host/program.js';
import { messageOf } from '../../model/error.js';
import { type Instant, localDay } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import type { CheckReport, ConfigLook, DoctorWorld, SensorLook, SpendLook } from '../../ops/doctor/check.js';
import { pulseLife } from '../../ops/pulse-life.js';
import { budget, daySpend } from '../../policy/budget.js';
import { loadConfig } from '../../store/config.js';
import { sensorNames } from '../../store/policy.js';
import { readSpend } from '../../store/spend.js';
import type { Context, Verb } from '../verb.js';
import { DOCTOR_EXITS, renderDoctor, totals } from '../views/doctor.js';
import { sensorRow } from '../views/sensor-row.js';

/** Looks at everything and changes nothing. Whatever is broken is a finding, so it answers where other verbs refuse. */
export const verb: Verb = {
  path: ['doctor'],
  group: 'see',
  about: 'Check everything that tend needs, with a cure for what is wrong',
  details:
    'A finding is "ok", "note" (worth knowing, nothing is wrong), "warn" (it works, and not as it should) or "fail" (something will not work). It reads only, and ' +
    'starts nothing but the agent CLIs that the config names, for their version, and the service manager.',
  flags: {
    all: { type: 'boolean', about: 'also show what is well, and notes' },
    json: {
      type: 'boolean',
      about: 'print {level, counts, data_dir, version, checks:[{id, about, level, findings:[{level, what, cure}]}]}',
    },
  },
  exits: DOCTOR_EXITS,
  anyFormat: true,
  examples: [
    { line: 'tend doctor', about: 'what is wrong, and what to type' },
    { line: 'tend doctor --json', about: 'for scripts; 0, 1 or 2 says the worst' },
  ],
  async run({ flags }, context) {
    const { runChecks } = await import('../../ops/doctor/check.js');
    const { CHECKS } = await import('../../ops/doctor/registry.js');
    const world = await worldOf(context);
    const checks: CheckReport[] = await runChecks(CHECKS, world);
    const { level, counts, exit } = totals(checks);
    const { version, disk } = world;
    return {
      text: renderDoctor(checks, { all: flags['all'] === true, version, dataDir: disk.root }),
      json: { level, counts, data_dir: disk.root, version, checks },
      exit,
    };
  },
};

async function worldOf(context: Context): Promise<DoctorWorld> {
  const { disk, profile, env, bin, signal, seeds } = context;
  const at = now();
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
