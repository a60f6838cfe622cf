import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isProcessGone } from '../../src/host/kill.js';
import { type House, openHouse, signal, until } from './house.js';

// Timed loops as their user sees them: the built program, a real pulse, real commands.
let house: House;
beforeEach(() => {
  house = openHouse();
});
afterEach(() => house.close());

interface Run {
  id: string;
  status: string;
  attempt: number;
  scheduledFor: string;
  error?: string;
}

const lines = (name: string): string[] => {
  const path = join(house.base, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
/** A command that leaves its slot and attempt in the file `effects`, then does `more`. */
const leaving = (more = 'true') => `echo "$TEND_SCHEDULED_FOR $TEND_ATTEMPT" >> ${house.base}/effects; ${more}`;
const create = (name: string, cmd: string, ...flags: string[]) =>
  house.must(['loops', 'create', 'command', name, '--cmd', cmd, ...flags]);
const runs = (name: string) => house.json<Run[]>(['loops', 'runs', name, '--json']);
const PAST = '2020-01-01T00:00:00Z';

test('under a pulse a loop runs at its times, each once; after `down` what ran is told as cancelled and nothing of it is left', async () => {
  await house.init();
  await house.up();
  await create('often', leaving(), '--every', '1s');
  await until('three runs', () => lines('effects').length >= 3);
  await create('once', `echo $$ > ${house.base}/pid; exec sleep 600`, '--at', PAST);
  const pid = await until('the long one', () => Number(lines('pid')[0]));
  await house.must(['down']);
  expect(isProcessGone(pid)).toBe(true);
  expect(await runs('once')).toMatchObject([{ status: 'failed', error: 'cancelled' }]);
  expect(new Set(lines('effects')).size).toBe(lines('effects').length);
  const told = (await runs('often'))
    .filter(({ status }) => status === 'succeeded')
    .map((run) => `${run.scheduledFor} 1`);
  expect(told.sort()).toEqual(lines('effects').sort());
});

test('a pulse that is killed while a command runs: the next one starts nothing twice, and tells the end when the orphan is gone [loops 65, 66]', async () => {
  await house.init();
  const pulse = await house.up();
  await create('long', leaving(`echo $$ > ${house.base}/pid; exec sleep 600`), '--at', PAST);
  const orphan = await until('the orphan', () => Number(lines('pid')[0]));
  await house.kill(pulse);
  await house.up();
  await create('other', `echo x >> ${house.base}/other`, '--every', '1s');
  await until('the new pulse works', () => lines('other').length >= 2);
  expect(await runs('long')).toMatchObject([{ status: 'running' }]);
  process.kill(orphan, 'SIGKILL');
  await until('it is told', async () => (await runs('long'))[0]?.status === 'abandoned');
  expect(await runs('long')).toMatchObject([{ attempt: 1, error: expect.stringContaining('lease expired') }]);
  expect(lines('effects')).toHaveLength(1);
});

test('eight ticks at once over ten loops that are due: each runs once [loops 94]', async () => {
  await house.init();
  for (let n = 0; n < 10; n++) await create(`l${n}`, `echo ${n} >> ${house.base}/effects`, '--at', PAST);
  const ticks = await Promise.all(
    Array.from({ length: 8 }, () => house.json<{ claimed: Run[] }>(['loops', 'tick', '--json'])),
  );
  expect(lines('effects').sort()).toEqual(Array.from({ length: 10 }, (_, n) => String(n)));
  expect(ticks.flatMap(({ claimed }) => claimed)).toHaveLength(10);
});

test('run-now says how it went: by its exit code, its line and its JSON, and shows output only when asked [loops 51, 52, 61]', async () => {
  await house.init();
  await create('bad', 'echo the-secret-text; exit 23', '--every', '1h');
  const bad = await house.tend(['loops', 'run-now', 'bad', '--json']);
  expect(bad.code).toBe(1);
  expect(JSON.parse(bad.stdout)).toMatchObject({
    status: 'failed',
    exitCode: 23,
    runNow: { source: 'ad_hoc', advancesLoop: false },
  });
  expect(bad.stdout + bad.stderr).not.toContain('the-secret-text');
  expect(bad.stderr).toMatch(/process exited with code 23; what it printed: tend runs \S+ --show-output/);
  const shown = await house.tend(['loops', 'run-now', 'bad', '--show-output']);
  expect(shown.code).toBe(1);
  expect(shown.stdout).toMatch(/^\S+ failed source=ad_hoc slot=\S+\n {2}stdout:\n {4}the-secret-text\n/);
  await create('good', 'true', '--every', '1h');
  expect(await house.tend(['loops', 'run-now', 'good'])).toMatchObject({ code: 0 });
});

test('Ctrl-C ends a run-now with its command, which is told as cancelled; the exit code is that of the signal [loops 62]', async () => {
  await house.init();
  await create('long', `echo $$ > ${house.base}/pid; exec sleep 600`, '--every', '1h');
  const { child, ended } = house.start(['loops', 'run-now', 'long']);
  const pid = await until('the command', () => Number(lines('pid')[0]));
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(isProcessGone(pid)).toBe(true);
  expect(await runs('long')).toMatchObject([{ status: 'failed', error: 'cancelled' }]);
});

test('run-now beside a pulse that is at the due slot cannot claim it, and starts nothing [loops 59]', async () => {
  await house.init();
  await house.up();
  await create('long', leaving('sleep 600'), '--at', PAST);
  await until('it runs', () => lines('effects').length === 1);
  const tried = await house.tend(['loops', 'run-now', 'long']);
  expect(tried.code).toBe(1);
  expect(tried.stderr).toContain('could not claim');
  expect(lines('effects')).toHaveLength(1);
});

test('a pulse that was stopped, overtaken and woken ends its command before its effect, records nothing, and the other tells it [loops 81, 95, 96, 97]', async () => {
  await house.init();
  const first = await house.up();
  const wait = `while [ ! -e ${house.base}/go ]; do sleep 0.1; done`;
  await create('long', `echo $$ > ${house.base}/pid; ${wait}; echo done >> ${house.base}/effects`, '--at', PAST);
  const child = await until('the command', () => Number(lines('pid')[0]));
  signal(first, 'SIGSTOP');
  const second = await until('another takes over', async () => {
    const { code, stdout } = await house.tend(['up', '--json']);
    const { pid } = code === 0 ? (JSON.parse(stdout) as { pid: number }) : { pid: first };
    return pid === first ? undefined : pid;
  });
  await create('other', `echo x >> ${house.base}/other`, '--every', '1s');
  await until('the second works', () => lines('other').length >= 1);
  signal(first, 'SIGCONT');
  await until('the first ends', () => isProcessGone(first));
  expect(isProcessGone(child)).toBe(true);
  writeFileSync(join(house.base, 'go'), '');
  await until('it is told', async () => (await runs('long'))[0]?.status === 'abandoned');
  expect(lines('effects')).toEqual([]);
  expect((await house.pulse()).pid).toBe(second);
});

/** A loop that is due, over a workflow of these steps. */
async function flow(name: string, steps: object[]): Promise<void> {
  writeFileSync(join(house.base, `${name}.json`), JSON.stringify({ name, steps }));
  await house.must(['workflows', 'create', join(house.base, `${name}.json`)]);
  await house.must(['loops', 'create', 'workflow', name, '--workflow', name, '--at', PAST]);
}
const sh = (id: string, command: string, ...dependsOn: string[]) => ({
  id,
  target: { type: 'command', command, shell: true },
  dependsOn,
});

test('a pulse that is killed in a step of a workflow: the step is not run again, and when it ends the attempt and its workflow run are given up [loops 78, 84]', async () => {
  await house.init();
  const pulse = await house.up();
  await flow('wf', [
    sh('one', `echo $$ > ${house.base}/pid; echo one >> ${house.base}/effects; exec sleep 600`),
    sh('two', `echo two >> ${house.base}/effects`, 'one'),
  ]);
  const child = await until('the step', () => Number(lines('pid')[0]));
  await house.kill(pulse);
  await house.up();
  await create('other', `echo x >> ${house.base}/other`, '--every', '1s');
  await until('the new pulse works', () => lines('other').length >= 2);
  expect(await runs('wf')).toMatchObject([{ status: 'running' }]);
  process.kill(child, 'SIGKILL');
  await until('it is told', async () => (await runs('wf'))[0]?.status === 'abandoned');
  expect(lines('effects')).toEqual(['one']);
  const [run] = await house.json<{ id: string; status: string }[]>(['workflows', 'runs', '--json']);
  expect(run).toMatchObject({ status: 'failed' });
  const { steps, events } = await house.json<{ steps: { status: string }[]; events: { eventType: string }[] }>([
    'workflows',
    'inspect',
    run?.id ?? '',
    '--json',
  ]);
  expect(steps.map(({ status }) => status)).toEqual(['skipped', 'skipped']);
  expect(events.at(-1)).toMatchObject({ eventType: 'failed' });
});

test('a loop whose workflow asks a human is parked over a change of pulses, and ends as the answer has it, once', async () => {
  await house.init();
  const pulse = await house.up();
  await flow('gated', [
    sh('one', `echo one >> ${house.base}/effects`),
    { id: 'gate', target: { type: 'ask', prompt: 'Go on?', options: ['yes', 'no'] }, dependsOn: ['one'] },
    sh('two', `echo two >> ${house.base}/effects`, 'gate'),
  ]);
  const ask = await until('the ask', async () => (await house.asks()).find(({ prompt }) => prompt.includes('Go on?')));
  await house.kill(pulse);
  await house.up();
  expect(await runs('gated')).toMatchObject([{ status: 'running' }]);
  await house.must(['answer', ask.id, 'yes']);
  await until('it has succeeded', async () => (await runs('gated'))[0]?.status === 'succeeded');
  expect(lines('effects')).toEqual(['one', 'two']);
  expect(await runs('gated')).toMatchObject([{ attempt: 1, status: 'succeeded' }]);
  expect(await house.json<object>(['loops', 'show', 'gated'])).toMatchObject({ status: 'stopped' });
});

test('a loop that is removed while it waits for a human: its workflow goes on at the answer, and the end of the run is told', async () => {
  await house.init();
  await house.up();
  await flow('gated', [
    { id: 'gate', target: { type: 'ask', prompt: 'Go on?', options: ['yes', 'no'] }, dependsOn: [] },
    sh('two', `echo two >> ${house.base}/effects`, 'gate'),
  ]);
  const ask = await until('the ask', async () => (await house.asks()).find(({ prompt }) => prompt.includes('Go on?')));
  await house.must(['loops', 'remove', 'gated']);
  await house.must(['answer', ask.id, 'yes']);
  const marks = () => readdirSync(join(house.root, 'live')).filter((name) => /^[0-9a-f]{12}\./.test(name));
  await until('nothing is open', () => marks().length === 0);
  expect(lines('effects')).toEqual(['two']);
  const told = await house.json<{ kind: string; loop_name?: string; status: string }[]>(['runs', '--json']);
  expect(told.filter(({ kind }) => kind === 'loop')).toMatchObject([{ loop_name: 'gated', status: 'succeeded' }]);
});
