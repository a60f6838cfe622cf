/**
 * What all three kinds of `loops create` take besides their target (loops spec 3.2): flags → the schedule and the rules of a loop.
 * Nothing is guessed: each refusal says the flag, the value and what is wanted. Pure; clock and zone are values.
 */
import { resolve } from 'node:path';
import type { Env } from '../../host/env.js';
import { parseCron } from '../../lib/cron.js';
import { parseIsoDate } from '../../lib/iso-date.js';
import { zoneOf } from '../../lib/zone.js';
import { TendError } from '../../model/error.js';
import {
  CATCH_UPS,
  LOOP_DEFAULTS,
  type LoopSpec,
  type ObjectiveConfig,
  OVERLAPS,
  type Timing,
} from '../../model/loop.js';
import { objectiveProblem } from '../../model/objective.js';
import { targetDir } from '../../runs/startable.js';
import type { Flag, VerbInput } from '../verb.js';

type Flags = VerbInput['flags'];

export const CREATE_FLAGS: Readonly<Record<string, Flag>> = {
  at: {
    type: 'string',
    value: 'TIME',
    about: 'once, at this ISO time; without an offset it is local; a past time is due at once',
  },
  every: {
    type: 'milliseconds',
    value: 'DUR',
    about: 'again and again: 500ms, 90s, 1.5h; a bare number is milliseconds',
  },
  cron: { type: 'string', value: 'EXPR', about: 'five fields, or @hourly, @daily, @weekly, @monthly, @yearly' },
  dynamic: { type: 'boolean', about: 'a minute after each run' },
  timezone: {
    type: 'string',
    value: 'ZONE',
    about: 'IANA name for --cron; without it the zone that the machine is in',
  },
  'catch-up': {
    type: 'string',
    choices: CATCH_UPS,
    default: LOOP_DEFAULTS.catchUp,
    about: 'of times that were missed, run none but the oldest, the latest, or all',
  },
  'catch-up-limit': count('N', LOOP_DEFAULTS.catchUpLimit, 'most missed times that --catch-up all runs'),
  'catch-up-window': {
    type: 'milliseconds',
    value: 'DUR',
    about: 'missed times older than this are counted, never run',
  },
  overlap: {
    type: 'string',
    choices: OVERLAPS,
    default: LOOP_DEFAULTS.overlap,
    about: 'while a run is under way, skip the next one or allow it beside',
  },
  attempts: count('N', LOOP_DEFAULTS.maxAttempts, 'how often one time is tried until it succeeds'),
  'retry-delay': { type: 'milliseconds', value: 'DUR', default: '1m', about: 'pause before the next attempt' },
  lease: {
    type: 'milliseconds',
    value: 'DUR',
    default: '30m',
    about: 'after this time a run without a sign of life is given up',
  },
  breaker: count('N', LOOP_DEFAULTS.breaker, 'failures in a row after which it is paused and you are asked; 0: never'),
  'expires-at': { type: 'string', value: 'TIME', about: 'from this ISO time on it runs no more' },
  description: { type: 'string', alias: 'd', value: 'TEXT', about: 'what it is for' },
  machine: { type: 'string', value: 'ID', about: '"local" or the name of this machine: remote ones are not supported' },
  goal: { type: 'string', value: 'TEXT', about: 'an objective that each run plans, works on and has audited' },
  'goal-budget': { type: 'count', value: 'N', about: 'tokens for planning and audits of --goal' },
  'goal-model': { type: 'string', value: 'ID', about: 'the model of --goal' },
  'goal-max-turns': { type: 'count', value: 'N', about: 'turns of --goal' },
  'dry-run': { type: 'boolean', about: 'check it, print the record and the next 5 times, store nothing' },
  json: { type: 'boolean', alias: 'j', about: 'print the loop as JSON' },
};

/** Only for targets that have an account. */
export const ACCOUNT_FLAGS: Readonly<Record<string, Flag>> = {
  account: { type: 'string', value: 'P', about: 'account profile of the "accounts" tool' },
  'account-tool': { type: 'string', value: 'T', about: 'for which tool the profile is' },
};

export interface Given {
  flags: Flags;
  /** `Cannot create loop "x"`, in front of every refusal. */
  what: string;
  /** Name of this machine and of its zone. */
  host: string;
  zone: string;
}

type LoopRules = Omit<LoopSpec, 'format' | 'id' | 'name' | 'target' | 'createdAt'>;

/** Everything of the spec that does not depend on the kind of target. */
export function rulesOf(given: Given): LoopRules {
  const { flags } = given;
  const number = (name: string, least: number): number => {
    const value = Number(flags[name]);
    if (value >= least) return value;
    throw wrong(given, `--${name} is ${value}, a whole number from ${least} up is wanted`);
  };
  const goal = goalOf(given);
  const machine = machineOf(given);
  const description = flags['description'];
  const window = flags['catch-up-window'];
  return {
    schedule: timingOf(given),
    catchUp: flags['catch-up'] as LoopSpec['catchUp'],
    catchUpLimit: number('catch-up-limit', 1),
    ...(typeof window === 'number' ? { catchUpWindowMs: window } : {}),
    overlap: flags['overlap'] as LoopSpec['overlap'],
    maxAttempts: number('attempts', 1),
    retryDelayMs: Number(flags['retry-delay']),
    leaseMs: Number(flags['lease']),
    breaker: number('breaker', 0),
    ...(flags['expires-at'] === undefined ? {} : { expiresAt: dateOf(given, 'expires-at') }),
    ...(typeof description === 'string' ? { description } : {}),
    ...(goal ? { goal } : {}),
    ...(machine === undefined ? {} : { machine }),
  };
}

const KINDS = ['at', 'every', 'cron', 'dynamic'] as const;

