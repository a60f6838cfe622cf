/**
 * The world as it was sensed last, with policy as it is now: what `tend state` and `tend wait` show. Senses and writes nothing.
 * Thousands of goals go by one at a time: each is hashed and let go, because a view needs none of their texts.
 */
import { framedHash, framedHasher } from '../lib/hash.js';
import type { Fact } from '../model/world.js';
import type { Disk } from '../store/disk.js';
import { goalIds, goalKey, PLAYBOOK, sensorKey } from '../store/policy.js';
import { readSnapshot, snapshotNames } from '../store/snapshots.js';
import { parseHeaders } from './headers.js';
import { factOf, parseReading, unreadableReading } from './reading.js';
import { policyPart, readPolicyText, signalParts } from './world-hash.js';

export interface RecalledWorld {
  /** The hash that a beat gives to this world: 32 hex digits. */
  hash: string;
  /** Ids of the active goals, sorted. */
  goals: string[];
  /** A word per kind of content, equal as long as that content is: snapshots by name and signal, policy by its text. */
  marks: { goals: string; playbook: string; snapshots: string };
}

/** Throws when `goals/` or `snapshots/` cannot be listed: absence must be proven. */
export function recallWorld(disk: Disk): RecalledWorld {
  const playbook = policyPart('playbook', readPolicyText(disk, PLAYBOOK));
  const whole = framedHasher(playbook);
  const texts = framedHasher();
  const goals: string[] = [];
  for (const id of goalIds(disk).sort()) {
    const [part] = policyPart(`goal:${id}`, readPolicyText(disk, goalKey(id)));
    // Archived between the listing and now.
    if (part === undefined) continue;
    goals.push(id);
    whole.add(part);
    texts.add(part);
  }
  const signals = signalParts(recalledFacts(disk));
  for (const part of signals) whole.add(part);
  return {
    hash: whole.end(),
    goals,
    marks: { goals: texts.end(), playbook: framedHash(playbook), snapshots: framedHash(signals) },
  };
}

/** The facts of the last beat, read back from the snapshots; one that cannot be read is a failed fact. */
export function recalledFacts(disk: Disk): Fact[] {
  return snapshotNames(disk).flatMap((name) => {
    const read = readSnapshot(disk, name);
    if (read.state === 'absent') return [];
    if (read.state === 'unreadable') return [factOf(name, unreadableReading(read.reason))];
    const parsed = parseReading(read.text);
    if (parsed.problem !== undefined) return [factOf(name, unreadableReading(parsed.problem))];
    return [factOf(name, parsed.value, keepsApprovals(disk, name))];
  });
}

function keepsApprovals(disk: Disk, name: string): boolean {
  if (!name.startsWith('sensor-')) return false;
  const script = disk.read(sensorKey(name.slice('sensor-'.length)));
  return script.state === 'present' && parseHeaders(script.text).keepsApprovals;
}
