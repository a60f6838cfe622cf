/** The pulse under a service manager, as its owner sees it. The manager is a stand-in on PATH that reads the real unit file. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type House, openHouse, signal, until } from './house.js';

const FAKES = new URL('../fakes/services', import.meta.url).pathname;

let house: House;
afterEach(() => house.close());

interface Status {
  service: string;
  file: string;
  installed: boolean;
  foreign: boolean;
  active: boolean | null;
  enabled: boolean | null;
  pid: number | null;
  state: string | null;
  unreachable: string | null;
}

function open(path = `${FAKES}:${process.env['PATH']}`, data?: string): void {
  house = openHouse({ env: { PATH: path }, ...(data === undefined ? {} : { data }) });
}
const status = async (): Promise<Status> =>
  JSON.parse((await house.tend(['service', 'status', '--json'])).stdout) as Status;
const runtime = (name: string): string => join(house.base, 'run/fake-systemd', name);

test('a pulse under its service is started again after a crash and not after a down; workers outlive all but the down', async () => {
  open();
  await house.init();
  const byHand = await house.up();
  await house.must(['worker', 'start', 'clerk', '#!script\nsleep 600']);
  const alive = async () =>
    (await house.json<{ id: string; alive: boolean }[]>(['worker', 'list', '--json'])).some(
      (one) => one.id === 'clerk' && one.alive,
    );
  await until('the worker lives', alive);

  const installed = await house.json<{ wrote: boolean; enabled: boolean; pid: number; took_over: boolean }>([
    'service',
    'install',
    '--json',
  ]);
  expect(installed).toMatchObject({ wrote: true, enabled: true, took_over: true, problems: [] });
  expect(installed.pid).not.toBe(byHand);
  expect(await status()).toMatchObject({ installed: true, active: true, enabled: true, pid: installed.pid });
  expect(await house.pulse()).toMatchObject({ alive: true, pid: installed.pid });
  expect(await alive()).toBe(true);
  // What the pulse says is where it is after "tend up", too.
  await until('it logs', () => house.text('pulse/pulse.log').includes(`pid ${installed.pid}`));

  const again = await house.json<object>(['service', 'install', '--json']);
  expect(again).toMatchObject({ wrote: false, took_over: false, pid: installed.pid });
  expect(await house.tend(['up'])).toMatchObject({ code: 0, stdout: `pulse already running, pid ${installed.pid}\n` });

  signal(installed.pid, 'SIGKILL');
  const next = await until('the manager starts another', async () => {
    const { alive: lives, pid } = await house.pulse();
    return lives && pid !== installed.pid && pid;
  });
  expect(await alive()).toBe(true);

  expect((await house.tend(['down'])).code).toBe(0);
  expect(await status()).toMatchObject({ active: false, enabled: true, state: 'inactive (dead)' });
  expect(await house.pulse()).toMatchObject({ alive: false });
  expect(await alive()).toBe(false);

  const up = await house.json<{ pid: number }>(['up', '--json']);
  expect(up.pid).not.toBe(next);
  expect(await status()).toMatchObject({ active: true, pid: up.pid });

  const removed = await house.tend(['service', 'uninstall', '--json']);
  expect(removed.code).toBe(0);
  expect(JSON.parse(removed.stdout)).toMatchObject({ removed: true, pulse: 'stopped', problems: [] });
  expect(await status()).toMatchObject({ installed: false });
  expect(await house.pulse()).toMatchObject({ alive: false });
  expect(JSON.parse((await house.tend(['service', 'uninstall', '--json'])).stdout)).toMatchObject({ removed: false });
  expect(existsSync(join(house.base, 'home/.config/systemd/user/default.target.wants', (await status()).service))).toBe(
    false,
  );
});

test('a pulse that does not end by itself is killed by down, and no other is started for it, also with a name that hurts', async () => {
  open(undefined, 'da ta%n$HOME "q"');
  await house.init();
  const { pid } = await house.json<{ pid: number }>(['service', 'install', '--json']);
  signal(pid, 'SIGSTOP');
  const { code, stdout } = await house.tend(['down', '--timeout', '1']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'pulse stopped (killed: it did not end in time)\n' });
  await until('the unit has ended', async () => (await status()).state === 'inactive (dead)');
  expect(await house.pulse()).toMatchObject({ alive: false });
});

test('a unit of that name that tend did not write is left alone, until it is told', async () => {
  open();
  await house.init();
  const { file } = await status();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '[Service]\nExecStart=/bin/true\n');
  expect(await status()).toMatchObject({ installed: false, foreign: true });
  for (const verb of ['install', 'uninstall']) {
    const { code, stdout, stderr } = await house.tend(['service', verb]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('tend did not write it');
  }
  expect(readFileSync(file, 'utf8')).toBe('[Service]\nExecStart=/bin/true\n');
  const { copy } = await house.json<{ copy: string }>(['service', 'install', '--force', '--no-start', '--json']);
  expect(readFileSync(copy, 'utf8')).toBe('[Service]\nExecStart=/bin/true\n');
  expect(await status()).toMatchObject({ installed: true, enabled: true, active: false });
  expect(statSync(file).mode & 0o777).toBe(0o644);
});

test.each([
  ['there is no systemctl', '/nowhere', 'systemctl is not on PATH'],
  ['nobody answers systemctl', undefined, 'Failed to connect to bus'],
])('where %s, the unit is written, the rest is said, and up starts the pulse by itself', async (_, path, words) => {
  open(path);
  await house.init();
  mkdirSync(runtime('.'), { recursive: true });
  if (path === undefined) writeFileSync(runtime('unreachable'), '');
  const { code, stdout } = await house.tend(['service', 'install']);
  expect(code).toBe(0);
  expect(stdout).toContain(words);
  expect(stdout).toMatch(/systemctl --user enable --now tend-data-[0-9a-f]{6}\.service/);
  expect(await status()).toMatchObject({ installed: true, active: null, unreachable: expect.stringContaining(words) });
  if (path !== undefined) return;
  const up = await house.tend(['up']);
  expect(up).toMatchObject({ code: 0, stdout: expect.stringMatching(/^pulse started, pid \d+\n$/) });
  expect(up.stderr).toContain('the service is not used');
});
