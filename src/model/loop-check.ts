/**
 * What a loop's spec must be beyond its shape: people write it by hand, so each number and date in it is looked at before
 * anything is reckoned from it. Pure.
 */
import { parseCron } from '../lib/cron.js';
import { zoneOf } from '../lib/zone.js';
import type { LoopSpec, Target, Timing } from './loop.js';

/** Why this spec cannot be scheduled, with the path of the field; undefined when it can. */
export function loopSpecProblem(spec: LoopSpec): string | undefined {
  const { catchUpLimit, maxAttempts, retryDelayMs, leaseMs, breaker, catchUpWindowMs, expiresAt } = spec;
  return (
    (spec.name === '' ? 'name: it is empty' : undefined) ??
    timingProblem(spec.schedule) ??
    targetProblem(spec.target) ??
    whole('catchUpLimit', catchUpLimit, 1) ??
    whole('maxAttempts', maxAttempts, 1) ??
    whole('breaker', breaker, 0) ??
    above0('retryDelayMs', retryDelayMs) ??
    above0('leaseMs', leaseMs) ??
    (catchUpWindowMs === undefined ? undefined : above0('catchUpWindowMs', catchUpWindowMs)) ??
    (expiresAt === undefined ? undefined : date('expiresAt', expiresAt)) ??
    date('createdAt', spec.createdAt)
  );
}

function timingProblem(timing: Timing): string | undefined {
  switch (timing.type) {
    case 'once':
      return date('schedule.at', timing.at);
    case 'interval':
      return above0('schedule.everyMs', timing.everyMs);
    case 'dynamic':
      return above0('schedule.minIntervalMs', timing.minIntervalMs);
    case 'cron': {
      const parsed = parseCron(timing.expression, timing.timezone);
      if ('cron' in parsed) return undefined;
      const field = timing.timezone !== undefined && !zoneOf(timing.timezone) ? 'timezone' : 'expression';
      return `schedule.${field}: ${parsed.problem}`;
    }
  }
}

function targetProblem(target: Target): string | undefined {
  if (target.type === 'command' && target.command.trim() === '') return 'target.command: it is empty';
  if (target.type === 'agent' && target.prompt.trim() === '') return 'target.prompt: it is empty';
  return target.timeoutMs === undefined ? undefined : above0('target.timeoutMs', target.timeoutMs);
}

const whole = (field: string, value: number, least: number): string | undefined =>
  Number.isSafeInteger(value) && value >= least
    ? undefined
    : `${field}: ${value}, wanted a whole number from ${least} up`;
/** 100 years, as for the flags: with more a clock overflows; and a part of a millisecond cannot be told from none. */
const MAX_MS = 100 * 365 * 86_400_000;
const above0 = (field: string, value: number): string | undefined => {
  if (!Number.isFinite(value) || value <= 0) return `${field}: ${value}, wanted milliseconds above 0`;
  if (value > MAX_MS) return `${field}: ${value}, wanted at most ${MAX_MS} milliseconds, which are 100 years`;
  return Number.isInteger(value) ? undefined : `${field}: ${value}, wanted whole milliseconds`;
};
const date = (field: string, text: string): string | undefined =>
  Number.isNaN(Date.parse(text)) ? `${field}: ${JSON.stringify(text)} is no date` : undefined;
