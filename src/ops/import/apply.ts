/**
 * Makes a plan true, item by item, each in one durable step. What is there already stays, unless it is policy and the human said so;
 * then its version goes to the history first. Repeating it changes nothing, and one that died is completed by the next.
 */

import { messageOf } from '../../model/error.js';
import type { Instant } from '../../model/instant.js';
import { askKey } from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { logEvent } from '../../store/events.js';
import { writePolicy } from '../../store/policy.js';
import { ensureFormat } from '../../store/root-format.js';
import type { ImportPlan, Item } from './plan.js';

/**
 * `made`: it was not there · `same`: it is there already · `replaced`: what was there is in the history · `kept`: something else is
 * there and stays · `failed`.
 */
export type Outcome = 'made' | 'same' | 'replaced' | 'kept' | 'failed';

export interface ItemDone {
  item: Item;
  outcome: Outcome;
  /** Why it is `kept` or `failed`. */
  reason?: string;
}

export interface ApplyTerms {
  force: boolean;
  /** Knob `historyKeep`. */
  keep: number;
  now: Instant;
  /** Only say what would happen. */
  dryRun: boolean;
}

export function applyPlan(disk: Disk, plan: ImportPlan, terms: ApplyTerms): ItemDone[] {
  if (!terms.dryRun) {
    ensureFormat(disk);
    // Workers are told to write here, and a data dir with a PLAYBOOK is not seeded any more.
    disk.makeDir('reports');
  }
  const done = plan.items.map((item) => applied(disk, item, terms));
  const made = done.filter(({ outcome }) => outcome === 'made' || outcome === 'replaced').length;
  if (!terms.dryRun && made > 0) logEvent(disk, terms.now, 'imported', { items: made });
  return done;
}

function applied(disk: Disk, item: Item, terms: ApplyTerms): ItemDone {
  try {
    const open = openReason(disk, item.key);
    if (open !== undefined) return { item, outcome: 'kept', reason: open };
    const there = stateOf(disk, item);
    if (there === 'same') return { item, outcome: 'same' };
    if (there === 'other') {
      if (item.kind === 'policy' && terms.force) {
        if (!terms.dryRun) replacePolicy(disk, item, terms);
        return { item, outcome: 'replaced' };
      }
      const reason = item.kind === 'policy' ? 'another version is there; --force replaces it' : 'another one is there';
      return { item, outcome: 'kept', reason };
    }
    if (!terms.dryRun && !disk.publish(item.key, item.content, item.mode))
      return { item, outcome: 'kept', reason: 'somebody made it at the same moment' };
    return { item, outcome: 'made' };
  } catch (error) {
    return { item, outcome: 'failed', reason: messageOf(error) };
  }
}

function replacePolicy(disk: Disk, { key, content, mode }: Item, { now, keep }: ApplyTerms): void {
  // A schedule has no history: its text is a time and a note.
  if (key.startsWith('schedules/')) disk.replace(key, content, mode);
  else writePolicy(disk, key, String(content), { now, keep, mode });
}

/** Throws when that cannot be told. */
function stateOf(disk: Disk, { key, content, mode }: Item): 'absent' | 'same' | 'other' {
  const wanted = Buffer.isBuffer(content) ? content : Buffer.from(content, 'utf8');
  const stat = disk.stat(key);
  if (stat.state === 'absent') {
    // A pending ask that an earlier run made may have ended since, and a goal may have been archived: they do not come again.
    const ended = /^(asks|goals)\/([^/]+)$/.exec(key);
    return ended ? contentState(disk, `${ended[1]}/archive/${ended[2]}`, wanted) : 'absent';
  }
  const state = contentState(disk, key, wanted);
  return state === 'same' && (mode & 0o100) !== 0 && stat.state === 'present' && !stat.executable ? 'other' : state;
}

function contentState(disk: Disk, key: string, wanted: Buffer): 'absent' | 'same' | 'other' {
  const stat = disk.stat(key);
  if (stat.state === 'absent') return 'absent';
  if (stat.state === 'unreadable') throw new Error(stat.reason);
  if (stat.kind !== 'file') throw new Error('it is no regular file');
  if (stat.bytes !== wanted.length) return 'other';
  const read = disk.read(key);
  if (read.state !== 'present') throw new Error(read.state === 'absent' ? 'it went away' : read.reason);
  return read.text === wanted.toString('utf8') ? 'same' : 'other';
}

/** The end of an ask that is open here must not appear beside it: whoever answered it then would not be heard. */
function openReason(disk: Disk, key: string): string | undefined {
  const id = /^(?:asks\/archive|answers\/archive|consumed)\/([^/]+)\.(?:md|json)$/.exec(key)?.[1];
  const isOpen = id !== undefined && disk.stat(key).state === 'absent' && disk.stat(askKey(id)).state !== 'absent';
  return isOpen ? `the ask "${id}" is open here` : undefined;
}
