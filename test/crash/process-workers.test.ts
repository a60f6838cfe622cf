import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type House, openHouse, until } from '../e2e/house.js';
import { nobodyIsLeft } from './strangers.js';

// Workers that will not be held, under a living pulse and real supervisors: what is said of them is true, and a kill ends them.
function newHouse(onEnd: (work: () => Promise<void>) => void): House {
  const house = openHouse({ env: { TEND_TRANSCRIPT_MAX_BYTES: '1000000' } });
  onEnd(() => house.close());
  return house;
}

// Side by side on a loaded machine.
vi.setConfig({ testTimeout: 180_000 });

const start = (house: House, id: string, script: string) =>
  house.must(['worker', 'start', id, '-'], { input: `#!script\n${script}\n` });
const list = (house: House) =>
  house.json<{ id: string; state: string; alive: boolean }[]>(['worker', 'list', '--all', '--json']);
const stateOf = async (house: House, id: string) => (await list(house)).find((one) => one.id === id)?.state;

test.concurrent('a worker that kills its supervisor is reported as lost, and all that it left is ended', async ({
  onTestFinished,
}) => {
  const house = newHouse(onTestFinished);
  await house.init();
  await house.up();
  const child = "trap '' HUP TERM; echo up >>reports/left; while :; do sleep 1; done";
  // Between the two is the shell of the worker.
  await start(
    house,
    'w',
    `trap '' HUP TERM\nsetsid bash -c "${child}" &\n(${child}) &\nuntil [ "$(wc -l <reports/left)" = 2 ]; do sleep 0.05; done\nkill -KILL $(cut -d' ' -f4 /proc/$PPID/stat)\nwhile :; do sleep 1; done`,
  );
  await until('its end is known', async () => (await stateOf(house, 'w')) === 'failed');
  await until('it is recorded', () => house.text('workers/w/status.json').includes('its supervisor died'));
  await nobodyIsLeft(house);
  await until('the decider hears of it', () => house.lastPrompt().includes('"failed"'));
  expect((await house.tend(['kill', 'w'])).code).toBe(1);
});

test.concurrent('a worker that forks and goes on without end, and one that prints without end, are ended by a kill; their output is bounded', async ({
  onTestFinished,
}) => {
  const house = newHouse(onTestFinished);
  await house.init();
  await house.up();
  house.write('reports/hop.sh', '[ "$1" -gt 0 ] || exec sleep 600\ntrap "" TERM HUP\nsetsid bash "$0" $(($1 - 1)) &\n');
  await start(house, 'hopper', 'bash reports/hop.sh 20000\nexec sleep 600');
  await start(house, 'printer', "trap '' TERM\nwhile :; do yes; done");
  const sizes = () =>
    readdirSync(join(house.root, 'workers/printer'))
      .filter((name) => name.startsWith('transcript'))
      .map((name) => statSync(join(house.root, 'workers/printer', name)).size);
  await until('the transcript was rotated', () => sizes().length === 2);
  expect((await list(house)).map(({ id, state }) => [id, state])).toEqual([
    ['hopper', 'running'],
    ['printer', 'running'],
  ]);
  const kills = await Promise.all(['hopper', 'printer'].map((id) => house.tend(['kill', id])));
  expect(kills.map(({ code, stdout }) => [code, stdout])).toEqual([
    [0, 'killed hopper\n'],
    [0, 'killed printer\n'],
  ]);
  await nobodyIsLeft(house);
  expect((await list(house)).every(({ state, alive }) => state === 'killed' && !alive)).toBe(true);
  // The marker of the rotation stands before what the limit counts.
  expect(Math.max(...sizes())).toBeLessThan(1_100_000);
  expect(sizes().length).toBeLessThanOrEqual(2);
});
