/**
 * `schedules/<loop>/slots/<slot key>/aNN.{claim,lease,parked,result,out,err}`: what became of each planned time of a loop. Claim and
 * result are names that can be created once, so each is won by one process, whatever number race. The state of a slot is derived
 * from these files and never stored. What is not understood counts as claimed: nothing runs twice because a file was damaged.
 */
import type * as z from 'zod/mini';
import {
  type AttemptResult,
  attemptResultSchema,
  type Claim,
  claimSchema,
  type LeaseRecord,
  leaseRecordSchema,
  type Parked,
  parkedSchema,
  slotKey,
  slotTime,
} from '../model/loop.js';
import { FORMAT } from '../model/record.js';
import { jsonRecord, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { type AttemptRef, attemptName } from './live.js';
import { cannotRead } from './unreadable.js';

export type AttemptFile = 'claim' | 'lease' | 'parked' | 'result' | 'late' | 'out' | 'err';

const slotsDir = (loop: string): string => `schedules/${loop}/slots`;
export const slotDir = (loop: string, slot: number): string => `${slotsDir(loop)}/${slotKey(slot)}`;
/** `aNN.late` is a result that came after another one was published: kept for people, without effect. */
export const attemptKey = ({ loop, slot, attempt }: AttemptRef, file: AttemptFile): string =>
  `${slotDir(loop, slot)}/${attemptName(attempt)}.${file}`;

export interface AttemptFiles {
  ref: AttemptRef;
  /** `corrupt` and `newer` count as claimed. `at`: when it was published, milliseconds. */
  claim: { state: 'present'; value: Claim; at: number } | { state: 'corrupt' | 'newer'; reason: string; at: number };
  lease?: LeaseRecord;
  parked?: Parked;
  /** One that cannot be parsed is a failure that says `corrupt result`. */
  result?: AttemptResult;
}

/** How far one slot is (loops spec 5.5). `sealed`: settled and folded away. */
export type SlotState = 'free' | 'running' | 'parked' | 'retry' | 'settled' | 'sealed';

export interface SlotView {
  slot: number;
  state: SlotState;
  /** Oldest first. */
  attempts: AttemptFiles[];
  last?: AttemptFiles;
}

/** Claims an attempt: true for one caller, ever. A slot that was folded away is nobody's. */
export function publishClaim(disk: Disk, ref: AttemptRef, claim: Omit<Claim, 'format'>): boolean {
  if (ref.slot <= sealedThrough(disk, ref.loop)) return false;
  return disk.publish(attemptKey(ref, 'claim'), jsonRecord(claim));
}

/**
 * Renews the lease, or adds the child's identity to it; by the runner of the claim alone. Not synced: without power runner and child
 * are dead, and the claim says of which boot they were.
 */
export const writeLease = (disk: Disk, ref: AttemptRef, lease: Omit<LeaseRecord, 'format'>): void =>
  disk.replace(attemptKey(ref, 'lease'), jsonRecord(lease), 'unsynced');

/** The attempt waits for this workflow run, without a process; of an objective's nodes it may be one after another. */
export const writeParked = (disk: Disk, ref: AttemptRef, parked: Omit<Parked, 'format'>): void =>
  disk.replace(attemptKey(ref, 'parked'), jsonRecord(parked));

/** Ends the attempt: true for one caller, ever. */
export const publishResult = (disk: Disk, ref: AttemptRef, result: Omit<AttemptResult, 'format'>): boolean =>
  disk.publish(attemptKey(ref, 'result'), jsonRecord(result));

/** Keeps a result that came too late; it has no effect. */
export function keepLateResult(disk: Disk, ref: AttemptRef, result: Omit<AttemptResult, 'format'>): void {
  disk.publish(attemptKey(ref, 'late'), jsonRecord(result));
}

/**
 * Stores what an attempt printed; empty streams leave no file. The texts are scrubbed and bounded already. Their names are synced
 * with that of the result, which lies beside them and comes after them.
 */
export function writeOutputs(disk: Disk, ref: AttemptRef, outputs: { stdout: string; stderr: string }): void {
  if (outputs.stdout !== '') disk.replace(attemptKey(ref, 'out'), outputs.stdout, 'unlisted');
  if (outputs.stderr !== '') disk.replace(attemptKey(ref, 'err'), outputs.stderr, 'unlisted');
}

/** What an attempt printed; absent or unreadable is empty. */
export function readOutputs(disk: Disk, ref: AttemptRef): { stdout: string; stderr: string } {
  const text = (file: 'out' | 'err'): string => {
    const read = disk.read(attemptKey(ref, file));
    return read.state === 'present' ? read.text : '';
  };
  return { stdout: text('out'), stderr: text('err') };
}

/** True once somebody has ended the attempt, in whatever way. */
export const hasResult = (disk: Disk, ref: AttemptRef): boolean =>
  disk.stat(attemptKey(ref, 'result')).state !== 'absent';

/** Milliseconds up to which every slot of the loop is settled and folded away; -Infinity when none is. */
export function sealedThrough(disk: Disk, loop: string): number {
  const read = disk.read(`schedules/${loop}/sealed.json`);
  if (read.state === 'absent') return Number.NEGATIVE_INFINITY;
  const through = read.state === 'present' ? /"through"\s*:\s*"([^"]+)"/.exec(read.text)?.[1] : undefined;
  const at = through === undefined ? Number.NaN : Date.parse(through);
  // Without this date a slot that was settled and folded might be claimed again: nothing of the loop is started.
  if (Number.isNaN(at))
    throw cannotRead(disk, `tell which slots of loop "${loop}" are settled`, {
      key: `schedules/${loop}/sealed.json`,
      reason: read.state === 'unreadable' ? read.reason : 'it holds no date "through"',
    });
  return at;
}

