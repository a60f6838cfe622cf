import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type House, type HouseOptions, openHouse, until } from '../e2e/house.js';

// The wall clock is set under a running pulse, by an hour and by a year, back and ahead: by shifted-clock.cjs, since the clock of
// the machine is everybody's. Nothing freezes, nothing spins, nothing is forgotten, stolen or told twice.

// Side by side on a loaded machine.
vi.setConfig({ testTimeout: 180_000 });

const HOUR_S = 3_600;
const YEAR_S = 365 * 86_400;
const PRELOAD = new URL('./shifted-clock.cjs', import.meta.url).pathname;

type Clocked = House & { setClock(bySeconds: number): void };

function clockedHouse(onEnd: (work: () => Promise<void>) => void, options: HouseOptions = {}): Clocked {
  const house = openHouse(options);
  onEnd(() => house.close());
  const clock = join(house.base, 'clock');
  house.env['TEND_TEST_CLOCK'] = clock;
  house.env['NODE_OPTIONS'] = `--require=${PRELOAD}`;
  const setClock = (by: number) => {
    writeFileSync(`${clock}.part`, String(by * 1_000));
    renameSync(`${clock}.part`, clock);
  };
  setClock(0);
  return Object.assign(house, { setClock });
}

const lines = (text: string): number => text.split('\n').length - 1;
/** Something in the world changes, so that the next look has something to decide on. */
const goad = (house: House, what: string) => house.write('goals/goad.md', `${what}\n`);
const memory = (house: House) => JSON.parse(house.text('pulse/memory.json')) as { decides: number[] };

test.concurrent('looks go on at their interval, sensors at theirs, and neither spins', async ({ onTestFinished }) => {
  const house = clockedHouse(onTestFinished);
  await house.init();
  await house.must(['sensor', 'write', 'each', '-'], { input: '#!/bin/bash\necho x >>reports/each; echo 1\n' });
  const slow = '#!/bin/bash\n# tend:interval=2\necho x >>reports/slow; echo 1\n';
  await house.must(['sensor', 'write', 'slow', '-'], { input: slow });
  await house.must(['answer', 'setup-1', 'nothing yet']);
  await house.up();
  await house.settled();
  for (const by of [-HOUR_S, YEAR_S, -YEAR_S]) {
    house.setClock(by);
    const [begun, each, seldom] = [
      performance.now(),
      lines(house.text('reports/each')),
      lines(house.text('reports/slow')),
    ];
    await until(`both go on at ${by} s`, () => lines(house.text('reports/slow')) >= seldom + 2);
    const seconds = (performance.now() - begun) / 1_000;
    const looks = lines(house.text('reports/each')) - each;
    expect(looks).toBeGreaterThanOrEqual(2);
    // One a second, the events of our own setting, and one too many where the clock leapt; a spin has dozens in a second.
    expect(looks).toBeLessThan(3 * seconds + 10);
  }
});

test.concurrent('reminders come: the one-shot as late as it was meant to, the periodic one at its periods', async ({
  onTestFinished,
}) => {
  const house = clockedHouse(onTestFinished);
  house.setClock(YEAR_S);
  await house.init();
  await house.must(['answer', 'setup-1', 'nothing yet']);
  house.next({ action: 'write_schedule', name: 'often', every_s: 60 });
  await house.up();
  await until('the period is known', () => house.lastPrompt().includes('"period":'));
  house.next({ action: 'write_schedule', name: 'tea', in_s: 4, note: 'pour the tea' });
  goad(house, 'a reminder is wanted');
  await until('it is written', () => house.text('schedules/tea.json') !== '');
  // The clock was a year ahead all the time and is set right.
  house.setClock(0);
  await until('the tea is due', () => /"signal": "due"|tea[^\n]*due/.test(house.lastPrompt()));
  await house.settled();
  const calls = house.calls();
  house.setClock(61);
  await until('the next period wakes it', () => house.calls() > calls);
});

