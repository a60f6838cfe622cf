import { expect, test } from 'vitest';
import { celCompiler, celMap } from '../../src/decide/cel.js';
import { ruleProblemText } from '../../src/decide/goal-rules.js';
import { matchRule, type RuleWorld } from '../../src/decide/rules.js';
import type { Json } from '../../src/lib/json.js';
import type { Fact } from '../../src/model/world.js';

const NOW = 1_800_000_000_000;
const noop = (reason: string) => ({ action: 'noop', reason });
const goal = (id: string, rules: unknown, body = 'x') => ({
  id,
  text: `---\nrules: ${JSON.stringify(rules)}\n---\n${body}\n`,
});
const fact = (name: string, signal: Json, more: Partial<Fact> = {}): Fact => ({ name, signal, ...more });

const world = (over: Partial<RuleWorld> = {}): RuleWorld => ({
  goals: [],
  facts: [
    fact('sensor-git', { dirty: 3, ratio: 0.5, branch: 'main', labels: ['a', 'b'] }, { detail: { files: ['x'] } }),
    fact('sensor-git-repo', { head: 'abc' }),
    fact('sys-asks', { pending: ['pulse-1'], answered: [] }),
  ],
  items: { 'snap:sensor-git': 'new', playbook: 'p' },
  approvalHash: 'w1',
  ...over,
});

async function reasonOf(when: string, over: Partial<RuleWorld> = {}) {
  const look = await matchRule(
    world({ ...over, goals: [goal('g', [{ when, move: noop('yes') }])] }),
    { rules: {} },
    NOW,
  );
  return look.match ? 'true' : look.problems.length > 0 ? ruleProblemText(look.problems[0]!) : 'false';
}

test.each([
  ['sensors.git.dirty > 2', 'true'],
  ['sensors.git.dirty == 3 && sensors.git.dirty + 1 == 4', 'true'],
  ['sensors.git.ratio < 1', 'true'],
  ['sensors["git-repo"].head == "abc"', 'true'],
  ['details.git.files.size() == 1', 'true'],
  ['size(sys.asks.pending) > 0 && goal.id == "g"', 'true'],
  ['"snap:sensor-git" in changed', 'true'],
  ['now >= 1800000000', 'true'],
  ['sensors.?none.?x.orValue(false)', 'false'],
  ['has(sensors.git.nope)', 'false'],
  ['sensors.git.labels.exists(l, l == "b")', 'true'],
  ['sensors.none.x > 1', 'goal "g", rule 0, when: No such key: none'],
  ['sensors.constructor.name == "Object"', 'goal "g", rule 0, when: No such key: constructor'],
  ['process.exit(1)', 'goal "g", rule 0, when: Unknown variable: process'],
  ['1 +', 'goal "g", rule 0, when: Unexpected token: EOF'],
  ['now', 'goal "g", rule 0, when: gives int, expected true or false'],
  ['sensors.git.branch', 'goal "g", rule 0, when: gives string, expected true or false'],
  [`"${'x'.repeat(2_000)}" == ""`, 'goal "g", rule 0, when: longer than 2000 characters'],
])('%s → %s', async (when, expected) => {
  expect(await reasonOf(when)).toBe(expected);
});

test('a condition that would run for ever is ended and reported', async () => {
  const facts = [fact('sensor-git', { text: `${'a'.repeat(60)}!`, many: Array.from({ length: 4_000 }, (_, n) => n) })];
  expect(await reasonOf('sensors.git.text.matches("^(a+)+$")', { facts })).toMatch(/takes longer than 1000 ms/);
  const nested = 'sensors.git.many.all(a, sensors.git.many.all(b, sensors.git.many.all(c, a + b + c >= 0)))';
  expect(await reasonOf(nested, { facts })).toMatch(/takes longer than 1000 ms/);
});

test('the first true rule wins, in the order of goal names and then of the list', async () => {
  const goals = [
    goal('b', [{ when: 'true', move: noop('b0') }]),
    goal('a', [
      { when: 'false', move: noop('a0') },
      { when: 'sensors.git.dirty > 0', move: noop('a1') },
    ]),
  ];
  const look = await matchRule(world({ goals }), { rules: {} }, NOW);
  expect(look.match).toMatchObject({ goal: 'a', decided: { move: noop('a1') } });
  expect(look.hasMore).toBe(true);
});

