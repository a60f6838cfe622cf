import { expect, test } from 'vitest';
import { readWorkflow } from '../../../src/runs/workflow/read-workflow.js';

const step = (more: object = {}) => ({ id: 'a', target: { type: 'command', command: 'true' }, ...more });
const target = (more: object) => ({ name: 'w', steps: [{ id: 'a', target: more }] });
const command = (more: object) => target({ type: 'command', command: 'true', ...more });
const agent = (more: object) => target({ type: 'agent', provider: 'claude', prompt: 'p', ...more });
const ask = (more: object) => target({ type: 'ask', prompt: 'p?', ...more });
const goal = (more: object) => ({ name: 'w', steps: [step()], goal: { objective: 'o', ...more } });

const read = (file: unknown, more: { name?: string; strict?: boolean } = {}) =>
  readWorkflow({ text: typeof file === 'string' ? file : JSON.stringify(file), home: '/home/ann', ...more });
const problems = async (file: unknown, more = {}): Promise<string[]> =>
  ((await read(file, more)).problems ?? []).map(({ message }) => message);

/** A file, and what its one problem must say. */
const ROWS: readonly [what: string, file: unknown, tokens: readonly string[]][] = [
  ['an array', [], ['workflow file']],
  ['a text', '"x"', ['workflow file']],
  ['nothing', '', ['workflow file']],
  ['no name', { steps: [step()] }, ['workflow.name']],
  ['a blank name', { name: '  ', steps: [step()] }, ['workflow.name']],
  ['a name over its length', { name: 'n'.repeat(1_001), steps: [step()] }, ['workflow.name', '1001', '1000']],
  ['a name of a wrong type', { name: 7, steps: [step()] }, ['workflow.name']],
  ['a goal that is a text', { name: 'w', steps: [step()], goal: 'g' }, ['workflow.goal']],
  ['a goal without objective', goal({ objective: ' ' }), ['goal.objective']],
  ['a goal over its length', goal({ objective: 'x'.repeat(4_001) }), ['goal.objective', '4000']],
  ['a budget of 0', goal({ tokenBudget: 0 }), ['goal.tokenBudget']],
  ['half a turn', goal({ maxTurns: 0.5 }), ['goal.maxTurns']],
  ['tokens as text', goal({ maxTokens: '5' }), ['goal.maxTokens']],
  ['another autoExecute', goal({ autoExecute: 'yes' }), ['goal.autoExecute']],
  ['no place', { name: 'w', steps: [step()], maxParallel: 0 }, ['maxParallel']],
  ['too many places', { name: 'w', steps: [step()], maxParallel: 17 }, ['maxParallel', '16']],
  ['no steps', { name: 'w' }, ['workflow.steps']],
  ['an empty list of steps', { name: 'w', steps: [] }, ['workflow.steps']],
  ['steps that are an object', { name: 'w', steps: {} }, ['workflow.steps']],
  ['a step that is a text', { name: 'w', steps: ['a'] }, ['workflow.steps[0]']],
  ['a step without id', { name: 'w', steps: [step({ id: undefined })] }, ['workflow.steps[0].id']],
  ['a step id with a space', { name: 'w', steps: [step({ id: 'a b' })] }, ['workflow.steps[0].id']],
  ['two steps of one id', { name: 'w', steps: [step(), step()] }, ['workflow.steps[1].id', 'duplicate']],
  ['no target', { name: 'w', steps: [{ id: 'a' }] }, ['workflow.steps[0].target']],
  ['a workflow in a step', target({ type: 'workflow', workflowId: 'x' }), ['workflow.steps[0].target.type']],
  ['another type', target({ type: 'http' }), ['workflow.steps[0].target.type']],
  ['a blank command', command({ command: ' ' }), ['.target.command']],
  ['a command with spaces', command({ command: 'echo hi' }), ['executable without spaces', 'args']],
  ['words that are no texts', command({ args: ['a', 1] }), ['.args']],
  ['an environment that is a list', command({ env: [] }), ['.env']],
  ['a variable that is no name', command({ env: { 'A-B': 'x' } }), ['.env', 'A-B']],
  ['a variable that is no text', command({ env: { A: 1 } }), ['.env']],
  ['a relative directory', command({ cwd: 'work' }), ['.cwd', 'absolute']],
  ['a directory that is no text', command({ cwd: 5 }), ['.cwd']],
  ['a timeout of 0', command({ timeoutMs: 0 }), ['.target.timeoutMs']],
  ['a timeout as text', { name: 'w', steps: [step({ timeoutMs: '5m' })] }, ['workflow.steps[0].timeoutMs']],
  ['an account without profile', command({ account: { tool: 't' } }), ['.account']],
  ['a command account without tool', command({ account: { profile: 'p' } }), ['.account', 'tool']],
  [
    'a step account of a command without tool',
    { name: 'w', steps: [step({ account: { profile: 'p' } })] },
    ['.account', 'tool'],
  ],
  ['a profile that is a flag', agent({ account: { profile: '--x' } }), ['.account']],
  ['another provider', agent({ provider: 'gpt' }), ['.provider', 'codewith']],
  ['no prompt', agent({ prompt: undefined }), ['.prompt']],
  ['a profile of codewith for claude', agent({ authProfile: 'p' }), ['.authProfile']],
  ['words that widen what an agent may', agent({ extraArgs: ['--yolo'] }), ['--yolo']],
  ['an ask without prompt', ask({ prompt: '' }), ['.prompt']],
  ['an ask without options', ask({ options: [] }), ['.options']],
  ['an answer that is none of the options', ask({ options: ['yes', 'no'], proceedOn: ['ok'] }), ['.proceedOn', '"ok"']],
  [
    'an ask with a goal',
    { name: 'w', steps: [{ ...step(), target: { type: 'ask', prompt: 'p' }, goal: { objective: 'o' } }] },
    ['.goal'],
  ],
  ['dependencies that are a text', { name: 'w', steps: [step({ dependsOn: 'b' })] }, ['.dependsOn']],
  ['a dependency that is not there', { name: 'w', steps: [step({ dependsOn: ['b'] })] }, ['missing step', '"b"']],
  ['a step that needs itself', { name: 'w', steps: [step({ dependsOn: ['a'] })] }, ['cannot depend on itself']],
  [
    'a cycle',
    {
      name: 'w',
      steps: [step({ dependsOn: ['c'] }), step({ id: 'b', dependsOn: ['a'] }), step({ id: 'c', dependsOn: ['b'] })],
    },
    ['cycle', 'b'],
  ],
  ['a word for continueOnFailure', { name: 'w', steps: [step({ continueOnFailure: 'yes' })] }, ['.continueOnFailure']],
  ['a step goal without objective', { name: 'w', steps: [step({ goal: {} })] }, ['workflow.steps[0].goal.objective']],
  [
    'a goal within a goal',
    { name: 'w', goal: { objective: 'o' }, steps: [step({ goal: { objective: 'i' } })] },
    ['nested'],
  ],
];

