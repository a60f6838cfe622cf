/** Goals of runs as a user of the built program meets them: a loop that has one, and the two verbs that tell of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACHIEVED, isAudit, KEY, type ModelServer, modelServer, plan } from '../runs/objective/setting.js';
import { makeProfile, type Profile } from './tend-process.js';

let p: Profile;
let server: ModelServer;
beforeEach(async () => {
  p = makeProfile();
  server = await modelServer((asked) => ({
    json: isAudit(asked)
      ? ACHIEVED
      : plan({ key: 'one', objective: 'the first part' }, { key: 'two', dependsOn: ['one'] }),
  }));
  Object.assign(p.env, { OPENROUTER_API_KEY: KEY, TEND_GOAL_BASE_URL: server.url });
});
afterEach(() => {
  server.close();
  p.remove();
});

const LONG = `all is ${'very '.repeat(60)}well`;
interface View {
  goal: { goalId: string; status: string; objective: string; tokensUsed: number };
  nodes: { key: string; status: string }[];
  runs: { runId: string; phase: string; evidence?: string; rawResponse?: string }[];
}

test('a loop with a goal: its commands know their node, and its goal is told by every id that a person has [loops 157, 162]', async () => {
  const cmd =
    'echo "key=$LOOPS_GOAL_NODE_KEY/$TEND_GOAL_NODE_KEY part=$LOOPS_GOAL_NODE_OBJECTIVE id=$LOOPS_GOAL_ID of=$LOOPS_GOAL_OBJECTIVE"';
  const loop = await p.json<{ id: string }>([
    'loops',
    'create',
    'command',
    'nightly',
    '--every',
    '1h',
    '--cmd',
    cmd,
    '--goal',
    LONG,
    '--json',
  ]);
  expect(await p.json(['loops', 'goal', 'show', 'nightly', '--json'])).toMatchObject({
    config: { objective: LONG },
    loop: { id: loop.id },
  });
  expect((await p.tend(['loops', 'goal', 'show', 'nightly'])).stdout).toMatch(
    /^configured goal for loop nightly: all is very .*…\n$/,
  );

  const run = await p.json<{ id: string; goalRunId: string; stdout: string }>([
    'loops',
    'run-now',
    'nightly',
    '--show-output',
    '--json',
  ]);
  const said = JSON.parse(run.stdout) as { evidence: Record<string, { stdout: string }> };
  expect(said.evidence['one']?.stdout).toBe(`key=one/one part=the first part id=${run.goalRunId} of=${LONG}\n`);
  expect(said.evidence['two']?.stdout).toContain('key=two/two');

  const view = await p.json<View>(['loops', 'goal', 'show', 'nightly', '--json']);
  expect(view.goal).toMatchObject({ goalId: run.goalRunId, status: 'complete', tokensUsed: 20 });
  expect(view.goal.objective).toHaveLength(120);
  expect(view.nodes.map(({ key, status }) => [key, status])).toEqual([
    ['one', 'complete'],
    ['two', 'complete'],
  ]);
  expect(view.runs.map(({ phase }) => phase)).toEqual(['plan', 'execute', 'execute', 'validate', 'status']);
  for (const { evidence, rawResponse } of view.runs)
    for (const shown of [evidence, rawResponse])
      if (shown !== undefined) expect(shown).toMatch(/^\[redacted \d+ chars\]$/);
  expect(JSON.stringify(await p.json(['loops', 'goal', 'show', run.goalRunId, '--show-output', '--json']))).toContain(
    'key=one/one',
  );
  expect((await p.tend(['loops', 'goal', 'show', run.goalRunId])).stdout).toBe(
    `${run.goalRunId} complete ${view.goal.objective}\n`,
  );

  for (const id of [run.goalRunId, view.runs[1]!.runId, run.id])
    expect((await p.tend(['loops', 'goal', 'status', id])).stdout).toBe(`${run.goalRunId} complete tokens=20\n`);
});

test('a workflow: the goal of its file, and that of a step by the ids of its run and of the step [loops 162]', async () => {
  const file = join(p.root, '..', 'w.json');
  const target = { type: 'command', command: 'true', shell: true };
  writeFileSync(
    file,
    JSON.stringify({
      name: 'stepped',
      steps: [
        { id: 'plain', target },
        { id: 'aimed', dependsOn: ['plain'], target, goal: { objective: 'the step is done' } },
      ],
    }),
  );
  await p.json(['workflows', 'create', file, '--json']);
  const { workflowRun, steps } = await p.json<{
    workflowRun: { id: string; status: string };
    steps: { id: string; goalRunId?: string }[];
  }>(['workflows', 'run', 'stepped', '--json']);
  expect(workflowRun.status).toBe('succeeded');
  const goal = steps[1]?.goalRunId;
  for (const id of [workflowRun.id, steps[1]!.id])
    expect((await p.tend(['loops', 'goal', 'status', id])).stdout).toBe(`${goal} complete tokens=20\n`);
  expect((await p.tend(['loops', 'goal', 'status', steps[0]!.id])).code).toBe(1);

  writeFileSync(
    file,
    JSON.stringify({ name: 'aimed', goal: { objective: 'the whole is done' }, steps: [{ id: 'only', target }] }),
  );
  await p.json(['workflows', 'create', file, '--json']);
  expect((await p.tend(['loops', 'goal', 'show', 'aimed'])).stdout).toBe(
    'configured goal for workflow aimed: the whole is done\n',
  );
  const whole = await p.json<{ workflowRun: { id: string } }>(['workflows', 'run', 'aimed', '--json']);
  expect((await p.tend(['loops', 'goal', 'status', whole.workflowRun.id])).stdout).toMatch(
    /^[0-9a-z]{26} complete tokens=20\n$/,
  );
});

test('an id that nobody has: exit 1, stdout empty, and a code for scripts [loops 162]', async () => {
  for (const verb of ['show', 'status']) {
    const { code, stdout, stderr } = await p.tend(['loops', 'goal', verb, 'nobody', '--json']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).toMatchObject({ error: { code: 'NOT_FOUND' } });
  }
});

test('without a key the run fails before its command, and names the variable [loops 156]', async () => {
  p.env['OPENROUTER_API_KEY'] = '';
  await p.json([
    'loops',
    'create',
    'command',
    'keyless',
    '--every',
    '1h',
    '--cmd',
    'touch ran',
    '--cwd',
    p.root,
    '--goal',
    'x',
    '--json',
  ]);
  const { code, stdout } = await p.tend(['loops', 'run-now', 'keyless', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'failed', error: expect.stringContaining('OPENROUTER_API_KEY') });
  expect(p.disk.stat('ran').state).toBe('absent');
});

test('a goal over a workflow that asks a human: each node waits for its own answer without a process, and none runs twice', async () => {
  const file = join(p.root, '..', 'w.json');
  const ran = join(p.root, '..', 'ran');
  const ask = { type: 'ask', prompt: 'go on?', options: ['yes', 'no'], proceedOn: ['yes'] };
  const target = { type: 'command', command: `echo $TEND_GOAL_NODE_KEY >>${ran}`, shell: true };
  const steps = [
    { id: 'gate', target: ask },
    { id: 'work', dependsOn: ['gate'], target },
  ];
  writeFileSync(file, JSON.stringify({ name: 'gated', steps }));
  await p.json(['workflows', 'create', file, '--json']);
  const due = ['--at', '2026-01-01T00:00:00Z', '--goal', 'all is well', '--json'];
  await p.json(['loops', 'create', 'workflow', 'l', '--workflow', 'gated', ...due]);
  await p.tend(['loops', 'tick']);
  for (const n of [1, 2]) {
    const [asked] = await p.json<{ id: string }[]>(['asks', '--json']);
    expect(asked?.id).toBe(`workflow-${n}`);
    await p.tend(['answer', `workflow-${n}`, 'yes']);
    const [run] = await p.json<{ id: string }[]>(['workflows', 'runs', '--json']);
    await p.tend(['workflows', 'recover', run!.id, '--resume']);
    await p.tend(['loops', 'tick']);
  }
  const runs = await p.json<{ status: string; goalRunId: string }[]>(['loops', 'runs', 'l', '--json']);
  expect(runs).toMatchObject([{ status: 'succeeded', attempt: 1 }]);
  expect(readFileSync(ran, 'utf8')).toBe('one\ntwo\n');
  expect(server.asked.map((asked) => isAudit(asked))).toEqual([false, true]);
});
