/**
 * Tells: durable steering for a running worker, `tells/<worker>-<n>.md`. Delivered in the order of their numbers, at most
 * once: taking one is a rename to `tells/consumed/`, and only one taker can do it. A tell is bound to the generation it was
 * written for; one that was never delivered goes to `tells/discarded/`.
 */
import { renderFrontMatter } from '../lib/front-matter.js';
import { refused } from '../model/error.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import { FORMAT } from '../model/record.js';
import { type Tell, tellHeadSchema } from '../model/tell.js';
import { readMarkdown } from './codec.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

const CONSUMED = 'tells/consumed';
const DISCARDED = 'tells/discarded';
/** Delivered tells are kept for people this long, as in specs/looop.md 8. */
const CONSUMED_KEEP_MS = 7 * 86_400_000;

export interface TellDraft {
  worker: string;
  /** Generation of the worker it is meant for. */
  generation?: string;
  message: string;
  by: string;
}

/** Publishes a tell under the worker's next number; numbers of delivered tells are not used again while those are kept. */
export function writeTell(disk: Disk, draft: TellDraft, now: Instant): Tell {
  let n =
    1 + Math.max(0, ...['tells', CONSUMED, DISCARDED].map((dir) => numbersOf(disk, dir, draft.worker).at(-1) ?? 0));
  for (let attempt = 0; attempt < LIMITS.idAttempts; attempt++, n++) {
    const tell: Tell = { ...draft, format: FORMAT, id: `${draft.worker}-${n}`, ts: unixSeconds(now) };
    const { message, ...head } = tell;
    if (disk.publish(`tells/${tell.id}.md`, renderFrontMatter(head, message))) return tell;
  }
  throw refused('no-tell-id', `Cannot tell "${draft.worker}": ${LIMITS.idAttempts} ids were taken by others meanwhile`);
}

/** Undelivered tells of a worker, whatever their generation. */
export const countTells = (disk: Disk, worker: string): number => numbersOf(disk, 'tells', worker).length;

export interface Delivery {
  messages: string[];
  /** Tells that could not be read as such; they are kept in `tells/discarded/`. */
  problems: string[];
}

/**
 * Takes every tell for this worker and generation, oldest first. Each is returned to exactly one caller; dying after the
 * rename loses the tell, which is the price of never giving it twice. `generation` undefined takes tells of any generation.
 */
export async function consumeTells(
  disk: Disk,
  worker: string,
  options: { generation?: string | undefined; now: Instant },
): Promise<Delivery> {
  const delivery: Delivery = { messages: [], problems: [] };
  for (const n of numbersOf(disk, 'tells', worker)) {
    const name = `${worker}-${n}.md`;
    const tell = await readMarkdown(disk, `tells/${name}`, tellHeadSchema);
    if (tell.state === 'absent') continue;
    if (tell.state !== 'present') {
      delivery.problems.push(`${name}: ${tell.reason}`);
      if (tell.state === 'corrupt') putAway(disk, name, DISCARDED);
      continue;
    }
    const meant = tell.value.head.generation;
    const isOurs = meant === undefined || options.generation === undefined || meant === options.generation;
    const taken = putAway(disk, name, isOurs ? CONSUMED : DISCARDED);
    if (taken && isOurs) delivery.messages.push(tell.value.body.replace(/\n$/, ''));
  }
  if (delivery.messages.length > 0) sweepConsumed(disk, options.now);
  return delivery;
}

/** Takes undelivered tells out of the way when a worker starts, is killed or is removed; `keep` names a generation to spare. */
export function discardTells(disk: Disk, worker: string, keep?: string): void {
  for (const n of numbersOf(disk, 'tells', worker)) {
    const name = `${worker}-${n}.md`;
    if (keep !== undefined) {
      const read = disk.read(`tells/${name}`);
      if (read.state === 'present' && read.text.includes(JSON.stringify(keep))) continue;
    }
    putAway(disk, name, DISCARDED);
  }
}

/** True when it was us who moved it. A name that is taken already (its number came back after a sweep) gets a suffix. */
function putAway(disk: Disk, name: string, dir: string): boolean {
  for (let copy = 0; copy < LIMITS.idAttempts; copy++) {
    const to = copy === 0 ? `${dir}/${name}` : `${dir}/${name.replace(/\.md$/, `.${copy}.md`)}`;
    if (disk.move(`tells/${name}`, to)) return true;
    if (disk.stat(`tells/${name}`).state === 'absent') return false;
  }
  return false;
}

function sweepConsumed(disk: Disk, now: Instant): void {
  for (const dir of [CONSUMED, DISCARDED]) {
    const listed = disk.list(dir);
    for (const name of listed.state === 'present' ? listed.names : []) {
      const stat = disk.stat(`${dir}/${name}`);
      if (stat.state === 'present' && now - stat.mtimeMs > CONSUMED_KEEP_MS) disk.remove(`${dir}/${name}`);
    }
  }
}

/** Numbers of this worker's tells in a directory, ascending. `a-1-2.md` is number 2 of `a-1`, never one of `a`. */
function numbersOf(disk: Disk, dir: string, worker: string): number[] {
  const listed = disk.list(dir);
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable') throw cannotRead(disk, `list "${dir}"`, { key: dir, reason: listed.reason });
  const numbers: number[] = [];
  for (const name of listed.names) {
    if (!name.startsWith(`${worker}-`)) continue;
    const digits = /^(\d{1,9})(?:\.\d+)?\.md$/.exec(name.slice(worker.length + 1))?.[1];
    if (digits !== undefined) numbers.push(Number(digits));
  }
  return [...new Set(numbers)].sort((a, b) => a - b);
}