test.concurrent('the hourly cap and the spend of a day hold across every step', async ({ onTestFinished }) => {
  const house = clockedHouse(onTestFinished, { env: { TEND_MAX_DECIDES_PER_HOUR: '2' } });
  await house.init();
  await house.must(['answer', 'setup-1', 'nothing yet']);
  await house.up();
  const decide = async (what: string, calls: number) => {
    goad(house, what);
    await until(`call ${calls}`, () => house.calls() === calls);
    await house.settled();
  };
  const held = async (what: string, calls: number) => {
    goad(house, what);
    await until('it is held', async () =>
      /model calls an hour are used|budget|limit/.test(await house.must(['status'])),
    );
    expect(house.calls()).toBe(calls);
  };
  await until('the first call', () => house.calls() === 1);
  await house.settled();
  await decide('one more', 2);
  await held('capped', 2);
  house.setClock(-HOUR_S);
  await held('capped an hour ago', 2);
  house.setClock(-YEAR_S);
  await held('capped a year ago', 2);
  // What was decided counts as decided now, so an hour later it is over, by the clock that is there.
  await until('it is remembered as now', () =>
    memory(house).decides.every((ts) => ts * 1_000 < Date.now() - 300 * 86_400_000),
  );
  expect(house.calls()).toBe(2);
  house.setClock(-YEAR_S + HOUR_S + 60);
  await until('the cap is over', () => house.calls() === 3);
  house.setClock(0);
  await until('a last one', () => {
    goad(house, String(performance.now()));
    return house.calls() >= 4;
  });
});

test.concurrent('a day has one budget, however often the clock comes back to it', async ({ onTestFinished }) => {
  const house = clockedHouse(onTestFinished, { env: { TEND_MAX_DAILY_USD: '0.05' } });
  await house.init();
  await house.must(['answer', 'setup-1', 'nothing yet']);
  await house.up();
  const budgetAsks = async () => (await house.asks()).filter((one) => one.id.startsWith('budget-')).length;
  await until('the first call', () => house.calls() === 1);
  goad(house, 'spent');
  await until('the limit is asked about', async () => (await budgetAsks()) === 1);
  house.setClock(2 * 86_400);
  await until('another day has money', () => house.calls() === 2);
  goad(house, 'spent again');
  await until('the limit is asked about', async () => (await budgetAsks()) === 2);
  house.setClock(0);
  goad(house, 'back');
  await until('it is held', async () => (await house.must(['status'])).includes('spent'));
  house.setClock(2 * 86_400);
  goad(house, 'ahead again');
  await until('it is held', async () => (await house.must(['status'])).includes('spent'));
  expect(house.calls()).toBe(2);
  expect(await budgetAsks()).toBe(2);
  const days = readdirSync(house.root).filter((name) => /^events-\d{4}-\d\d-\d\d\.ndjson$/.test(name));
  expect(days.length).toBeGreaterThanOrEqual(2);
  for (const day of days)
    for (const row of readFileSync(join(house.root, day), 'utf8').split('\n').filter(Boolean))
      expect(() => JSON.parse(row) as object).not.toThrow();
});

test.concurrent('asks, approvals, workers and the lock outlive every step, and no age is negative', async ({
  onTestFinished,
}) => {
  const house = clockedHouse(onTestFinished);
  await house.init();
  house.next({ action: 'run_shell', cmd: 'echo ran >> reports/ran' });
  const pid = await house.up();
  await until('it is asked', async () => (await house.asks()).some((one) => one.id === 'gate-1'));
  house.next({ action: 'start_worker', id: 'w', prompt: '#!script\necho here; exec sleep 600' });
  const asking = [house.start(['ask', 'me', '--prompt', 'Number 1?'])];
  await until('the worker runs', async () =>
    (await house.json<{ id: string; state: string }[]>(['worker', 'list', '--json'])).some(
      (one) => one.state === 'running',
    ),
  );
  for (const by of [-HOUR_S, YEAR_S, -YEAR_S]) {
    house.setClock(by);
    const second = await house.tend(['up', '--foreground']);
    expect([second.code, second.stdout + second.stderr]).toEqual([1, expect.stringContaining(`pid ${pid}`)]);
    asking.push(house.start(['ask', 'me', '--prompt', `Number ${asking.length + 1}?`]));
    await until('it asks', async () => (await house.asks()).length === asking.length + 2);
    for (const line of [['state'], ['worker', 'list', '--json'], ['status']])
      expect(`${line.join(' ')}: ${await house.must(line)}`).not.toMatch(/(?:_s"?: |\s|\()-\d/);
    expect(await house.json(['worker', 'list', '--json'])).toMatchObject([{ id: 'w', state: 'running', alive: true }]);
  }
  const ids = (await house.asks()).map((one) => one.id).filter((id) => id.startsWith('me-'));
  expect([...ids].sort()).toEqual(['me-1', 'me-2', 'me-3', 'me-4']);
  expect(readdirSync(join(house.root, 'locks/pulse'))).toEqual(['1.json']);
  for (const id of ids) await house.must(['answer', id, `to ${id}`]);
  for (const one of asking)
    expect(await one.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^to me-\d\n$/) });
  await house.must(['answer', 'gate-1', 'yes']);
  await until('the approved command runs', () => house.text('reports/ran') !== '');
  await house.settled();
  expect(house.text('reports/ran')).toBe('ran\n');
});
