/**
 * What whoever runs attempts of loops is made of. Clocks, this process and the lives of others are values, so that a test can be
 * two processes at once and set the clock under one of them; the product has one way to make them (`attemptDeps`).
 */
import { monotonicMs, now } from '../host/clock.js';
import { lifeOf, selfIdentity } from '../host/process-identity.js';
import { hostZone } from '../host/zone.js';
import { nonce } from '../lib/hash.js';
import type { Instant } from '../model/instant.js';
import type { Claim, LoopSpec, ProcessId, RunSource } from '../model/loop.js';
import type { AttemptRef } from '../store/live.js';
import { performTarget } from './perform-target.js';
import type { Performed, PerformRequest, RunDeps } from './performer.js';

export interface AttemptDeps extends RunDeps {
  /** Wall clock, milliseconds. */
  now(): Instant;
  /** Milliseconds that only go forward. */
  forward(): number;
  /** IANA name of the host's zone as it is now. */
  zone(): string;
  self: ProcessId;
  life(id: ProcessId): 'alive' | 'dead' | 'unknown';
  /** Told in claims: `manual:PID`, `manual-tick:PID`, `HOST:PID:LEASEID`. */
  claimedBy: string;
  perform(deps: RunDeps, spec: LoopSpec, request: PerformRequest): Promise<Performed>;
  /** Tokens of the attempts that this process is at: one that names us and is not here was left by us. */
  inFlight: Set<string>;
  /** The marked attempts of a loop, for a pass over many (live-glance.ts); absent: `live/` is listed for each. */
  live?(loop: string): AttemptRef[];
  /** What was seen of other processes' leases, and since when on the clock that goes forward. Only saves patience. */
  watched: Map<string, { beat: number; since: number }>;
}

/** An attempt to claim: which one, of what, and for what reason. */
export interface AttemptJob {
  spec: LoopSpec;
  slot: number;
  attempt: number;
  source: RunSource;
  /** An attempt that was parked and is taken up again: its claim. */
  resume?: Claim;
}

export const refOfJob = ({ spec, slot, attempt }: AttemptJob): AttemptRef => ({ loop: spec.id, slot, attempt });

/** Of this process. `as`: who claims, without the pid. */
export function attemptDeps(deps: RunDeps, as: 'manual' | 'manual-tick' | 'pulse'): AttemptDeps {
  const self = selfIdentity();
  return {
    ...deps,
    now,
    forward: monotonicMs,
    zone: zoneForNow(),
    self,
    life: lifeOf,
    claimedBy: as === 'pulse' ? `${self.host}:${self.pid}:${nonce(4)}` : `${as}:${self.pid}`,
    perform: performTarget,
    inFlight: new Set(),
    watched: new Map(),
  };
}

/** To ask for the zone takes a fifth of a millisecond, which every run would pay; a machine is carried to another one seldom. */
const ZONE_MS = 1_000;

function zoneForNow(): () => string {
  let known = { zone: hostZone(), at: monotonicMs() };
  return () => {
    if (monotonicMs() - known.at > ZONE_MS) known = { zone: hostZone(), at: monotonicMs() };
    return known.zone;
  };
}
