/**
 * CEL for rules: compile once, evaluate over plain readings, never more than a second. No functions of our own, no code from
 * data; an expression sees values and nothing else.
 */
import { createContext, Script } from 'node:vm';
import { clip } from '../lib/clip.js';
import type { Json } from '../lib/json.js';

/** A condition that needs more than this is a program. */
export const WHEN_CHARS_MAX = 2_000;
/** Nested loops over large readings and regular expressions can take for ever; the pulse has one thread. */
const EVALUATION_MS_MAX = 1_000;

export interface Condition {
  /** Facts that the expression names, e.g. `sys-asks`, `sensor-git`; a whole `sys` or `sensors` is `sys-*`, `sensor-*`. */
  names: ReadonlySet<string>;
  /** True or false, or a problem in words: a missing field, a wrong type, too slow. Never throws. */
  holds(
    variables: Variables,
  ): { value: boolean; problem?: never } | { value?: never; problem: string; isSlow?: boolean };
}

/** Values as `toCel` gives them. */
export type Variables = Readonly<Record<'sensors' | 'details' | 'sys' | 'goal' | 'now' | 'changed', unknown>>;

export type Compile = (
  when: string,
) => { condition: Condition; problem?: never } | { condition?: never; problem: string };

/** Loads the library, which only rules need. */
export async function celCompiler(): Promise<Compile> {
  const { Environment } = await import('@marcbachmann/cel-js');
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    // `sensors.?git.?dirty.orValue(false)` is the way to say "when it is there".
    enableOptionalTypes: true,
    limits: { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 8 },
  })
    .registerVariable('sensors', 'map')
    .registerVariable('details', 'map')
    .registerVariable('sys', 'map')
    .registerVariable('goal', 'map')
    .registerVariable('now', 'int')
    .registerVariable('changed', 'list');
  return (when) => {
    if (when.length > WHEN_CHARS_MAX) return { problem: `longer than ${WHEN_CHARS_MAX} characters` };
    try {
      const parsed = environment.parse(when);
      const type = parsed.check();
      if (!type.valid) return { problem: firstLine(type.error) };
      if (type.type !== 'bool' && type.type !== 'dyn') return { problem: `gives ${type.type}, expected true or false` };
      const holds = (variables: Variables) => outcome(() => parsed(variables as Record<string, unknown>));
      return { condition: { names: namedFacts(parsed.ast as unknown as AstNode), holds } };
    } catch (error) {
      return { problem: firstLine(error) };
    }
  };
}

/** The script is constant; the context exists because only a script can be given a time limit that also stops a regex. */
const limited = new Script('work()');

/** Evaluations that the machine, not the rule, made too slow, before the rule is given up for this look. */
const ATTEMPTS = 3;

function outcome(evaluate: () => unknown): ReturnType<Condition['holds']> {
  for (let attempt = 1; ; attempt++) {
    const before = process.cpuUsage();
    try {
      const value: unknown = limited.runInContext(createContext({ work: evaluate }), { timeout: EVALUATION_MS_MAX });
      return typeof value === 'boolean' ? { value } : { problem: `gives ${typeof value}, expected true or false` };
    } catch (error) {
      const isSlow = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
      if (!isSlow) return { problem: firstLine(error) };
      // We were stopped, or others had the processor: a rule that is passed over for that would not be looked at again in this world.
      if (attempt < ATTEMPTS && wasIdle(before)) continue;
      return { problem: `takes longer than ${EVALUATION_MS_MAX} ms`, isSlow };
    }
  }
}

/** True when this process has worked for less than half of the limit since `before`. */
function wasIdle(before: NodeJS.CpuUsage): boolean {
  const { user, system } = process.cpuUsage(before);
  return user + system < (EVALUATION_MS_MAX * 1_000) / 2;
}

/** JSON as CEL sees it: whole numbers are integers, and an object has the keys that it has and no inherited ones. */
export function toCel(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== 'object' || value === null) return value;
  return celMap(Object.entries(value).map(([key, member]) => [key, toCel(member)]));
}

/** A map without a prototype, so that `constructor` is a missing key. */
export function celMap(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const map = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of entries) map[key] = member;
  return map;
}

interface AstNode {
  op: string;
  args: unknown;
}

const PREFIX: Record<string, string> = { sys: 'sys-', sensors: 'sensor-' };

/** Facts that an expression mentions by name; a mention without a literal name counts as all of them. */
function namedFacts(root: AstNode): Set<string> {
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const member of node) visit(member);
    if (!isNode(node)) return;
    const [of, key] = Array.isArray(node.args) ? (node.args as unknown[]) : [];
    if (['.', '.?', '[]', '[?]'].includes(node.op) && isNode(of) && of.op === 'id') {
      const prefix = PREFIX[String(of.args)];
      const name = typeof key === 'string' ? key : isNode(key) && key.op === 'value' ? key.args : undefined;
      if (prefix !== undefined && typeof name === 'string') {
        names.add(prefix + name);
        return;
      }
    }
    if (node.op === 'id' && PREFIX[String(node.args)] !== undefined) names.add(`${PREFIX[String(node.args)]}*`);
    else visit(node.args);
  };
  visit(root);
  return names;
}

const isNode = (value: unknown): value is AstNode =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

/** Without the drawing of where in the expression it is, which takes several lines. */
const firstLine = (error: unknown): string =>
  clip((error instanceof Error ? error.message : String(error)).split('\n')[0]!, 300);