test.each(ROWS)('one problem, with its path: %s [loops 122]', async (_what, file, tokens) => {
  const found = await problems(file);
  expect(found).toHaveLength(1);
  for (const token of tokens) expect(found[0]).toContain(token);
});

test('sound files give what they say, with defaults; `~` is the home', async () => {
  const { draft, warnings } = await read({
    name: ' w ',
    version: 'x',
    steps: [
      step({ target: { type: 'command', command: 'a b', shell: true, cwd: '~/x' } }),
      step({ id: 'b', dependsOn: ['a', 'a'] }),
    ],
  });
  expect(warnings).toEqual([]);
  expect(draft).toEqual({
    name: 'w',
    version: 1,
    maxParallel: 1,
    steps: [
      {
        id: 'a',
        target: { type: 'command', command: 'a b', shell: true, cwd: '/home/ann/x' },
        dependsOn: [],
        continueOnFailure: false,
      },
      { id: 'b', target: { type: 'command', command: 'true' }, dependsOn: ['a'], continueOnFailure: false },
    ],
  });
});

test('a name from outside takes the place of the one in the file', async () => {
  expect((await read({ steps: [step()] }, { name: 'other' })).draft?.name).toBe('other');
  expect((await problems({ name: 'w', steps: [step()] }, { name: ' ' }))[0]).toContain('workflow.name');
});

test('all problems of a file are told at once, each on its own [loops 123]', async () => {
  const file = {
    steps: [
      { id: 'a', target: { type: 'command', command: 'x y' }, dependsOn: ['nowhere'] },
      { id: 'a', target: { type: 'agent', provider: 'gpt', prompt: 'p' } },
    ],
  };
  const found = await problems(file);
  expect(found).toHaveLength(5);
  for (const token of ['workflow.name', 'executable without spaces', 'missing step', 'duplicate', '.provider'])
    expect(found.filter((message) => message.includes(token))).toHaveLength(1);
});

test('unknown keys are warned of with their path, and are problems when they are to be', async () => {
  const file = {
    name: 'w',
    color: 1,
    steps: [{ ...step(), retries: 2, target: { type: 'command', command: 'true', cmd: 'x' } }],
  };
  const paths = ['workflow.color', 'workflow.steps[0].retries', 'workflow.steps[0].target.cmd'];
  expect((await read(file)).warnings.map(({ path }) => path).sort()).toEqual(paths);
  expect((await read(file)).draft?.name).toBe('w');
  expect((await read(file, { strict: true })).problems?.map(({ path }) => path).sort()).toEqual(paths);
});

test.each([
  ['JSON', '{\n  "name": "w",\n  "steps": [,]\n}', /line 3, column 13/],
  ['JSON that ends too early', '{"name": "w"', /line 1, column 13/],
  ['YAML', 'name: w\nsteps:\n  - id: "a\n', /line \d+, column \d+/],
  ['YAML with a key twice', 'name: w\nname: v\n', /line 2/],
])('a parse error names line and column: %s', async (_kind, text, place) => {
  expect((await problems(text))[0]).toMatch(place);
});

test('YAML of the same shape is the same workflow', async () => {
  const yaml = 'name: w\nsteps:\n  - id: a\n    target: {type: command, command: "true"}\n';
  expect((await read(yaml)).draft).toEqual((await read({ name: 'w', steps: [step()] })).draft);
});

test('a file over 1 MiB, and a small one that means a billion values, are refused', async () => {
  expect((await problems(JSON.stringify({ name: 'x'.repeat(1_048_576) })))[0]).toContain('1048576');
  const bomb = [
    'a: &a [1,1,1,1,1,1,1,1,1,1]',
    ...'bcdefghi'.split('').map((k, i) => `${k}: &${k} [${Array(10).fill(`*${'abcdefgh'[i]}`)}]`),
  ];
  expect((await problems(bomb.join('\n')))[0]).toContain('too large');
});

test('values of variables are never quoted', async () => {
  expect((await problems(command({ env: { TOKEN: 12345678 } })))[0]).not.toContain('12345678');
});
