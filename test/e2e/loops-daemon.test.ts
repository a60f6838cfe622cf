/** The pulse as the daemon of timed loops: whom a stop signals, what its end leaves, its lanes, and the file of its service. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { hasEnded } from '../../src/host/kill.js';
import { type House, openHouse, until } from './house.js';

let house: House;
afterEach(() => house.close());

interface Run {
  status: string;
  scheduledFor: string;
  error?: string;
}

const PAST = '2020-01-01T00:00:00Z';
const lines = (name: string): string[] => {
  const path = join(house.base, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
const create = (name: string, cmd: string, ...flags: string[]) =>
  house.must(['loops', 'create', 'command', name, '--cmd', cmd, ...flags]);
const runs = (name: string) => house.json<Run[]>(['loops', 'runs', name, '--json']);
const stop = () => house.json<object>(['loops', 'daemon', 'stop', '--json']);

test('a stop signals nobody when the recorded pid has become that of a foreign process [loops 164]', async () => {
  house = openHouse();
  await house.init();
  await house.kill(await house.up());
  const stranger = spawn('sleep', ['600'], { cwd: house.base });
  try {
    const holder = JSON.parse(house.text('pulse/holder.json')) as { pid: number };
    house.write('pulse/holder.json', JSON.stringify({ ...holder, pid: stranger.pid }));
    expect(await stop()).toEqual({ wasRunning: false, stopped: false, forced: false });
    expect((await house.tend(['down'])).code).toBe(0);
    expect(stranger.exitCode ?? stranger.signalCode, 'it lives').toBe(null);
    expect(await house.json(['loops', 'daemon', 'status', '--json'])).toMatchObject({ running: false });
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('TERM with five commands under way, of which one ignores it and all have children: nothing of them is left, each is told as cancelled, exit 0 [loops 166]', async () => {
  house = openHouse({ env: { TEND_COMMAND_LANES: '5' } });
  await house.init();
  const { child, ended } = house.start(['up', '--foreground']);
  const pids = `${house.base}/pids`;
  const two = `sleep 600 & echo $! >> ${pids}; echo $$ >> ${pids};`;
  await Promise.all(
    Array.from({ length: 5 }, (_, n) =>
      create(`l${n}`, n === 0 ? `trap '' TERM; ${two} while :; do sleep 1; done` : `${two} wait`, '--at', PAST),
    ),
  );
  await until('all of them run', () => lines('pids').length === 10);
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  expect(lines('pids').filter((pid) => !hasEnded(Number(pid)))).toEqual([]);
  expect(house.inhabitants()).toEqual([]);
  for (let n = 0; n < 5; n++)
    expect(await runs(`l${n}`)).toMatchObject([{ status: 'failed', error: expect.stringContaining('cancelled') }]);
});

test('an agent that takes its time holds its lane alone: commands run at their times, the next agent waits for its place and is not lost [loops 165]', async () => {
  house = openHouse({ env: { TEND_AGENT_LANES: '1' } });
  const bin = join(house.base, 'home/.local/bin');
  mkdirSync(bin, { recursive: true });
  const answer = '{"type":"result","subtype":"success","is_error":false,"result":"done"}';
  writeFileSync(
    join(bin, 'claude'),
    `#!/bin/sh\ncat >/dev/null\necho x >> ${house.base}/agents\nwhile [ ! -e ${house.base}/go ]; do sleep 0.1; done\necho '${answer}'\n`,
  );
  chmodSync(join(bin, 'claude'), 0o755);
  house.env['PATH'] = '/usr/bin:/bin';
  await house.init();
  await house.up();
  const agent = ['--provider', 'claude', '--prompt', 'do it', '--at', PAST];
  for (const name of ['one', 'two']) await house.must(['loops', 'create', 'agent', name, ...agent]);
  await until('an agent works', () => lines('agents').length === 1);
  await create('often', `echo "$TEND_SCHEDULED_FOR" >> ${house.base}/ticks`, '--every', '1s');
  await until('commands run', () => lines('ticks').length >= 4);
  expect(lines('agents'), 'one agent works, the other one waits').toHaveLength(1);
  expect([...(await runs('one')), ...(await runs('two'))].map(({ status }) => status)).toEqual(['running']);
  writeFileSync(join(house.base, 'go'), '');
  for (const name of ['one', 'two'])
    await until(`${name} has run`, async () => (await runs(name))[0]?.status === 'succeeded');
  expect(lines('agents')).toHaveLength(2);
  for (const name of ['one', 'two'])
    expect(await runs(name)).toMatchObject([{ status: 'succeeded', scheduledFor: '2020-01-01T00:00:00.000Z' }]);
});

test('the money of the day is used up: no agent of a workflow is started, the human is asked once, and its word lets it go on', async () => {
  house = openHouse({ env: { TEND_MAX_DAILY_USD: '0.04' } });
  const bin = join(house.base, 'home/.local/bin');
  mkdirSync(bin, { recursive: true });
  const answer = '{"type":"result","subtype":"success","is_error":false,"result":"done"}';
  writeFileSync(join(bin, 'claude'), `#!/bin/sh\ncat >/dev/null\necho x >> ${house.base}/agents\necho '${answer}'\n`);
  chmodSync(join(bin, 'claude'), 0o755);
  house.env['PATH'] = '/usr/bin:/bin';
  // A decider of its own would take part of what is raised.
  await house.must(['init', '--runner', 'embedded', '--yes']);
  await house.up();
  const steps = [{ id: 'one', target: { type: 'agent', provider: 'claude', prompt: 'do it' } }];
  writeFileSync(join(house.base, 'w.json'), JSON.stringify({ name: 'w', steps }));
  await house.must(['workflows', 'create', join(house.base, 'w.json')]);
  await house.must(['loops', 'create', 'workflow', 'w', '--workflow', 'w', '--at', PAST]);
  const asked = async () => (await house.asks()).filter(({ id }) => id.startsWith('budget-'));
  const [ask] = await until('the ask', async () => (await asked()).length > 0 && (await asked()));
  expect(await runs('w')).toMatchObject([{ status: 'running' }]);
  expect(lines('agents')).toEqual([]);
  await house.must(['answer', ask!.id, 'raise it for today']);
  await until('it has run', async () => (await runs('w'))[0]?.status === 'succeeded');
  expect(lines('agents')).toHaveLength(1);
  expect(await asked()).toEqual([]);
});

test('install writes the file and prints what to type; --enable tells how each step went, also where there is no systemctl [loops 169]', async () => {
  house = openHouse({ env: { PATH: '/nowhere' } });
  await house.must(['init', '--runner', 'embedded', '--yes']);
  interface Installed {
    path: string;
    instructions: string[];
    enableResults?: { command: string; result: string }[];
  }
  const said = await house.tend(['loops', 'daemon', 'install']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  const first = await house.json<Installed>(['loops', 'daemon', 'install', '--json']);
  expect(first).not.toHaveProperty('enableResults');
  expect(readFileSync(first.path, 'utf8')).toContain('ExecStart=');
  expect(first.instructions).toHaveLength(3);
  for (const wanted of ['systemctl --user daemon-reload', 'systemctl --user enable --now', 'loginctl enable-linger'])
    expect(
      first.instructions.filter((line) => line.includes(wanted)),
      wanted,
    ).toHaveLength(1);
  expect(said.stdout.split('\n').slice(1, -1)).toEqual(first.instructions);
  const { code, stdout } = await house.tend(['loops', 'daemon', 'install', '--enable', '--json']);
  expect(code).toBe(0);
  const { enableResults = [] } = JSON.parse(stdout) as Installed;
  expect(enableResults.map(({ command }) => command.split(' ').slice(0, 3).join(' '))).toEqual([
    'systemctl --user daemon-reload',
    'systemctl --user enable',
    'systemctl --user start',
  ]);
  for (const { command, result } of enableResults) expect(result, command).toMatch(/^failed: .*systemctl/);
});
