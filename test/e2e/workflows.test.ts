/** Workflows under a real pulse: a human gate that outlives it, and steps that it was killed in. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACHIEVED, isAudit, KEY, modelServer, plan } from '../runs/objective/setting.js';
import { type House, openHouse, signal, until } from './house.js';

let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.tend(['init', '--runner', 'embedded', '--yes']);
});
afterEach(() => house.close());

const note = (id: string, more = 'true') => ({
  id,
  target: { type: 'command', shell: true, cwd: house.base, command: `echo ${id} >> notes; ${more}` },
});
const gate = { id: 'approve', target: { type: 'ask', prompt: 'Ship it?', options: ['yes', 'no'], proceedOn: ['yes'] } };
const notes = (): string[] => {
  const path = join(house.base, 'notes');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
};

interface Seen {
  workflowRun: { status: string; orphaned?: boolean };
  steps: { stepId: string; status: string; pid?: number; ask?: string }[];
}
const inspect = (run: string) => house.json<Seen>(['workflows', 'inspect', run, '--json']);
async function create(steps: object[], more: object = {}): Promise<void> {
  writeFileSync(join(house.base, 'w.json'), JSON.stringify({ name: 'w', steps, ...more }));
  await house.must(['workflows', 'create', join(house.base, 'w.json')]);
}

test('a run asks its human, the pulse is killed and started again, and after the answer the run goes on, once', async () => {
  await create([note('a'), gate, note('b')]);
  const first = await house.tend(['workflows', 'run', 'w']);
  expect(first).toMatchObject({ code: 1, stderr: expect.stringContaining('waits for your answer to workflow-1') });
  const run = first.stdout.split(' ')[0]!;
  await house.kill(await house.up());
  expect((await inspect(run)).workflowRun.status).toBe('waiting');
  await house.up();
  await house.must(['answer', 'workflow-1', 'yes']);
  await until('the run ends', async () => (await inspect(run)).workflowRun.status === 'succeeded');
  expect(notes()).toEqual(['a', 'b']);
  // The mailbox puts the pair away: nobody else was told of the answer.
  await until('the ask is put away', () => existsSync(join(house.root, 'asks/archive/workflow-1.md')));
  expect(house.calls()).toBe(0);
});

test('an answer that was given while no pulse ran is acted on by the next one; killed in the step behind it, the pulse after that repeats that step alone', async () => {
  const open = join(house.base, 'open');
  await create([note('a'), gate, note('b', `test -e ${open} || sleep 600`), note('c')]);
  const run = (await house.tend(['workflows', 'run', 'w'])).stdout.split(' ')[0]!;
  await house.must(['answer', 'workflow-1', 'yes']);
  const pulse = await house.up();
  const pid = await until('step b runs', async () => (await inspect(run)).steps[2]?.pid);
  await house.kill(pulse);
  expect((await inspect(run)).workflowRun).toMatchObject({ status: 'running', orphaned: true });
  await house.up();
  // The child of the dead pulse lives: nothing is repeated while it does.
  expect((await inspect(run)).steps[2]).toMatchObject({ status: 'running', pid });
  expect(notes()).toEqual(['a', 'b']);
  writeFileSync(open, '');
  for (const inhabitant of house.inhabitants().filter((one) => one === pid)) signal(-inhabitant, 'SIGKILL');
  await until('the run ends', async () => (await inspect(run)).workflowRun.status === 'succeeded');
  expect(notes()).toEqual(['a', 'b', 'b', 'c']);
});

test('a goal of a run by hand that had to ask goes on in the pulse after the answer, to its audit', async () => {
  const server = await modelServer((asked) => ({ json: isAudit(asked) ? ACHIEVED : plan({ key: 'only' }) }));
  await house.close();
  house = openHouse({ env: { OPENROUTER_API_KEY: KEY, TEND_GOAL_BASE_URL: server.url } });
  try {
    await house.tend(['init', '--runner', 'embedded', '--yes']);
    await create([note('a'), gate, { ...note('b'), dependsOn: ['approve'] }], { goal: { objective: 'make it so' } });
    await house.up();
    const first = await house.tend(['workflows', 'run', 'w']);
    expect(first).toMatchObject({ code: 1, stderr: expect.stringContaining('waits for your answer to workflow-1') });
    const run = first.stdout.split(' ')[0]!;
    const goal = () => house.must(['loops', 'goal', 'status', run]);
    expect(await goal()).toContain('active');
    await house.must(['answer', 'workflow-1', 'yes']);
    await until('the goal is complete', async () => (await goal()).includes('complete'));
    expect(notes()).toEqual(['a', 'b']);
    expect(server.asked).toHaveLength(2);
  } finally {
    server.close();
  }
});

test('a loop whose workflow asks waits without a process, and ends with what its human said', async () => {
  await create([note('a'), gate, note('b')]);
  await house.must(['loops', 'create', 'workflow', 'nightly', '--workflow', 'w', '--at', '2020-01-01T00:00:00Z']);
  await house.up();
  await until('it asks', async () => (await house.asks()).some(({ id }) => id === 'workflow-1'));
  const runs = () => house.json<{ status: string; stdout?: string }[]>(['loops', 'runs', 'nightly', '--json']);
  expect((await runs())[0]?.status).toBe('running');
  await house.must(['answer', 'workflow-1', 'no']);
  await until('the loop has its run', async () => (await runs())[0]?.status === 'failed');
  expect(notes()).toEqual(['a']);
  const [run] = await house.json<{ loopId?: string; status: string }[]>(['workflows', 'runs', '--json']);
  expect(run).toMatchObject({ status: 'failed', loopId: expect.stringMatching(/^[0-9a-f]{12}$/) });
});

test('a run that its human cancelled while a pulse waited with it is no more said to wait', async () => {
  await create([gate, note('b')]);
  await house.up();
  const run = (await house.tend(['workflows', 'run', 'w'])).stdout.split(' ')[0]!;
  const said = async () => (await house.tend(['status'])).stdout;
  await until('status says that it waits', async () => (await said()).includes(`workflows/${run}: waiting`));
  await house.must(['workflows', 'cancel', run]);
  await until('status does not', async () => !(await said()).includes(`workflows/${run}`));
  expect(notes()).toEqual([]);
});
