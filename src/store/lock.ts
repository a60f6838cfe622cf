/**
 * Who may act for a name (`pulse`), as epochs: `locks/<name>/<n>.json`, names that can be created once. The holder is
 * whoever created the newest; it is released by its record, or overtaken by the next number. Nothing is ever taken away from
 * a holder, so two cannot hold one epoch, and one that was stopped and goes on finds a newer number and is refused.
 * proper-lockfile was measured and left out: an overtaken holder that exits removes its successor's lock.
 */
import * as z from 'zod/mini';
import { nonce } from '../lib/hash.js';
import { refused, TendError } from '../model/error.js';
import { jsonRecord, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

/** A holder that gave no sign for this long may be overtaken. Long enough for a loaded machine, short enough to wait for. */
export const LOCK_STALE_MS = 10_000;
/** Old epochs kept: a process that listed the names and then was stopped must still find newer ones than its own. */
const KEEP_EPOCHS = 16;
/** Rounds against others who take the next number at the same moment. */
const ATTEMPTS = 20;

/** `locks/<name>/<n>.json`. Its modification time is the holder's last sign of life. */
export const epochSchema = z.object({
  format: z.number(),
  pid: z.number(),
  /** Unix seconds of the taking. */
  ts: z.number(),
  released: z._default(z.boolean(), false),
  /** Of this one taking: a number comes back when the data dir is restored from an older copy, this does not. */
  nonce: z._default(z.string(), ''),
});

/** True while the holder of this very epoch has given a sign of life within the stale time, and no newer epoch exists. */
export function isLockFresh(disk: Disk, name: string, epoch: number): boolean {
  const holder = newestEpoch(disk, name) === epoch ? holderOf(disk, name, epoch, LOCK_STALE_MS) : undefined;
  return holder !== undefined && !holder.isStale;
}

/** Whether somebody holds the lock by its records, for people: the proof of life is the holder's beacon. Throws as taking does. */
export function lockLook(disk: Disk, name: string): { state: 'free' } | { state: 'held'; who: string } {
  const newest = newestEpoch(disk, name);
  const holder = newest === 0 ? undefined : holderOf(disk, name, newest, LOCK_STALE_MS);
  return holder ? { state: 'held', who: holder.who } : { state: 'free' };
}

export interface LockOptions {
  /** Default LOCK_STALE_MS. The sign of life is given four times in this span. */
  staleMs?: number;
  /** Called once, when a newer epoch exists: stop working. Writes are refused from that moment by `check`, not by this. */
  onLost: (error: TendError) => void;
  /** Proof that the holder of this epoch is dead (its beacon refuses), so that a successor need not wait for the stale time. */
  isHolderDead?: (epoch: number) => Promise<boolean>;
  /** Proof that the holder of this epoch lives (its beacon answers): then an old sign of life only means that the clock was set. */
  isHolderAlive?: (epoch: number) => Promise<boolean>;
}

export interface Lock {
  readonly epoch: number;
  /** Throws an environment error of code `fenced` when a newer epoch exists, or when it cannot be told. */
  check(): void;
  /** Lets the next one in at once. Safe to call twice, and by a holder that was overtaken. */
  release(): void;
}

/** Takes the lock, or says who holds it. Never waits for a holder. */
export async function acquireLock(disk: Disk, name: string, options: LockOptions): Promise<Lock | { heldBy: string }> {
  const staleMs = options.staleMs ?? LOCK_STALE_MS;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const newest = newestEpoch(disk, name);
    const holder = newest === 0 ? undefined : holderOf(disk, name, newest, staleMs);
    if (holder && !(await isVacant(holder, newest, options))) return { heldBy: holder.who };
    const epoch = newest + 1;
    const mine = { pid: process.pid, ts: Math.floor(Date.now() / 1000), nonce: nonce(8) };
    if (!disk.publish(epochKey(name, epoch), jsonRecord(mine))) continue;
    // Stopped between listing and publishing, we may have taken a number that was used and pruned long ago.
    if (newestEpoch(disk, name) !== epoch) {
      disk.remove(epochKey(name, epoch));
      continue;
    }
    prune(disk, name, epoch);
    return hold(disk, { name, epoch, mine, staleMs, onLost: options.onLost });
  }
  throw refused('busy', `Cannot take the lock "${name}": others took it ${ATTEMPTS} times meanwhile`, 'tend status');
}