export const sealThrough = (disk: Disk, loop: string, through: number): void =>
  disk.replace(`schedules/${loop}/sealed.json`, jsonRecord({ through: new Date(through).toISOString() }));

/** Slots of a loop that have files, from one on, oldest first, milliseconds. An unreadable directory throws. */
export function slotsOf(disk: Disk, loop: string, from?: number): number[] {
  const names = namesIn(disk, slotsDir(loop));
  // Keys sort by time: of a day's slots of a frequent loop none but the last need to be parsed.
  const first = from === undefined ? '' : slotKey(from);
  return names
    .filter((name) => name >= first)
    .map(slotTime)
    .filter((slot) => slot !== undefined)
    .sort((a, b) => a - b);
}

/**
 * One attempt from its files; undefined when it was never claimed. Throws when that cannot be told. `loopDir`: where the directory of
 * its loop lies, when that was removed.
 */
export function readAttempt(disk: Disk, ref: AttemptRef, loopDir = `schedules/${ref.loop}`): AttemptFiles | undefined {
  const keyOf = (file: AttemptFile): string =>
    `${loopDir}/slots/${slotKey(ref.slot)}/${attemptName(ref.attempt)}.${file}`;
  const claim = readJson(disk, keyOf('claim'), claimSchema);
  if (claim.state === 'absent') return undefined;
  if (claim.state === 'unreadable')
    throw cannotRead(disk, `tell who runs slot "${slotKey(ref.slot)}" of loop "${ref.loop}"`, {
      key: keyOf('claim'),
      reason: claim.reason,
    });
  const lease = optional(disk, keyOf('lease'), leaseRecordSchema);
  const parked = optional(disk, keyOf('parked'), parkedSchema);
  const result = readResult(disk, ref, keyOf('result'));
  const at = changedAt(disk, keyOf('claim'));
  return {
    ref,
    claim:
      claim.state === 'present'
        ? { state: 'present', value: claim.value, at }
        : { state: claim.state, reason: claim.reason, at },
    ...(lease ? { lease } : {}),
    ...(parked ? { parked } : {}),
    ...(result ? { result } : {}),
  };
}

/** All attempts of a slot and what follows from them. `maxAttempts` of the loop's spec. */
export function readSlot(disk: Disk, at: { loop: string; slot: number }, maxAttempts: number): SlotView {
  const numbers = namesIn(disk, slotDir(at.loop, at.slot))
    .map((name) => /^a(\d{2,9})\.claim$/.exec(name)?.[1])
    .filter((text) => text !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  const attempts = numbers
    .map((attempt) => readAttempt(disk, { ...at, attempt }))
    .filter((files) => files !== undefined);
  const last = attempts.at(-1);
  if (!last) return { slot: at.slot, state: at.slot <= sealedThrough(disk, at.loop) ? 'sealed' : 'free', attempts };
  return { slot: at.slot, state: stateOf(last, maxAttempts), attempts, last };
}

/** Sources whose attempts are never tried again. */
const ONCE: readonly string[] = ['ad_hoc', 'backfill'];

/** State of a slot from its last attempt (loops spec 5.5). Whether a running one is an orphan is for those who can see processes. */
export function stateOf({ ref, claim, parked, result }: AttemptFiles, maxAttempts: number): SlotState {
  if (claim.state === 'present' && claim.value.kind === 'skip') return 'settled';
  if (!result) return parked ? 'parked' : 'running';
  if (result.status === 'succeeded' || result.status === 'skipped') return 'settled';
  const isOnce = claim.state === 'present' && ONCE.includes(claim.value.source);
  return !isOnce && ref.attempt < maxAttempts ? 'retry' : 'settled';
}

function readResult(disk: Disk, ref: AttemptRef, key: string): AttemptResult | undefined {
  const result = readJson(disk, key, attemptResultSchema);
  if (result.state === 'absent') return undefined;
  if (result.state === 'present') return result.value;
  if (result.state === 'unreadable')
    throw cannotRead(disk, `tell how slot "${slotKey(ref.slot)}" of loop "${ref.loop}" ended`, {
      key,
      reason: result.reason,
    });
  const error = result.state === 'newer' ? `unknown result: ${result.reason}` : `corrupt result: ${result.reason}`;
  return {
    format: FORMAT,
    token: '',
    status: 'failed',
    finishedAt: new Date(changedAt(disk, key)).toISOString(),
    error,
    outBytes: 0,
    errBytes: 0,
  };
}

/** A lease or a parking note that is damaged is as good as none: the claim's own lease counts. */
function optional<T>(disk: Disk, key: string, schema: z.ZodMiniType<T>): T | undefined {
  const read = readJson(disk, key, schema);
  return read.state === 'present' ? read.value : undefined;
}

function changedAt(disk: Disk, key: string): number {
  const stat = disk.stat(key);
  return stat.state === 'present' ? stat.mtimeMs : 0;
}

function namesIn(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  if (listed.state === 'absent') return [];
  // A foreign file where a directory should be holds no slot of ours.
  if (listed.state === 'unreadable' && disk.stat(dir).state === 'present' && !isDir(disk, dir)) return [];
  if (listed.state === 'unreadable') throw cannotRead(disk, `list "${dir}"`, { key: dir, reason: listed.reason });
  return listed.names;
}

function isDir(disk: Disk, key: string): boolean {
  const stat = disk.stat(key);
  return stat.state === 'present' && stat.kind === 'dir';
}