function timingOf(given: Given): Timing {
  const { flags } = given;
  const chosen = KINDS.filter((kind) => flags[kind] !== undefined);
  const [kind] = chosen;
  if (kind === undefined || chosen.length > 1) {
    const found =
      kind === undefined ? 'no schedule is given' : `${chosen.map((name) => `--${name}`).join(' and ')} are given`;
    throw wrong(given, `${found}, exactly one of --at, --every, --cron and --dynamic is wanted`);
  }
  if (flags['timezone'] !== undefined && kind !== 'cron')
    throw wrong(given, `--timezone is for --cron, not for --${kind}`);
  switch (kind) {
    case 'at':
      return { type: 'once', at: dateOf(given, 'at') };
    case 'every':
      return { type: 'interval', everyMs: Number(flags['every']), anchor: 'fixed_rate' };
    case 'cron':
      return cronOf(given);
    case 'dynamic':
      return { type: 'dynamic', minIntervalMs: LOOP_DEFAULTS.dynamicMs };
  }
}

function cronOf(given: Given): Timing {
  const { flags } = given;
  const timezone = typeof flags['timezone'] === 'string' ? zoneNameOf(given, flags['timezone']) : undefined;
  const expression = String(flags['cron']).trim();
  const parsed = parseCron(expression, timezone ?? given.zone);
  if (!('cron' in parsed)) {
    const hint = parsed.hint ? `; ${parsed.hint}` : '';
    throw wrong(given, `--cron ${JSON.stringify(expression)}: ${parsed.problem}${hint}`, 'invalid');
  }
  return { type: 'cron', expression, ...(timezone === undefined ? {} : { timezone }) };
}

function zoneNameOf(given: Given, text: string): string {
  const zone = zoneOf(text);
  if (zone) return zone.name;
  throw wrong(
    given,
    `--timezone ${JSON.stringify(text)} is no time zone, an IANA name such as Europe/Berlin is wanted`,
    'invalid',
  );
}

/** A date that a flag holds, as records keep it. */
export function dateOf(given: Pick<Given, 'flags' | 'what'>, name: string): string {
  const text = String(given.flags[name]);
  const at = parseIsoDate(text);
  if (at !== undefined) return new Date(at).toISOString();
  throw wrong(
    given,
    `--${name} ${JSON.stringify(text)} is no date, ISO 8601 such as 2026-11-21T07:42 or 2026-11-21T07:42:00Z is wanted`,
  );
}

function goalOf(given: Given): ObjectiveConfig | undefined {
  const { flags } = given;
  const stray = ['goal-budget', 'goal-model', 'goal-max-turns'].find((name) => flags[name] !== undefined);
  if (flags['goal'] === undefined) {
    if (stray === undefined) return undefined;
    throw wrong(given, `--${stray} is given without --goal`);
  }
  const goal: ObjectiveConfig = {
    objective: String(flags['goal']).trim(),
    ...(flags['goal-budget'] === undefined ? {} : { tokenBudget: Number(flags['goal-budget']) }),
    ...(flags['goal-model'] === undefined ? {} : { model: String(flags['goal-model']) }),
    ...(flags['goal-max-turns'] === undefined ? {} : { maxTurns: Number(flags['goal-max-turns']) }),
    autoExecute: 'readyOnly',
  };
  const problem = objectiveProblem(goal);
  if (problem) throw wrong(given, problem, 'invalid');
  return goal;
}

function machineOf(given: Given): string | undefined {
  const machine = given.flags['machine'];
  if (machine === undefined || machine === 'local' || machine === given.host) return machine as string | undefined;
  throw wrong(
    given,
    `--machine is ${JSON.stringify(machine)}: remote machines are not supported, only "local" or ${JSON.stringify(given.host)}`,
  );
}

/** `--cwd` as the target keeps it: absolute, a `~` that no shell has expanded is the home of `env`. */
export function dirOf({ flags: { cwd } }: Pick<Given, 'flags'>, { HOME }: Env): { cwd?: string } {
  if (typeof cwd !== 'string') return {};
  return { cwd: cwd === '~' || cwd.startsWith('~/') ? targetDir(cwd, HOME ? { HOME } : {}) : resolve(cwd) };
}

/** As the accounts tool takes them (loops spec 10.7). */
const PROFILE = /^(?!-)[A-Za-z0-9._@-]{1,128}$/;

/** `account` of a target. */
export function accountOf({ flags, what }: Pick<Given, 'flags' | 'what'>): {
  account?: { profile: string; tool?: string };
} {
  const { account, 'account-tool': tool } = flags;
  if (account === undefined) {
    if (tool === undefined) return {};
    throw wrong({ what }, '--account-tool is given without --account');
  }
  for (const [name, value] of Object.entries({ account, 'account-tool': tool }))
    if (value !== undefined && !PROFILE.test(String(value)))
      throw wrong({ what }, `--${name} is ${JSON.stringify(value)}, letters, digits and . _ @ - are wanted`);
  return { account: { profile: String(account), ...(tool === undefined ? {} : { tool: String(tool) }) } };
}

/** An input error; `invalid`: the value was understood and cannot be. */
export const wrong = (
  { what }: Pick<Given, 'what'>,
  problem: string,
  code: 'bad-input' | 'invalid' = 'bad-input',
): TendError => new TendError('input', `${what}: ${problem}`, { code, hint: 'tend help loops create' });

function count(value: string, usual: number, about: string): Flag {
  return { type: 'count', value, default: String(usual), about };
}

/** The deadline of a target; absent: the usual one counts. */
export const timeoutOf = (flags: Flags): { timeoutMs?: number } =>
  typeof flags['timeout'] === 'number' ? { timeoutMs: flags['timeout'] } : {};
