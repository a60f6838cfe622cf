/**
 * What a check of `tend doctor` is, and running all of them. A check looks and reports; it changes nothing, and whatever is
 * broken where it looks becomes its finding, never the doctor's own failure.
 */
import type { Env } from '../../host/env.js';
import type { Profile } from '../../host/profile.js';
import type { LoadedConfig } from '../../model/config.js';
import { messageOf, TendError } from '../../model/error.js';
import type { Instant } from '../../model/instant.js';
import type { Disk } from '../../store/disk.js';
import type { PulseLife } from '../pulse-life.js';

/**
 * `fail`: something will not work. `warn`: it works, and not as it should. `note`: worth knowing, nothing is wrong. The worst of
 * all findings decides the exit code.
 */
export type Level = 'ok' | 'note' | 'warn' | 'fail';
const ORDER: readonly Level[] = ['ok', 'note', 'warn', 'fail'];

export interface Finding {
  level: Level;
  /** One sentence without a full stop: what is so, with the value. */
  what: string;
  /** The next command to type, or what to do in words. Every `warn` and `fail` has one. */
  cure?: string;
}

/** What a sensor looks like without running it; made by the contract, which may ask the room `sense`. */
export interface SensorLook {
  name: string;
  /** Of the last reading; null: there is none yet. */
  ok: boolean | null;
  /** Why it cannot be run, what is wrong with its headers. */
  problems: readonly string[];
}

/** A timed loop as the contract has looked at it, which may ask the room `runs`. */
export interface LoopLook {
  id: string;
  name: string;
  /** `broken`: its files cannot be read as a loop. Loops that are not to run are left out. */
  state: 'active' | 'broken';
  /** Why it could not start, or be read. */
  problem?: string;
  wantsAccounts: boolean;
  wantsKey: boolean;
  /** When its state was written, milliseconds. */
  stateAt?: number;
}

/** Today's money against its limit; null: no limit. */
export interface SpendLook {
  usd: number;
  limit_usd: number | null;
  tokens: number;
  limit_tokens: number | null;
  /** Why no further model run fits, in words; absent: one does. */
  reached?: string;
}

/** The config as it was found: a broken one is the finding of one check and must not hide the others. */
export type ConfigLook = { loaded: LoadedConfig; problem?: never } | { loaded?: never; problem: string };

export interface DoctorWorld {
  disk: Disk;
  profile: Profile;
  env: Env;
  /** Absolute path of the `tend` program. */
  bin: string;
  version: string;
  now: Instant;
  signal: AbortSignal;
  config: ConfigLook;
  /** Asked once, with what the pulse says of itself. */
  life: PulseLife;
  sensors(): readonly SensorLook[];
  spend(): SpendLook;
  /** Looked at once, for all checks. */
  loops(): Promise<readonly LoopLook[]>;
  /** Ids of workflow runs that nothing drives. */
  orphans(): readonly string[];
}

export interface Check {
  /** One word or two with a hyphen; stable, for scripts. */
  id: string;
  /** What it looks at, a few words. */
  about: string;
  look(world: DoctorWorld): readonly Finding[] | Promise<readonly Finding[]>;
}

/** A check with what it found; its level is that of its worst finding, `ok` when it found nothing. */
export interface CheckReport {
  id: string;
  about: string;
  level: Level;
  findings: readonly Finding[];
}

export const worst = (levels: readonly Level[]): Level =>
  levels.reduce<Level>((top, level) => (ORDER.indexOf(level) > ORDER.indexOf(top) ? level : top), 'ok');

/** Runs them side by side and reports in their order. Never rejects. */
export function runChecks(checks: readonly Check[], world: DoctorWorld): Promise<CheckReport[]> {
  return Promise.all(
    checks.map(async ({ id, about, look }) => {
      const findings = await found(look, world);
      return { id, about, level: worst(findings.map((finding) => finding.level)), findings };
    }),
  );
}

async function found(look: Check['look'], world: DoctorWorld): Promise<readonly Finding[]> {
  try {
    return await look(world);
  } catch (error) {
    const cure = error instanceof TendError ? error.hint : undefined;
    return [{ level: 'fail', what: `cannot be checked: ${messageOf(error)}`, cure: cure ?? 'tend status' }];
  }
}

export const ok = (what: string): Finding => ({ level: 'ok', what });
export const note = (what: string, cure?: string): Finding => ({ level: 'note', what, ...(cure ? { cure } : {}) });
export const warn = (what: string, cure: string): Finding => ({ level: 'warn', what, cure });
export const fail = (what: string, cure: string): Finding => ({ level: 'fail', what, cure });
