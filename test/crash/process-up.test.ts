import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type House, openHouse, until } from '../e2e/house.js';

// Several hands at one switch: whatever comes at once, there is at most one pulse, and every verb says what is true.
let house: House;
beforeEach(() => {
  house = openHouse();
});
afterEach(() => house.close());

/** Pulses that live in this house, by their command line, which a child of theirs bears as well until it becomes another program. */
const pulses = (): number[] =>
  house.inhabitants().filter((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return line.includes('__pulse') || line.includes('--foreground');
    } catch {
      return false;
    }
  });

test('up while the old pulse is dying waits for its end and starts the next one', async () => {
  await house.init();
  // A decider that takes its time to end: until then the pulse answers, and is at its end.
  house.next(`trap 'touch "$FAKE/told"; while [ ! -e "$FAKE/go" ]; do sleep 0.05; done; exit 1' TERM
touch "$FAKE/deciding"; while :; do sleep 0.05; done`);
  const old = await house.up();
  await until('it decides', () => readdirSync(house.fake).includes('deciding'));
  const down = house.start(['down', '--timeout', '60']);
  await until('it is told to end', () => readdirSync(house.fake).includes('told'));
  const up = house.start(['up', '--json']);
  // As long as a verb takes to look: what it says of the dying one would be said by now.
  await house.must(['status']);
  await house.must(['status']);
  writeFileSync(join(house.fake, 'go'), '');
  expect(await down.ended).toMatchObject({ code: 0, stdout: 'pulse stopped\n' });
  const { code, stdout } = await up.ended;
  expect(code).toBe(0);
  const next = JSON.parse(stdout) as { state: string; pid: number };
  expect(next.state).toBe('started');
  expect(next.pid).not.toBe(old);
  expect(await house.pulse()).toMatchObject({ alive: true, pid: next.pid });
  await until('the old one has gone', () => pulses().length === 1);
});

test('ups and downs that race end with a true word each, and leave one pulse or none', async () => {
  await house.init();
  for (let round = 0; round < 3; round++) {
    const ends = await Promise.all(
      ['up', 'down', 'up', 'down', 'up'].map(async (verb) => ({ verb, ...(await house.tend([verb])) })),
    );
    for (const { verb, code, stdout, stderr } of ends) {
      const said =
        verb === 'up' ? /^pulse (?:already running|started), pid \d+\n$/ : /^pulse (?:stopped|was not running)/;
      // A pulse that a down ended between its start and its first sign of life was not seen alive: that is true as well.
      if (code === 0) expect(stdout).toMatch(said);
      else expect(`${verb}: ${stderr}`).toMatch(/^up: tend: Cannot start/);
    }
    await until('the losers have ended', () => pulses().length <= 1);
    const pid = await house.up();
    await until('it is alone', () => pulses().join() === String(pid));
    expect(await house.pulse()).toMatchObject({ alive: true, pid });
  }
  expect(await house.must(['down'])).toBe('pulse stopped\n');
  expect(house.inhabitants()).toEqual([]);
});

test('of many pulses in the foreground one runs, and the others say which and end with 1', async () => {
  await house.init();
  const all = Array.from({ length: 8 }, () => house.start(['up', '--foreground']));
  const losers = new Set<(typeof all)[number]>();
  for (const one of all) void one.ended.then(() => losers.add(one));
  await until('seven have ended', () => losers.size === 7);
  const { pid } = await house.pulse();
  for (const loser of losers) {
    const { code, stdout, stderr } = await loser.ended;
    expect([code, stdout + stderr]).toEqual([1, expect.stringContaining(`pid ${pid}`)]);
  }
  await until('it is alone', () => pulses().join() === String(pid));
});
