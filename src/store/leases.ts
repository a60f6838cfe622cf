/**
 * Leases: `leases/<name>.json` says who holds a shared resource. Taking is one published name or one compare-and-write over a
 * holder that is proven dead; a nonce makes every taking distinct, so no stale comparison frees a younger lease.
 */
import { prettyJson } from '../lib/json.js';
import { badInput, refused, type TendError } from '../model/error.js';
import { requireId } from '../model/id.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { type Lease, leaseSchema } from '../model/lease.js';
import { FORMAT } from '../model/record.js';
import { readJson } from './codec.js';
import type { Disk } from './disk.js';
import { quarantine } from './quarantine.js';
import { cannotRead } from './unreadable.js';

export const leaseKey = (name: string): string => `leases/${name}.json`;
/** Attempts while others take and free the same lease at the same moment. */
const ATTEMPTS = 8;

export interface LeaseTerms {
  now: Instant;
  /** Whether a holder lives. It throws when that is not known: then nothing is taken. */
  isAlive: (lease: Lease) => Promise<boolean>;
}

export interface Claimant {
  session: string;
  /** Generation of the worker that claims: its successor of the same id is somebody else. */
  generation?: string;
  /** Fresh nonce of this taking: `nonce(8)` of lib/hash.ts. */
  nonce: string;
}

/** `true`: newly taken. `false`: it was ours already, nothing was written. Throws when a living other holds it. */
export async function claimLease(disk: Disk, name: string, claimant: Claimant, terms: LeaseTerms): Promise<boolean> {
  requireId('a lease', name);
  requireSession(name, claimant.session);
  const text = prettyJson({ ...claimant, format: FORMAT, name, ts: unixSeconds(terms.now) } satisfies Lease);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = readLease(disk, name, terms.now);
    if (held === undefined) {
      if (disk.publish(leaseKey(name), text)) return true;
      continue;
    }
    if (held.lease && isSame(held.lease, claimant)) return false;
    if (held.lease && !isBlank(held.lease) && (await terms.isAlive(held.lease)))
      throw heldBy(name, held.lease, 'claim');
    if (disk.replaceIfEqual(leaseKey(name), held.text, text)) return true;
  }
  throw refused(
    'lease-contended',
    `Cannot claim "${name}": others took and freed it ${ATTEMPTS} times meanwhile`,
    `tend claim ${name}`,
  );
}

/** Frees a lease that is absent, ours or a dead holder's. True when one was removed. Throws when a living other holds it. */
export async function freeLease(
  disk: Disk,
  name: string,
  session: string,
  terms: LeaseTerms & { generation?: string | undefined },
): Promise<boolean> {
  requireId('a lease', name);
  requireSession(name, session);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const held = readLease(disk, name, terms.now);
    if (held === undefined) return false;
    const own =
      held.lease && isSame(held.lease, { session, ...(terms.generation ? { generation: terms.generation } : {}) });
    if (held.lease && !own && !isBlank(held.lease) && (await terms.isAlive(held.lease)))
      throw heldBy(name, held.lease, 'free');
    if (disk.removeIfEqual(leaseKey(name), held.text)) return true;
  }
  throw refused(
    'lease-contended',
    `Cannot free "${name}": it changed hands ${ATTEMPTS} times meanwhile`,
    `tend unclaim ${name}`,
  );
}

/** Every lease by name; those that cannot be read stand in `problems`. */
export function readLeases(disk: Disk): { leases: Lease[]; problems: { name: string; reason: string }[] } {
  const listed = disk.list('leases');
  if (listed.state === 'unreadable') throw cannotRead(disk, 'list "leases"', { key: 'leases', reason: listed.reason });
  const found: ReturnType<typeof readLeases> = { leases: [], problems: [] };
  for (const file of listed.state === 'present' ? listed.names : []) {
    if (!file.endsWith('.json')) continue;
    const name = file.slice(0, -'.json'.length);
    const read = readJson(disk, `leases/${file}`, leaseSchema);
    if (read.state === 'present') found.leases.push({ ...read.value, name });
    else if (read.state !== 'absent') found.problems.push({ name, reason: read.reason });
  }
  return found;
}

/** Frees every lease whose holder is proven dead, each judged and compared by itself; returns those that it freed. */
export async function reapLeases(disk: Disk, isAlive: LeaseTerms['isAlive']): Promise<Lease[]> {
  const reaped: Lease[] = [];
  for (const { name } of readLeases(disk).leases) {
    const read = readJson(disk, leaseKey(name), leaseSchema);
    if (read.state !== 'present') continue;
    if (!isBlank(read.value) && (await isAlive(read.value))) continue;
    if (disk.removeIfEqual(leaseKey(name), read.text)) reaped.push(read.value);
  }
  return reaped;
}

/** The lease with its bytes; `lease` undefined for an empty file, which holds for nobody. Unreadable and newer ones throw. */
function readLease(disk: Disk, name: string, now: Instant): { lease?: Lease; text: string } | undefined {
  const read = readJson(disk, leaseKey(name), leaseSchema);
  if (read.state === 'present') return { lease: read.value, text: read.text };
  if (read.state === 'absent') return undefined;
  if (read.state !== 'corrupt')
    throw cannotRead(disk, `read lease "${name}"`, { key: leaseKey(name), reason: read.reason });
  const raw = disk.read(leaseKey(name));
  if (raw.state === 'present' && raw.text.trim() === '') return { text: raw.text };
  quarantine(disk, leaseKey(name), read.reason, now);
  return undefined;
}

const isBlank = (lease: Lease): boolean => lease.session.trim() === '';

/** The same session and, where both say one, the same generation. */
function isSame(lease: Lease, claimant: { session: string; generation?: string }): boolean {
  if (lease.session !== claimant.session) return false;
  return (
    lease.generation === undefined || claimant.generation === undefined || lease.generation === claimant.generation
  );
}

function requireSession(name: string, session: string): void {
  if (session.trim() === '')
    throw badInput(
      `Cannot claim or free "${name}": no session is given and TEND_SESSION_ID is not set`,
      `tend claim ${name} --session NAME`,
    );
}

const heldBy = (name: string, lease: Lease, what: string): TendError =>
  refused('lease-held', `Cannot ${what} "${name}": it is held by "${lease.session}"`, 'tend worker list');
