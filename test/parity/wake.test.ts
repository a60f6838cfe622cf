/** What costs a decision and what does not, seen from outside: a real pulse, and a decider that counts its calls. */
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type House, type HouseOptions, openHouse, until } from '../e2e/house.js';

const houses: House[] = [];
async function open(options?: HouseOptions): Promise<House> {
  const house = openHouse(options);
  houses.push(house);
  await house.init();
  return house;
}
afterEach(async () => {
  await Promise.all(houses.splice(0).map((house) => house.close()));
});

/** Several beats of a second each, beside the whole suite on two cores: a limit for a hang. */
const LIMIT = { timeout: 180_000 };

/** A sensor that counts its runs outside of the data dir, so that beats are seen that write nothing; it prints a file. */
async function countingSensor(house: House, reading: object): Promise<{ runs(): number; say(reading: object): void }> {
  const [said, runs] = [join(house.base, 'said.json'), join(house.base, 'runs')];
  // Whole or not at all: the sensor may read at any moment.
  const say = (value: object): void => {
    writeFileSync(`${said}.new`, JSON.stringify(value));
    renameSync(`${said}.new`, said);
  };
  say(reading);
  const script = `#!/bin/sh\necho x >> '${runs}'\ncat '${said}'\n`;
  await house.must(['sensor', 'write', 'probe'], { input: script });
  return { say, runs: () => (existsSync(runs) ? readFileSync(runs, 'utf8').length / 2 : 0) };
}

async function beats(count: { runs(): number }, n: number): Promise<void> {
  const from = count.runs();
  await until(`${n} more beats`, () => count.runs() >= from + n);
}

/** Names, content and times of all files; a sign of life touches the lock's time and no byte. */
function everyFile(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(root, name)).isFile())
    .sort()
    .map((name) => {
      const path = join(root, name);
      const time = name.startsWith('locks/') ? '' : statSync(path, { bigint: true }).mtimeNs;
      return `${name} ${time} ${readFileSync(path, 'base64')}`;
    });
}

const edit = (house: House, text: string) => appendFileSync(join(house.root, 'goals/setup.md'), `${text}\n`);

test(
  'the first beat of a pulse decides; after that an unchanged world calls nobody and writes no byte; the next pulse decides once',
  LIMIT,
  async () => {
    const house = await open();
    const probe = await countingSensor(house, { signal: 1, detail: 'a' });
    await house.up();
    await until('the first decision', () => house.calls() === 1);
    await house.settled();
    // The streaks of the flap table calm down within a few quiet beats.
    await beats(probe, 3);
    const before = everyFile(house.root);
    await beats(probe, 5);
    expect(everyFile(house.root)).toEqual(before);
    expect(house.calls()).toBe(1);
    await house.must(['down']);
    await house.up();
    await until('the forced look', () => house.calls() === 2);
    expect(house.prompt(2)).toContain('(nothing; you are asked because a look was asked for)');
    await beats(probe, 3);
    expect(house.calls()).toBe(2);
  },
);

test(
  'a signal that changed costs one decision, a detail and an edited script none; a removed sensor leaves the prompt',
  LIMIT,
  async () => {
    const house = await open();
    const probe = await countingSensor(house, { signal: { n: 1, m: 1 }, detail: 'a' });
    await house.up();
    await until('the first decision', () => house.calls() === 1);
    await house.settled();
    probe.say({ signal: { m: 1, n: 1 }, detail: 'b' });
    appendFileSync(join(house.root, 'sensors/probe.sh'), '# a note\n');
    await beats(probe, 4);
    expect(house.calls()).toBe(1);
    probe.say({ signal: { n: 2, m: 1 }, detail: 'b' });
    await until('the decision about the signal', () => house.calls() === 2);
    expect(house.prompt(2)).toContain('~ snap:sensor-probe signal: {"m":1,"n":1} → {"m":1,"n":2}');
    await beats(probe, 3);
    expect(house.calls()).toBe(2);
    await house.must(['sensor', 'remove', 'probe']);
    await until('the decision about its end', () => house.calls() === 3);
    expect(house.prompt(3)).toContain('- snap:sensor-probe gone');
    expect(house.prompt(3)).not.toContain('--- sensor-probe');
    expect(readdirSync(join(house.root, 'snapshots'))).not.toContain('sensor-probe.json');
  },
);

test('at the hourly cap the runner is not started, whatever changes, and status says why', LIMIT, async () => {
  const house = await open({ env: { TEND_MAX_DECIDES_PER_HOUR: '1' } });
  const probe = await countingSensor(house, { signal: 1 });
  await house.up();
  await until('the one call', () => house.calls() === 1);
  probe.say({ signal: 2 });
  await until('status names the cap', async () =>
    (await house.must(['status'])).includes('1 of 1 model calls an hour are used'),
  );
  edit(house, 'and more');
  await beats(probe, 4);
  expect(house.calls()).toBe(1);
});

test(
  'a runner that fails waits, whatever the world does; a human edit cuts the wait; its leftovers are never a move',
  LIMIT,
  async () => {
    const house = await open();
    const probe = await countingSensor(house, { signal: 1 });
    const evil = '{"action":"write_goal","id":"evil","body":"x"}';
    house.next(`echo '${evil}' | tee "$TEND_DECISION_FILE"; echo 'the runner broke' >&2; exit 3`);
    await house.up();
    await until('the failure', () => house.text('pulse/memory.json').includes('runner-failed'));
    probe.say({ signal: 2 });
    await beats(probe, 4);
    expect(house.calls()).toBe(1);
    edit(house, 'look again');
    await until('the second call', () => house.calls() === 2);
    expect(house.prompt(2)).toMatch(/=== LAST FAILURE ===\n.*runner-failed, 1 in a row[\s\S]*the runner broke/);
    await house.settled();
    expect(house.text('goals/evil.md')).toBe('');
    edit(house, 'once more');
    await until('the third call', () => house.calls() === 3);
    expect(house.prompt(3)).not.toContain('=== LAST FAILURE');
  },
);

test(
  'a config that breaks while the pulse runs leaves the last good one in force, and status says so until it is mended',
  LIMIT,
  async () => {
    const house = await open();
    const probe = await countingSensor(house, { signal: 1 });
    await house.up();
    await until('the first decision', () => house.calls() === 1);
    const good = house.text('config.json');
    const says = async (): Promise<boolean> =>
      (await house.must(['status'])).includes('the last good one stays in force');
    house.write('config.json', '{"tick_command": ');
    await until('status says so', says);
    probe.say({ signal: 2 });
    await until('a decision all the same', () => house.calls() === 2);
    house.write('config.json', good);
    await until('status is calm again', async () => !(await says()));
  },
);
