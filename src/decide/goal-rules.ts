/**
 * `rules:` in the front matter of a goal: text → checked rules, and every problem with goal, index and field. Nothing in a rule
 * is a template: the move is used as it stands, so no reading can become part of a command.
 */
import { parseFrontMatter } from '../lib/front-matter.js';
import { hash32 } from '../lib/hash.js';
import { isObject, type Json, stableJson } from '../lib/json.js';
import { checkDecision, type Decided } from '../model/move.js';
import type { GoalText } from '../model/world.js';
import type { Compile, Condition } from './cel.js';

/** A goal with more has become a program. */
export const RULES_PER_GOAL_MAX = 50;

export interface Rule {
  goal: string;
  index: number;
  condition: Condition;
  decided: Decided;
  /** Hash of goal and text: an edited rule is a new one. */
  key: string;
}

export interface RuleProblem {
  goal: string;
  /** Absent when the front matter as a whole is at fault. */
  index?: number;
  field?: string;
  problem: string;
}

/** `goal "x", rule 0, when: …`, for status and prompt. */
export function ruleProblemText({ goal, index, field, problem }: RuleProblem): string {
  const rule = index === undefined ? '' : `, rule ${index}`;
  return `goal ${JSON.stringify(goal)}${rule}${field ? `, ${field}` : ''}: ${problem}`;
}

/** Whether a look at the front matter is worth loading anything for. */
export const mayHaveRules = (goal: GoalText): boolean =>
  goal.text !== undefined && /^\ufeff?---/.test(goal.text) && goal.text.includes('rules');

/** Rules of all goals, in the order of goal names and then of the list. Goals that cannot be read have none: sense reports them. */
export async function readRules(
  goals: readonly GoalText[],
  compile: Compile,
): Promise<{ rules: Rule[]; problems: RuleProblem[] }> {
  const rules: Rule[] = [];
  const problems: RuleProblem[] = [];
  const sorted = goals.filter(mayHaveRules).sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const { id: goal, text } of sorted) {
    const read = await rulesOf(text!);
    if (read.problem !== undefined) problems.push({ goal, field: 'rules', problem: read.problem });
    for (const [index, entry] of (read.value ?? []).entries()) {
      const rule = readRule(goal, index, entry, compile);
      if ('condition' in rule) rules.push(rule);
      else problems.push(...rule.problems.map((problem) => ({ goal, index, ...problem })));
    }
  }
  return { rules, problems };
}

async function rulesOf(text: string): Promise<{ value?: Json[]; problem?: string }> {
  const parsed = await parseFrontMatter(text);
  if (parsed.problem !== undefined) {
    // A goal may begin with a line of dashes and have no rules at all: only a text that has them is at fault.
    return /^\s*["']?rules["']?\s*:/m.test(text) ? { problem: parsed.problem } : {};
  }
  const list = parsed.value.data['rules'];
  if (list === undefined || list === null) return {};
  if (!Array.isArray(list)) return { problem: 'expected a list of {when, move}' };
  if (list.length <= RULES_PER_GOAL_MAX) return { value: list };
  return {
    value: list.slice(0, RULES_PER_GOAL_MAX),
    problem: `${list.length} rules, only the first ${RULES_PER_GOAL_MAX} are used`,
  };
}

type FieldProblem = Pick<RuleProblem, 'field' | 'problem'>;

function readRule(goal: string, index: number, entry: Json, compile: Compile): Rule | { problems: FieldProblem[] } {
  if (!isObject(entry)) return { problems: [{ problem: 'expected an object with "when" and "move"' }] };
  const { when, move, ...rest } = entry;
  const problems: FieldProblem[] = Object.keys(rest).map((field) => ({ field, problem: 'unknown field' }));
  const compiled = typeof when === 'string' ? compile(when) : { problem: 'expected an expression as text, quote it' };
  if (compiled.problem !== undefined) problems.push({ field: 'when', problem: compiled.problem });
  const checked = checkDecision(move);
  problems.push(...(checked.problems ?? []).map((problem) => ({ field: 'move', problem })));
  if (problems.length > 0 || !compiled.condition || !checked.value) return { problems };
  const key = hash32(stableJson([goal, when, move]));
  return { goal, index, condition: compiled.condition, decided: checked.value, key };
}
