/**
 * Rules before any model: the first rule that is true, and has not fired in this same world, is the move. A rule that is seen
 * false is armed again, so a world that comes back fires it again. Pure apart from loading CEL.
 */
import { framedHash } from '../lib/hash.js';
import { type Json, stableJson } from '../lib/json.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import type { Memory } from '../model/memory.js';
import type { Decided } from '../model/move.js';
import type { Fact, World } from '../model/world.js';
import { celCompiler, celMap, toCel, type Variables } from './cel.js';
import { mayHaveRules, type Rule, type RuleProblem, readRules } from './goal-rules.js';

export type RuleWorld = Pick<World, 'goals' | 'facts' | 'items' | 'approvalHash'>;

export interface RuleMatch {
  goal: string;
  decided: Decided;
  ruleKey: string;
  /** Digest of the world in which it fires: goes to `memory.rules[ruleKey]` when the move has taken effect. */
  firedIn: string;
}

export interface RuleLook {
  match?: RuleMatch;
  /** Another rule is true as well and waits for its turn in this same world. */
  hasMore: boolean;
  problems: RuleProblem[];
  /** `memory.rules` after this look: rules that are false now or exist no more are forgotten. */
  fired: Record<string, string>;
}

/** Looks at every rule. Problems never throw: a rule that cannot be evaluated is false, and keeps what it remembers. */
export async function matchRule(
  world: RuleWorld,
  memory: Pick<Memory, 'rules' | 'committed'>,
  now: Instant,
): Promise<RuleLook> {
  const look: RuleLook = { hasMore: false, problems: [], fired: {} };
  if (!world.goals.some(mayHaveRules)) return look;
  const { rules, problems } = await readRules(world.goals, await celCompiler());
  look.problems.push(...problems);
  const { variables, problems: unusable } = variablesOf(world, memory.committed?.items, now);
  look.problems.push(...unusable);
  const looking: Looking = { world, memory, variables, look, slow: 0 };
  for (const rule of rules) lookAt(rule, looking);
  return look;
}

interface Looking {
  world: RuleWorld;
  memory: Pick<Memory, 'rules'>;
  variables: Omit<Variables, 'goal'>;
  look: RuleLook;
  /** Rules of this look that ran into their time limit. */
  slow: number;
}

/** After this many slow rules the rest of a look is left alone: the pulse has other things to do. */
const SLOW_RULES_MAX = 3;

function lookAt(rule: Rule, looking: Looking): void {
  const { world, memory, variables, look } = looking;
  const before = Object.hasOwn(memory.rules, rule.key) ? memory.rules[rule.key] : undefined;
  const result =
    looking.slow >= SLOW_RULES_MAX
      ? { problem: `not evaluated, ${SLOW_RULES_MAX} rules before it were too slow` }
      : rule.condition.holds({ ...variables, goal: celMap([['id', rule.goal]]) });
  if ('isSlow' in result && result.isSlow) looking.slow += 1;
  if (result.problem !== undefined) {
    look.problems.push({ goal: rule.goal, index: rule.index, field: 'when', problem: result.problem });
  }
  if (result.value === false) return;
  if (before !== undefined) look.fired[rule.key] = before;
  if (result.value !== true) return;
  const firedIn = worldOf(rule, world);
  if (before === firedIn) return;
  if (look.match) look.hasMore = true;
  else look.match = { goal: rule.goal, decided: rule.decided, ruleKey: rule.key, firedIn };
}

/**
 * What "this same world" means to a rule: what approvals are bound to, and beside it the facts that the rule names and that
 * `approvalHash` leaves out (tend's own, and sensors whose change keeps approvals).
 */
function worldOf(rule: Rule, world: RuleWorld): string {
  const named = world.facts.filter((fact) => isLeftOut(fact) && isNamed(rule, fact));
  return framedHash([
    ['approval', world.approvalHash],
    ...named.map((fact) => [fact.name, stableJson(fact.signal)] as const),
  ]);
}

const isLeftOut = (fact: Fact): boolean => fact.name.startsWith('sys-') || fact.keepsApprovals === true;

function isNamed({ condition: { names } }: Rule, { name }: Fact): boolean {
  return names.has(name) || names.has(name.startsWith('sys-') ? 'sys-*' : 'sensor-*');
}

function variablesOf(world: RuleWorld, before: Readonly<Record<string, string>> | undefined, now: Instant) {
  const problems: RuleProblem[] = [];
  const take = (prefix: string, of: (fact: Fact) => Json | undefined) =>
    celMap(
      world.facts
        .filter((fact) => fact.name.startsWith(prefix) && of(fact) !== undefined)
        .flatMap((fact): [string, unknown][] => {
          try {
            return [[fact.name.slice(prefix.length), toCel(of(fact)!)]];
          } catch (error) {
            // Too deep a nesting ends the stack; the reading is left out, so rules that need it say "No such key".
            problems.push({ goal: '*', field: fact.name, problem: `cannot be used in rules: ${String(error)}` });
            return [];
          }
        }),
    );
  const variables: Omit<Variables, 'goal'> = {
    sensors: take('sensor-', (fact) => fact.signal),
    details: take('sensor-', (fact) => fact.detail),
    sys: take('sys-', (fact) => fact.signal),
    now: BigInt(unixSeconds(now)),
    changed: changedNames(before ?? {}, world.items),
  };
  return { variables, problems };
}

/** Items that appeared, changed or went since the world of the last decision; before the first, all. */
function changedNames(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const text = (items: Readonly<Record<string, string>>, name: string) =>
    Object.hasOwn(items, name) ? items[name] : undefined;
  return [...names].filter((name) => text(before, name) !== text(after, name)).sort();
}
