/**
 * The one question of a beat, "did anything that matters change?", as a hash over policy and signals. Injective framing: no
 * content can imitate another. What cannot be read is a part of its own, never absence. Light, because `recall-world.ts` uses it.
 */
import { framedHash, hash32, type Part } from '../lib/hash.js';
import { stableJson } from '../lib/json.js';
import type { Instant } from '../model/instant.js';
import type { Fact, GoalText, World } from '../model/world.js';
import type { Disk } from '../store/disk.js';
import { goalIds, goalKey, PLAYBOOK } from '../store/policy.js';

export type Policy = Pick<World, 'playbook' | 'goals'>;

const UNREADABLE = '!unreadable';

/** PLAYBOOK and active goals, each read once: hash and prompt come from the same bytes. Throws when `goals/` cannot be listed. */
export function readWorldPolicy(disk: Disk): Policy {
  const goals: GoalText[] = [];
  for (const id of goalIds(disk)) {
    const text = readPolicyText(disk, goalKey(id));
    // Archived between the listing and now.
    if (text.text !== undefined || text.problem !== undefined) goals.push({ id, ...text });
  }
  return { playbook: readPolicyText(disk, PLAYBOOK), goals };
}

/** One file of policy as it is now. */
export interface PolicyText {
  /** Absent with `problem`, and with neither when there is no such file. */
  text?: string;
  /** Why it cannot be read. */
  problem?: string;
}

export function readPolicyText(disk: Disk, key: string): PolicyText {
  const read = disk.text(key);
  if (read.state === 'present') return { text: read.text };
  return read.state === 'absent' ? {} : { problem: read.reason };
}

/** Everything of a world that follows from policy and facts. Pure. */
export function worldOf(policy: Policy, facts: readonly Fact[], at: Instant): World {
  const sorted = [...facts].sort((a, b) => (a.name < b.name ? -1 : 1));
  const policyParts = partsOf(policy);
  const signals = signalParts(sorted);
  // What tend itself moves (sys-*) and what says of itself that it does not matter here cannot expire an approval.
  const binding = sorted.filter((fact) => fact.name.startsWith('sensor-') && fact.keepsApprovals !== true);
  const bound = signalParts(binding);
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

/** What is hashed of facts, by name. */
export const signalParts = (facts: readonly Fact[]): Part[] =>
  [...facts]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((fact) => [`snap:${fact.name}`, stableJson(fact.signal)] as const);

/**
 * What is hashed of a policy file: nothing when it is absent. A part's name begins with what kind it is, the unreadable ones
 * included: no id and no text can look like the sentinel.
 */
export function policyPart(name: string, file: PolicyText): Part[] {
  if (file.problem !== undefined) return [[`${UNREADABLE}:${name}`, '']];
  return file.text !== undefined ? [[name, file.text]] : [];
}

function partsOf(policy: Policy): Part[] {
  const goals = [...policy.goals].sort((a, b) => (a.id < b.id ? -1 : 1));
  return [...policyPart('playbook', policy.playbook), ...goals.flatMap((goal) => policyPart(`goal:${goal.id}`, goal))];
}

function itemsOf(policy: Policy): Record<string, string> {
  const items: Record<string, string> = {};
  const put = (name: string, file: PolicyText): void => {
    if (file.problem !== undefined) items[name] = UNREADABLE;
    else if (file.text !== undefined) items[name] = hash32(file.text);
  };
  put('playbook', policy.playbook);
  for (const goal of policy.goals) put(`goal:${goal.id}`, goal);
  return items;
}
