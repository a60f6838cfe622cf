/** Every number a user may turn: environment variable, config key, default, smallest value, and what it is about. */
import type { Knob } from './knob.js';
import { NOTIFY_KNOBS } from './notify-knobs.js';
import { RETENTION_KNOBS } from './retention-knobs.js';

export const KNOBS = {
  intervalS: {
    env: 'TEND_INTERVAL',
    config: 'interval',
    default: 60,
    min: 1,
    unit: 's',
    about: 'beat period when nothing happens',
  },
  nextIntervalMaxS: {
    env: 'TEND_MAX_NEXT_INTERVAL',
    config: 'max_next_interval',
    default: 300,
    min: 5,
    unit: 's',
    about: 'longest pause a decider may ask for',
  },
  decidesPerHour: {
    env: 'TEND_MAX_DECIDES_PER_HOUR',
    config: 'max_decides_per_hour',
    default: 120,
    min: 0,
    unit: 'count',
    about: 'model calls in a rolling hour; 0 = no cap',
  },
  callRetries: {
    env: 'TEND_CALL_RETRIES',
    config: 'call_retries',
    default: 2,
    min: 0,
    unit: 'count',
    about: 'further model calls within one beat after an overload or a lost connection; 0 = none',
  },
  breakerFails: {
    env: 'TEND_BREAKER_FAILS',
    config: 'breaker_fails',
    default: 3,
    min: 0,
    unit: 'count',
    about:
      'failed beats in a row, for one reason that only you can mend, after which the loop pauses and asks; 0 = off',
  },
  noopTtlS: {
    env: 'TEND_NOOP_TTL',
    config: 'noop_ttl',
    default: 21_600,
    min: 0,
    unit: 's',
    about: 'a noop is decided anew after this; 0 = never',
  },
  flapStreak: {
    env: 'TEND_FLAP_STREAK',
    config: 'flap_streak',
    default: 5,
    min: 0,
    unit: 'count',
    about: 'signal changes in a row that count as flapping; 0 = off',
  },
  tickTimeoutS: {
    env: 'TEND_TICK_TIMEOUT_SECS',
    config: 'tick_timeout',
    default: 1_800,
    min: 0,
    unit: 's',
    about: 'deadline of one decision; 0 = none',
  },
  shellTimeoutS: {
    env: 'TEND_SHELL_TIMEOUT_SECS',
    config: 'shell_timeout',
    default: 300,
    min: 0,
    unit: 's',
    about: 'deadline of one shell move; 0 = none',
  },
  sensorTimeoutS: {
    env: 'TEND_SENSOR_TIMEOUT',
    config: 'sensor_timeout',
    default: 60,
    min: 0,
    unit: 's',
    about: 'deadline of one sensor; 0 = none',
  },
  sensorMaxBytes: {
    env: 'TEND_SENSOR_MAX_BYTES',
    config: 'sensor_max_bytes',
    default: 8_192,
    min: 0,
    unit: 'bytes',
    about: 'largest reading of one sensor; 0 = 4 MiB',
  },
  sensorJobs: {
    env: 'TEND_SENSOR_JOBS',
    config: 'sensor_jobs',
    default: 8,
    min: 1,
    unit: 'count',
    about: 'sensors that run at once',
  },
  commandLanes: {
    env: 'TEND_COMMAND_LANES',
    config: 'command_lanes',
    default: 4,
    min: 1,
    unit: 'count',
    about: 'commands of timed loops that run at once',
  },
  agentLanes: {
    env: 'TEND_AGENT_LANES',
    config: 'agent_lanes',
    default: 8,
    min: 1,
    unit: 'count',
    about: 'agents and workflows of timed loops that run at once',
  },
  verifyTimeoutS: {
    env: 'TEND_VERIFY_TIMEOUT_SECS',
    config: 'verify_timeout',
    default: 60,
    min: 0,
    unit: 's',
    about: 'deadline of one verify command; 0 = none',
  },
  maxWorkers: {
    env: 'TEND_MAX_WORKERS',
    config: 'max_workers',
    default: 8,
    min: 0,
    unit: 'count',
    about: 'workers alive at once; 0 = no cap',
  },
  workerStuckS: {
    env: 'TEND_WORKER_STUCK_SECS',
    config: 'worker_stuck',
    default: 900,
    min: 1,
    unit: 's',
    about: 'silence after which a worker counts as stuck',
  },
  workerTtlS: {
    env: 'TEND_SESSION_TTL',
    config: 'session_ttl',
    default: 259_200,
    min: 1,
    unit: 's',
    about: 'how long a finished worker is kept',
  },
  transcriptBytes: {
    env: 'TEND_TRANSCRIPT_MAX_BYTES',
    config: 'transcript_max_bytes',
    default: 32 * 1024 * 1024,
    min: 65_536,
    unit: 'bytes',
    about: 'transcript size at which it rotates (one older generation is kept)',
  },
  runsKeep: {
    env: 'TEND_RUNS_KEEP',
    config: 'runs_keep',
    default: 500,
    min: 0,
    unit: 'count',
    about: 'run directories kept; 0 = all',
  },
  historyKeep: {
    env: 'TEND_HISTORY_KEEP',
    config: 'history_keep',
    default: 50,
    min: 0,
    unit: 'count',
    about: 'older versions kept of each policy file; 0 = all',
  },
  logBytes: {
    env: 'TEND_LOG_MAX_BYTES',
    config: 'log_max_bytes',
    default: 5 * 1024 * 1024,
    min: 0,
    unit: 'bytes',
    about: 'journal size at which it rotates; 0 = never',
  },
  promptBytes: {
    env: 'TEND_PROMPT_MAX_BYTES',
    config: 'prompt_max_bytes',
    default: 262_144,
    min: 0,
    unit: 'bytes',
    about: 'whole decide prompt; 0 = no limit',
  },
  promptDigests: {
    env: 'TEND_PROMPT_DIGESTS',
    config: 'prompt_digests',
    default: 0,
    min: 0,
    unit: 'count',
    about: '1 = goals and readings that did not change since the last decision come as one line; 0 = whole',
  },
  waitPollMs: {
    env: 'TEND_WAIT_POLL_MS',
    default: 1_000,
    min: 10,
    unit: 'ms',
    about: 'backstop poll of wait and ask behind file events',
  },
  askTimeoutS: {
    env: 'TEND_ASK_TIMEOUT_S',
    default: 0,
    min: 0,
    unit: 's',
    about: 'a blocked ask gives up after this; 0 = never',
  },
  ...NOTIFY_KNOBS,
  ...RETENTION_KNOBS,
  dayUsd: {
    env: 'TEND_MAX_DAILY_USD',
    config: 'budget.day_usd',
    default: 10,
    min: 0,
    unit: 'usd',
    about: 'dollars a local day; 0 = no limit',
  },
  dayTokens: {
    env: 'TEND_MAX_DAILY_TOKENS',
    config: 'budget.day_tokens',
    default: 0,
    min: 0,
    unit: 'tokens',
    about: 'tokens a local day; 0 = no limit',
  },
  runEstimateUsd: {
    config: 'budget.run_estimate_usd',
    default: 0.05,
    min: 0,
    unit: 'usd',
    about: 'what a model run counts when it reports no cost',
  },
  workerHourUsd: {
    config: 'budget.worker_hour_usd',
    default: 0.2,
    min: 0,
    unit: 'usd',
    about: 'what a worker that reports no cost counts for each hour begun',
  },
} as const satisfies Record<string, Knob>;

