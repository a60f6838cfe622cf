/**
 * Who drives a run: one process at a time. The next owner is a name that can be published once, and only after the last one let
 * go or is proven dead; so no two ever start steps of the same run, whatever was stopped, copied or slow.
 */
import { lifeOf, selfIdentity } from '../../host/process-identity.js';
import { nonce } from '../../lib/hash.js';
import type { Instant } from '../../model/instant.js';
import { type Owner, ownerEndSchema, ownerSchema } from '../../model/workflow-run.js';
import { jsonRecord, readJson } from '../../store/codec.js';
import type { Disk } from '../../store/disk.js';
import { ownerKey, ownerNumbers } from '../../store/workflow-runs.js';

export interface Ownership {
  run: string;
  n: number;
  token: string;
  /** Milliseconds that earlier owners drove the run. */
  activeMsBefore: number;
}

export interface OwnerLife {
  /** `none`: nobody ever drove it. `ended`: the last one let go. `unknown` counts as alive: death must be proven. */
  state: 'none' | 'ended' | 'alive' | 'dead' | 'unknown';
  owner?: Owner;
  n: number;
}

/** Tokens of what this very process drives: one of ours that is not among them was given up by an error. */
const mine = new Set<string>();

export function ownerLife(disk: Disk, run: string): OwnerLife {
  const n = ownerNumbers(disk, run).at(-1) ?? 0;
  if (n === 0) return { state: 'none', n };
  const read = readJson(disk, ownerKey(run, n, 'json'), ownerSchema);
  if (disk.stat(ownerKey(run, n, 'end')).state === 'present')
    return { state: 'ended', n, ...(read.state === 'present' ? { owner: read.value } : {}) };
  if (read.state !== 'present') return { state: 'unknown', n };
  const owner = read.value;
  const self = selfIdentity();
  const isUs = owner.process.pid === self.pid && owner.process.start === self.start && owner.process.boot === self.boot;
  if (isUs && !mine.has(owner.token)) return { state: 'dead', n, owner };
  return { state: lifeOf(owner.process), n, owner };
}

/** Makes the caller the run's driver, or says who is. */
export function takeRun(disk: Disk, run: string, kind: Owner['kind'], now: Instant): Ownership | { heldBy: OwnerLife } {
  const life = ownerLife(disk, run);
  if (life.state === 'alive' || life.state === 'unknown') return { heldBy: life };
  const token = nonce();
  const owner = { kind, token, process: selfIdentity(), at: new Date(now).toISOString() };
  if (!disk.publish(ownerKey(run, life.n + 1, 'json'), jsonRecord(owner))) return { heldBy: ownerLife(disk, run) };
  mine.add(token);
  return { run, n: life.n + 1, token, activeMsBefore: activeMs(disk, run) };
}

/** Lets go: another may drive it. `activeMs`: how long this owner did. */
export function releaseRun(disk: Disk, { run, n, token }: Ownership, activeMs: number, now: Instant): void {
  const end = { token, activeMs: Math.round(activeMs), at: new Date(now).toISOString() };
  mine.delete(token);
  try {
    disk.publish(ownerKey(run, n, 'end'), jsonRecord(end));
  } catch {
    // On a disk that takes nothing: this process knows that it gave the run up, and any other one when we are gone.
  }
}

function activeMs(disk: Disk, run: string): number {
  return ownerNumbers(disk, run)
    .map((n) => readJson(disk, ownerKey(run, n, 'end'), ownerEndSchema))
    .reduce((sum, end) => sum + (end.state === 'present' ? end.value.activeMs : 0), 0);
}