/** Whether an epoch that was not released may be overtaken. */
async function isVacant({ isStale }: { isStale: boolean }, epoch: number, options: LockOptions): Promise<boolean> {
  if (isStale) return !(await options.isHolderAlive?.(epoch));
  return (await options.isHolderDead?.(epoch)) === true;
}

interface Held {
  name: string;
  epoch: number;
  /** What our epoch's record says. */
  mine: { pid: number; ts: number; nonce: string };
  staleMs: number;
  onLost: (error: TendError) => void;
}

function hold(disk: Disk, { name, epoch, mine, staleMs, onLost }: Held): Lock {
  const key = epochKey(name, epoch);
  const check = () => {
    const newest = newestEpoch(disk, name);
    if (newest !== epoch) throw fenced(name, epoch, `the newest is ${newest === 0 ? 'gone' : newest}`);
    const record = readJson(disk, key, epochSchema);
    // One that is damaged proves nobody else: a name is published whole, and nobody publishes over it.
    const isOthers = record.state === 'present' && record.value.nonce !== mine.nonce;
    if (isOthers) throw fenced(name, epoch, `process ${record.value.pid} holds that number now`);
  };
  const beat = setInterval(() => {
    try {
      check();
      disk.touch(key, Date.now());
    } catch (error) {
      // A sign of life that failed for another reason is tried again; if it stays so we shall be overtaken, and see that.
      if (!(error instanceof TendError) || error.code !== 'fenced') return;
      clearInterval(beat);
      onLost(error);
    }
  }, staleMs / 4);
  // A process with nothing else to do may end; its lock is then released, or stale.
  beat.unref();
  let isReleased = false;
  const release = () => {
    clearInterval(beat);
    if (isReleased) return;
    isReleased = true;
    try {
      check();
      disk.replace(key, jsonRecord({ ...mine, released: true }));
    } catch (error) {
      // Overtaken, or the disk refuses: there is nothing to give back, or the stale time gives it back.
      if (!(error instanceof TendError)) throw error;
    }
  };
  return { epoch, check, release };
}

const fenced = (name: string, epoch: number, found: string): TendError =>
  new TendError(
    'environment',
    `Cannot go on as holder of the lock "${name}": we hold epoch ${epoch}, and ${found}; another process took over, or the data dir was exchanged`,
    { code: 'fenced', hint: 'tend status' },
  );

const dirOf = (name: string): string => `locks/${name}`;
const epochKey = (name: string, epoch: number): string => `${dirOf(name)}/${epoch}.json`;

/** 0 when the lock was never taken. Throws when the directory cannot be listed: then nobody may act. */
function newestEpoch(disk: Disk, name: string): number {
  return Math.max(0, ...epochs(disk, name));
}

function epochs(disk: Disk, name: string): number[] {
  const listed = disk.list(dirOf(name));
  if (listed.state === 'unreadable')
    throw cannotRead(disk, `tell who holds the lock "${name}"`, { key: dirOf(name), reason: listed.reason });
  const names = listed.state === 'present' ? listed.names : [];
  return names.flatMap((file) => (/^\d{1,15}\.json$/.test(file) ? [Number(file.slice(0, -5))] : []));
}

/** The holder of an epoch, or undefined when it was released. A record that cannot be read counts as held until it is stale. */
function holderOf(
  disk: Disk,
  name: string,
  epoch: number,
  staleMs: number,
): { who: string; isStale: boolean } | undefined {
  const key = epochKey(name, epoch);
  const record = readJson(disk, key, epochSchema);
  if (record.state === 'newer')
    throw new TendError('environment', `Cannot take the lock "${name}": ${record.reason}`, { code: 'newer-format' });
  if (record.state === 'present' && record.value.released) return undefined;
  const stat = disk.stat(key);
  // Its age is the only sign of life; where that cannot be seen, nobody would ever be overtaken.
  if (stat.state === 'unreadable')
    throw cannotRead(disk, `tell who holds the lock "${name}" by "${key}"`, { key, reason: stat.reason });
  // Both signs: a clock that was set back leaves signs from the future, which a living holder soon replaces.
  const isStale = stat.state === 'present' && Math.abs(Date.now() - stat.mtimeMs) > staleMs;
  const who =
    record.state === 'present'
      ? `process ${record.value.pid} since ${new Date(record.value.ts * 1000).toISOString()}`
      : 'a process that left no readable record';
  return { who, isStale };
}

function prune(disk: Disk, name: string, epoch: number): void {
  for (const old of epochs(disk, name)) if (old <= epoch - KEEP_EPOCHS) disk.remove(epochKey(name, old));
}
