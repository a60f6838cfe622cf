/**
 * `spend-<day>.ndjson`: money and tokens of one local day. A run is reserved before it starts and settled after it, both in the
 * ledger of the day on which it was reserved, so that a death between the two leaves the reservation counting.
 */

import { TendError } from '../model/error.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { type SpendRow, spendRowSchema, type Usage } from '../model/spend.js';
import { jsonRow, parseRows } from './codec.js';
import type { Disk } from './disk.js';

/** 120 decisions an hour make under 2 MB a day; a ledger beyond this is not ours, and its sum would be a guess. */
const LEDGER_BYTES_MAX = 64 * 1024 * 1024;

export const spendKey = (day: string): string => `spend-${day}.ndjson`;

export interface Reservation {
  /** Local day of the ledger. */
  day: string;
  /** Id of the model call: the run's id, with `#2` for its repair call. */
  run: string;
  runner: string;
  /** Kind of the run, e.g. `beat`. */
  job?: string;
  goal?: string;
  worker?: string;
  /** Timed loop and workflow that it was for: ids, with their names of this moment. */
  loop?: string;
  loop_name?: string;
  workflow?: string;
  workflow_name?: string;
  /** Run in which its session began, when that is an earlier one. */
  first?: string;
  /** What the call counts until it is settled, and for good when it reports no cost. */
  estimateUsd: number;
}

/** Must return before the process of the run is started. Of a run under way a later one, with what it has used, replaces it. */
export function reserveSpend(
  disk: Disk,
  reservation: Reservation & Partial<Pick<SpendRow, 'tokens' | 'metered'>>,
  now: Instant,
): void {
  append(disk, reservation.day, {
    kind: 'reserve',
    ...whose(reservation),
    usd: reservation.estimateUsd,
    tokens: reservation.tokens ?? 0,
    metered: reservation.metered ?? false,
    ts: unixSeconds(now),
  });
}

/** Replaces the reservation by what the runner reported. No reported cost: the estimate stays, marked as unmetered. */
export function settleSpend(disk: Disk, reservation: Reservation, usage: Usage, now: Instant): void {
  append(disk, reservation.day, {
    kind: 'settle',
    ...whose(reservation),
    usd: usage.usd ?? reservation.estimateUsd,
    tokens: (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0),
    metered: usage.usd !== undefined,
    ts: unixSeconds(now),
  });
}

function whose({ run, runner, ...of }: Reservation): Pick<SpendRow, 'run' | 'runner'> {
  const known = OWNERS.flatMap((name) => (of[name] === undefined ? [] : [[name, of[name]] as const]));
  return { run, runner, ...Object.fromEntries(known) };
}
const OWNERS = ['job', 'goal', 'worker', 'loop', 'loop_name', 'workflow', 'workflow_name', 'first'] as const;

/** Says for which goal a run was, when that is known only after it was paid. Its repair and further calls follow it. */
export function spendBelongs(disk: Disk, of: { day: string; run: string; goal: string }, now: Instant): void {
  append(disk, of.day, {
    kind: 'belongs',
    run: of.run,
    goal: of.goal,
    usd: 0,
    tokens: 0,
    metered: true,
    ts: unixSeconds(now),
  });
}

/** The human's word for one ask. Safe to repeat: an ask raises once, by its first row, however many name it. */
export function raiseSpend(
  disk: Disk,
  raise: { day: string; ask: string } & Pick<SpendRow, 'usd' | 'tokens' | 'config' | 'value' | 'goal'>,
  now: Instant,
): void {
  const { day, ask, ...row } = raise;
  append(disk, day, { ...row, kind: 'raise', run: ask, metered: true, ts: unixSeconds(now) });
}

export interface SpendLedger {
  rows: SpendRow[];
  /** Lines that are no rows, e.g. torn ones. Counted and shown, never guessed at. */
  torn: number;
}

/** Rows of one day; absent is an empty day. Throws when the ledger cannot be read: an unknown sum allows no spending. */
export function readSpend(disk: Disk, day: string): SpendLedger {
  const read = disk.read(spendKey(day), LEDGER_BYTES_MAX);
  if (read.state === 'absent') return { rows: [], torn: 0 };
  if (read.state === 'unreadable') {
    throw new TendError('environment', `Cannot tell what was spent on ${day}: "${spendKey(day)}": ${read.reason}`, {
      code: 'spend-unreadable',
      hint: 'tend status',
    });
  }
  const { rows, bad } = parseRows(read.text, spendRowSchema);
  return { rows, torn: bad };
}

const append = (disk: Disk, day: string, row: Omit<SpendRow, 'format'>): void =>
  disk.append(spendKey(day), jsonRow(row));
