/**
 * What the relay has pushed: `notify/<channel>/`. A claim is published before a message goes out and a note after it was
 * taken; a claim without a note is a message that may or may not have arrived, which whoever comes next must know.
 */
import { type Instant, unixSeconds } from '../model/instant.js';
import { notifyHolderSchema, type Place, type PushRecord, pushRecordSchema } from '../model/notify.js';
import { askKey } from './asks.js';
import { jsonRecord, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

/** Notes of asks that ended are kept so long, for late words in their threads. */
const KEEP_MS = 30 * 86_400_000;

export interface PushName {
  channel: string;
  ask: string;
  step: number;
}

type Shelf = 'claims' | 'sent' | 'ended' | 'told';
const shelf = (channel: string, name: Shelf): string => `notify/${channel}/${name}`;
// "~" is in no ask id, so the parts cannot run into one another.
const pushKey = (name: 'claims' | 'sent', { channel, ask, step }: PushName): string =>
  `${shelf(channel, name)}/${ask}~${step}.json`;

/** Claims a push before it goes out. Undefined: it is ours and new; else when somebody claimed it who left no note (unix seconds). */
export function claimPush(disk: Disk, push: PushName, now: Instant): { since: number } | undefined {
  const { ask, step } = push;
  if (disk.publish(pushKey('claims', push), jsonRecord({ ask, step, ts: unixSeconds(now) }))) return undefined;
  const claim = readJson(disk, pushKey('claims', push), pushRecordSchema);
  return { since: claim.state === 'present' ? claim.value.ts : 0 };
}

/** Notes that a push was taken, and where it stands; or that it never will be. The first note stays. */
export function notePush(disk: Disk, push: PushName, end: { place?: Place; failed?: string }, now: Instant): void {
  const { ask, step } = push;
  disk.publish(pushKey('sent', push), jsonRecord({ ask, step, ts: unixSeconds(now), ...end }));
}

/** Every note of a channel. One that cannot be read counts as a push of its name: sending twice is worse than not knowing where it stands. */
export function readPushes(disk: Disk, channel: string): PushRecord[] {
  return names(disk, shelf(channel, 'sent')).flatMap((name) => {
    const match = /^(.+)~(\d{1,3})\.json$/.exec(name);
    if (!match) return [];
    const found = readJson(disk, `${shelf(channel, 'sent')}/${name}`, pushRecordSchema);
    return [found.state === 'present' ? found.value : { format: 1, ask: match[1]!, step: Number(match[2]), ts: 0 }];
  });
}

/** Marks something that is told once, by its name: `ended` an ask whose message says so, `told` a word that was refused. False when it was marked. */
export const markOnce = (disk: Disk, channel: string, mark: { shelf: 'ended' | 'told'; name: string }, now: Instant) =>
  disk.publish(`${shelf(channel, mark.shelf)}/${mark.name}.json`, jsonRecord({ ts: unixSeconds(now) }));

export const isMarked = (disk: Disk, channel: string, mark: { shelf: 'ended' | 'told'; name: string }): boolean =>
  disk.stat(`${shelf(channel, mark.shelf)}/${mark.name}.json`).state !== 'absent';

/** Removes what is known of asks that are proven gone for long. Ids of asks are never given again, so nothing is pushed anew by it. */
export function sweepPushes(disk: Disk, channel: string, now: Instant): void {
  for (const name of ['sent', 'claims', 'ended', 'told'] as const) {
    for (const file of names(disk, shelf(channel, name))) {
      const key = `${shelf(channel, name)}/${file}`;
      const stat = disk.stat(key);
      if (stat.state !== 'present' || now - stat.mtimeMs < KEEP_MS) continue;
      const ask = file.replace(/(~\d+)?\.json$/, '');
      if (name === 'told' || disk.stat(askKey(ask)).state === 'absent') disk.remove(key);
    }
  }
}

const HOLDER = 'notify/holder.json';

/** The nonce of the beacon of whoever holds `epoch`; undefined when it left no word. */
export function notifyWaiter(disk: Disk, epoch: number): string | undefined {
  const holder = readJson(disk, HOLDER, notifyHolderSchema);
  return holder.state === 'present' && holder.value.epoch === epoch ? holder.value.waiter : undefined;
}

export const writeNotifyHolder = (disk: Disk, holder: { pid: number; epoch: number; waiter: string }): void =>
  disk.replace(HOLDER, jsonRecord(holder));

function names(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable') throw cannotRead(disk, `list "${dir}"`, { key: dir, reason: listed.reason });
  return listed.names;
}