export type KnobName = keyof typeof KNOBS;
export type Knobs = Record<KnobName, number>;

/**
 * Environment over config over default. A value that is no number or below the minimum gives a warning and the next source
 * (below the minimum: the minimum). `env` is a plain mapping so that this stays pure.
 */
export function resolveKnobs(
  env: Readonly<Record<string, string | undefined>>,
  config: Readonly<Record<string, unknown>>,
): { knobs: Knobs; warnings: string[] } {
  const warnings: string[] = [];
  const pick = (knob: Knob): number => {
    const sources: [string, unknown][] = [];
    if (knob.env && env[knob.env] !== undefined && env[knob.env] !== '') sources.push([knob.env, env[knob.env]]);
    if (knob.config) sources.push([`config "${knob.config}"`, atPath(config, knob.config)]);
    for (const [source, raw] of sources) {
      if (raw === undefined) continue;
      const value =
        typeof raw === 'number' ? raw : typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : Number.NaN;
      if (!Number.isFinite(value)) {
        warnings.push(`${source}: ${JSON.stringify(raw)} is no number of ${knob.unit}, ignored`);
        continue;
      }
      if (value < knob.min) warnings.push(`${source}: ${value} is below ${knob.min} ${knob.unit}, using ${knob.min}`);
      return Math.max(
        knob.min,
        knob.unit === 'usd' ? value : Math.floor(value) || (value > 0 ? Math.max(1, knob.min) : 0),
      );
    }
    return knob.default;
  };
  const knobs = Object.fromEntries(Object.entries(KNOBS).map(([name, knob]) => [name, pick(knob)])) as Knobs;
  return { knobs, warnings };
}

function atPath(config: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], config);
}
