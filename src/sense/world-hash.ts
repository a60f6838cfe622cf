/**
 * The one question of a beat, "did anything that matters change?", as a hash over policy and signals. Injective framing: no
 * content can imitate another. What cannot be read is a part of its own, never absence. Light, because `tend state` uses it.
 */
import { framedHash, hash32 } from '../lib/hash.js';
import { stableJson } from '../lib/json.js';
import type { Instant } from '../model/instant.js';
import type { Fact, GoalText, World } from '../model/world.js';
import type { Disk } from '../store/disk.js';
import { goalIds, goalKey, PLAYBOOK, readPolicy, sensorKey } from '../store/policy.js';
import { readSnapshot, snapshotNames } from '../store/snapshots.js';
import { parseHeaders } from './headers.js';
import { factOf, parseReading, unreadableReading } from './reading.js';

export type Policy = Pick<World, 'playbook' | 'goals'>;

const UNREADABLE = '!unreadable';

/** PLAYBOOK and active goals, each read once: hash and prompt come from the same bytes. Throws when `goals/` cannot be listed. */
export function readWorldPolicy(disk: Disk): Policy {
  const goals: GoalText[] = [];
  for (const id of goalIds(disk)) {
    const text = textOf(disk, goalKey(id));
    // Archived between the listing and now.
    if (text.text !== undefined || text.problem !== undefined) goals.push({ id, ...text });
  }
  return { playbook: textOf(disk, PLAYBOOK), goals };
}

function textOf(disk: Disk, key: string): { text?: string; problem?: string } {
  const read = readPolicy(disk, key);
  if (read.state === 'present') return { text: read.text };
  return read.state === 'absent' ? {} : { problem: read.reason };
}

/** Everything of a world that follows from policy and facts. Pure. */
export function worldOf(policy: Policy, facts: readonly Fact[], at: Instant): World {
  const sorted = [...facts].sort((a, b) => (a.name < b.name ? -1 : 1));
  const policyParts = partsOf(policy);
  const signals = sorted.map((fact) => [`snap:${fact.name}`, stableJson(fact.signal)] as const);
  // What tend itself moves (sys-*) and what says of itself that it does not matter here cannot expire an approval.
  const binding = sorted.filter((fact) => fact.name.startsWith('sensor-') && fact.keepsApprovals !== true);
  const bound = binding.map((fact) => [`snap:${fact.name}`, stableJson(fact.signal)] as const);
  return {
    at,
    hash: framedHash([...policyParts, ...signals]),
    policyHash: framedHash(policyParts),
    approvalHash: framedHash([...policyParts, ...bound]),
    items: { ...itemsOf(policy), ...Object.fromEntries(signals) },
    playbook: policy.playbook,
    goals: policy.goals,
    facts: sorted,
    flapping: [],
  };
}

/** A part's name begins with what kind it is, the unreadable ones included: no id and no text can look like the sentinel. */
function partsOf(policy: Policy): (readonly [string, string])[] {
  const part = (name: string, file: { text?: string; problem?: string }): (readonly [string, string])[] =>
    file.problem !== undefined ? [[`${UNREADABLE}:${name}`, '']] : file.text !== undefined ? [[name, file.text]] : [];
  const goals = [...policy.goals].sort((a, b) => (a.id < b.id ? -1 : 1));
  return [...part('playbook', policy.playbook), ...goals.flatMap((goal) => part(`goal:${goal.id}`, goal))];
}

function itemsOf(policy: Policy): Record<string, string> {
  const items: Record<string, string> = {};
  const put = (name: string, file: { text?: string; problem?: string }): void => {
    if (file.problem !== undefined) items[name] = UNREADABLE;
    else if (file.text !== undefined) items[name] = hash32(file.text);
  };
  put('playbook', policy.playbook);
  for (const goal of policy.goals) put(`goal:${goal.id}`, goal);
  return items;
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

/** The world as it was sensed last, with policy as it is now, without sensing: what `tend state` shows. Writes nothing. */
export function recomputeWorld(disk: Disk, now: Instant): World {
  return worldOf(readWorldPolicy(disk), recalledFacts(disk), now);
}
