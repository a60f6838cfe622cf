import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type House, openHouse, until } from './house.js';

// A logout, or a cleaner of temp directories, removes sockets under living owners: a name that is gone proves nothing.
let house: House;
afterEach(async () => await house.close());

const removeSockets = (prefix: 'p' | 'shell' | 'w'): number => {
  const run = join(house.base, 'run', 'tend');
  const found = readdirSync(run, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes(`/${prefix}-`));
  for (const name of found) rmSync(join(run, name));
  return found.length;
};

test('a worker whose socket was removed is not taken for dead, and can still be stopped for good', async () => {
  house = openHouse();
  await house.init();
  house.next({ action: 'start_worker', id: 'w', prompt: '#!script\necho here; exec sleep 600' });
  await house.up();
  const view = async () =>
    (await house.json<{ id: string; alive: boolean; state: string }[]>(['worker', 'list', '--all', '--json']))[0];
  await until('the worker runs', async () => (await view())?.state === 'running');
  expect(removeSockets('w')).toBe(1);
  expect(await view()).toMatchObject({ alive: true, state: 'running' });
  await house.must(['goal', 'write', 'g', 'look again']);
  await house.settled();
  expect(await view()).toMatchObject({ alive: true, state: 'running' });
  expect(await house.tend(['worker', 'kill', 'w'])).toMatchObject({ code: 0 });
  expect(await view()).toMatchObject({ alive: false });
  await house.must(['down']);
  expect(house.inhabitants()).toEqual([]);
});

test('a pulse whose socket was removed is not taken for down: up starts no second one, and down ends it', async () => {
  house = openHouse();
  await house.init();
  const pid = await house.up();
  await house.settled();
  expect(removeSockets('p')).toBe(1);
  expect(await house.pulse()).toMatchObject({ alive: true, pid });
  expect(await house.tend(['up'])).toMatchObject({ code: 0, stdout: `pulse already running, pid ${pid}\n` });
  expect(await house.tend(['down'])).toMatchObject({ code: 0 });
  expect(house.inhabitants()).toEqual([]);
  expect(await house.pulse()).toMatchObject({ alive: false });
});

test('a command whose supervisor lost its socket is waited for, not called interrupted and not ended', async () => {
  house = openHouse();
  await house.init();
  house.next({ action: 'run_shell', cmd: 'echo begun >> log; sleep 2; echo ended >> log' });
  await house.up();
  await until('the approval', async () => (await house.asks()).some((ask) => ask.id === 'gate-1'));
  await house.must(['answer', 'gate-1', 'yes']);
  await until('the command runs', () => house.text('log') === 'begun\n');
  expect(removeSockets('shell')).toBe(1);
  await until('its end', () => house.text('journal.md').includes('approved by'));
  expect(house.text('log')).toBe('begun\nended\n');
  expect(house.text('journal.md')).not.toContain('interrupted');
});