test('a rule fires once in a world, again in the next, and again when its condition was false between', async () => {
  const goals = [goal('g', [{ when: 'sensors.git.dirty > 0', move: noop('x') }])];
  const first = await matchRule(world({ goals }), { rules: {} }, NOW);
  const rules = { [first.match!.ruleKey]: first.match!.firedIn };
  const again = await matchRule(world({ goals }), { rules }, NOW + 9_000);
  expect(again.match).toBeUndefined();
  expect(again.fired).toEqual(rules);
  expect((await matchRule(world({ goals, approvalHash: 'w2' }), { rules }, NOW)).match).toBeDefined();
  const clean = await matchRule(
    world({ goals, facts: [fact('sensor-git', { dirty: 0 })], approvalHash: 'w3' }),
    { rules },
    NOW,
  );
  expect(clean.fired).toEqual({});
  expect((await matchRule(world({ goals }), { rules: clean.fired }, NOW)).match).toBeDefined();
});

test('facts outside the approval hash count for the rules that name them, and for no others', async () => {
  const fires = async (when: string, name: string) => {
    const at = (signal: Json) =>
      world({ goals: [goal('g', [{ when, move: noop('x') }])], facts: [fact(name, signal, { keepsApprovals: true })] });
    const first = await matchRule(at({ n: 1 }), { rules: {} }, NOW);
    return (
      (await matchRule(at({ n: 2 }), { rules: { [first.match!.ruleKey]: first.match!.firedIn } }, NOW)).match !==
      undefined
    );
  };
  expect(await fires('sys.asks.n > 0', 'sys-asks')).toBe(true);
  expect(await fires('sensors["today"].n > 0', 'sensor-today')).toBe(true);
  expect(await fires('size(sys) > 0', 'sys-asks')).toBe(true);
  expect(await fires('true', 'sys-asks')).toBe(false);
});

test.each([
  ['rules: {when: "true"}', 'goal "g", rules: expected a list of {when, move}'],
  ['rules: [5]', 'goal "g", rule 0: expected an object with "when" and "move"'],
  ['rules: [{when: true, move: {action: noop}}]', 'goal "g", rule 0, when: expected an expression as text, quote it'],
  ['rules: [{when: "true", move: {action: run_shell}}]', 'goal "g", rule 0, move: cmd: missing, expected string'],
  ['rules: [{when: "true", move: {action: noop}, then: 1}]', 'goal "g", rule 0, then: unknown field'],
  ['rules: [{when: "true"', /^goal "g", rules: front matter is not valid YAML/],
])('%s is a problem that names goal, rule and field', async (head, expected) => {
  const look = await matchRule(world({ goals: [{ id: 'g', text: `---\n${head}\n---\nx\n` }] }), { rules: {} }, NOW);
  expect(look.match).toBeUndefined();
  expect(ruleProblemText(look.problems[0]!)).toMatch(expected);
});

test('a bad rule does not keep its neighbours from firing, and a command is taken as it stands', async () => {
  const cmd = 'echo {{sensors.git.branch}} $HOME';
  const goals = [
    goal('g', [
      { when: '1 +', move: noop('x') },
      { when: 'true', move: { action: 'run_shell', cmd } },
    ]),
  ];
  const look = await matchRule(world({ goals }), { rules: {} }, NOW);
  expect(look.match!.decided.move).toEqual({ action: 'run_shell', cmd });
  expect(look.problems).toHaveLength(1);
});

test('rules written as plain YAML by a human are read', async () => {
  const text =
    '---\ntitle: t\nrules:\n  - when: sensors.git.dirty > 2\n    move: {action: archive_goal, id: g}\n---\nbody\n';
  const look = await matchRule(world({ goals: [{ id: 'g', text }] }), { rules: {} }, NOW);
  expect(look.match!.decided.move).toEqual({ action: 'archive_goal', id: 'g' });
});

test('a rule whose second went by while the machine did not let us work is evaluated again, not passed over', async () => {
  const compile = await celCompiler();
  const { condition } = compile('sensors.post > 0');
  let looks = 0;
  const sensors = Object.defineProperty(celMap([]), 'post', {
    enumerable: true,
    get() {
      looks += 1;
      // Asleep, as a process is that was stopped or gets no processor.
      if (looks === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
      return 1n;
    },
  });
  const none = celMap([]);
  const variables = { sensors, details: none, sys: none, goal: none, now: 1n, changed: [] };
  expect(condition!.holds(variables)).toEqual({ value: true });
  expect(looks).toBeGreaterThan(1);
});
