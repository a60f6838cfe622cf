import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type House, type HouseOptions, openHouse, until } from './house.js';

// A pulse from its start to its end, as its owner sees it.
const houses: House[] = [];
const open = (options?: HouseOptions): House => {
  const house = openHouse(options);
  houses.push(house);
  return house;
};
afterEach(async () => {
  await Promise.all(houses.splice(0).map((house) => house.close()));
});

test('init from a pipe, up, an answer, state, down: every step says what it did and ends with 0', async () => {
  const house = open();
  const before = await house.tend(['up']);
  expect(before).toMatchObject({ code: 1, stdout: '' });
  expect(before.stderr).toContain('tend init');
  expect(await house.init()).toContain('tend up');
  expect(await house.tend(['up'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^pulse started, pid \d+\n$/),
  });
  expect(await house.tend(['up'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^pulse already running, pid \d+\n$/),
  });
  expect((await house.asks()).map((ask) => ask.id)).toEqual(['setup-1']);
  const answered = await house.tend(['answer', 'setup-1', '-'], { input: 'my garden\n\nwater it\n' });
  expect(answered).toMatchObject({ code: 0, stdout: 'answered setup-1\n' });
  expect(await house.tend(['answer', 'setup-1', 'again'])).toMatchObject({ code: 1, stdout: '' });
  const state = await house.json<{ asks: unknown[]; pulse_alive: boolean }>(['_', 'state', '--json']);
  expect(state).toMatchObject({ asks: [], pulse_alive: true });
  await until('the decider reads the answer', () =>
    house.prompts().some((prompt) => prompt.includes('my garden\n\nwater it')),
  );
  expect(await house.tend(['down'])).toMatchObject({ code: 0, stdout: 'pulse stopped\n' });
  expect(await house.tend(['down'])).toMatchObject({ code: 0, stdout: 'pulse was not running\n' });
  expect(await house.pulse()).toMatchObject({ alive: false, pid: null });
  expect((await house.tend(['wait', '--timeout', '5'])).code).toBe(2);
  expect(house.inhabitants()).toEqual([]);
});

test('twenty ups at once end with one pulse, and each of them names it', async () => {
  const house = open();
  await house.init();
  const ups = await Promise.all(Array.from({ length: 20 }, () => house.tend(['up', '--json'])));
  expect(ups.map((up) => up.code)).toEqual(Array.from({ length: 20 }, () => 0));
  const pids = new Set(ups.map((up) => (JSON.parse(up.stdout) as { pid: number }).pid));
  expect([...pids]).toEqual([(await house.pulse()).pid]);
  // A child of the pulse bears its command line until it becomes what it was made for.
  await until('the losers have ended', () => pulses(house).join() === [...pids].join());
});

test('down does not say that workers are stopped when nobody can tell which there are', async () => {
  const house = open();
  await house.init();
  await house.up();
  rmSync(join(house.root, 'workers'), { recursive: true, force: true });
  house.write('workers', 'no directory\n');
  const { code, stdout, stderr } = await house.tend(['down']);
  expect(code).toBeGreaterThan(0);
  expect(stdout + stderr).toContain('workers');
  expect(await house.pulse()).toMatchObject({ alive: false });
  rmSync(join(house.root, 'workers'));
});

test('a second pulse in the foreground is refused with the pid of the first', async () => {
  const house = open();
  await house.init();
  const pid = await house.up();
  const second = await house.tend(['up', '--foreground']);
  expect(second.code).toBe(1);
  expect(second.stdout + second.stderr).toContain(`pid ${pid}`);
  expect(await house.pulse()).toMatchObject({ alive: true, pid });
});

test('TERM lets the pulse finish its beat: the decision under way is carried out, then it ends with 0', async () => {
  const house = open();
  await house.init();
  house.next(`touch "$FAKE/deciding"; while [ ! -e "$FAKE/go" ]; do sleep 0.05; done
echo '{"action":"write_goal","id":"late","body":"decided during TERM"}'`);
  const pulse = house.start(['up', '--foreground']);
  await until('it decides', () => readdirSync(house.fake).includes('deciding'));
  pulse.child.kill('SIGTERM');
  writeFileSync(join(house.fake, 'go'), '');
  expect((await pulse.ended).code).toBe(0);
  expect(house.text('goals/late.md')).toContain('decided during TERM');
  expect(house.journal()).toHaveLength(1);
  expect(house.inhabitants()).toEqual([]);
});

test('in the foreground with --json every line of stdout is one JSON object, whatever goes wrong', async () => {
  const house = open();
  await house.init();
  await house.must(['sensor', 'write', 'loud', '-'], {
    input: '#!/bin/bash\necho noise >&2\nprintf \'{"a":1}\\nplain\\x1b[31m\\n\'\n',
  });
  await house.must(['sensor', 'write', 'broken', '-'], { input: '#!/bin/bash\necho "no more" >&2; exit 3\n' });
  house.next({ action: 'run_shell', cmd: 'echo one; echo two' });
  house.next('echo "line one"; echo "line two" >&2; exit 4');
  const pulse = house.start(['up', '--foreground', '--json']);
  await until('the failed beat', () => pulse.said().stdout.includes('runner-failed') || goad(house));
  pulse.child.kill('SIGTERM');
  const { code, stdout, stderr } = await pulse.ended;
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows[0]).toMatchObject({ level: 'info', event: 'pulse.start' });
  expect(rows.at(-1)).toMatchObject({ event: 'pulse.stop' });
  expect(rows.some((row) => row['event'] === 'beat.failed')).toBe(true);
  expect(stderr).toBe('');
});

test('an edited goal starts a beat by its file event, long before the next look is due', async () => {
  const house = open({ env: { TEND_INTERVAL: '3600' } });
  await house.init();
  await house.must(['answer', 'setup-1', 'nothing yet']);
  await house.up();
  await house.settled();
  const calls = house.calls();
  house.write('goals/garden.md', 'Water the roses.\n');
  await until(
    'the decider reads the goal',
    () => house.calls() > calls && house.prompts().at(-1)!.includes('Water the roses.'),
  );
});

test('a data dir whose name has spaces, quotes, a dollar and other letters works for every kind of child', async () => {
  const house = open({ data: `my "own" $HOME 'dir' größe` });
  await house.init();
  await house.must(['sensor', 'write', 'where', '-'], {
    input: '#!/bin/bash\nprintf \'{"files":%s}\' "$(ls goals | wc -l)"\n',
  });
  await house.must(['answer', 'setup-1', 'go']);
  writeFileSync(join(house.root, 'config.json'), JSON.stringify({ ...config(house), gate: { allow: ['touch *'] } }));
  house.next({ action: 'run_shell', cmd: 'touch reports/ran', reason: 'try the shell' });
  house.next({
    action: 'start_worker',
    id: 'w',
    prompt: '#!script\n"$TEND_BIN" ask w --prompt "Here?" >reports/said\n"$TEND_BIN" kill w',
  });
  await house.up();
  await until('the worker asks', async () => (await house.asks()).some((ask) => ask.id === 'w-1') || goad(house));
  await house.must(['answer', 'w-1', 'yes', 'here']);
  await until('the worker has its answer', () => house.text('reports/said') === 'yes here\n');
  expect(readdirSync(join(house.root, 'reports'))).toContain('ran');
  expect(house.text('snapshots/sensor-where.json')).toContain('"files"');
  expect(readdirSync(house.base).sort()).toEqual(
    ['fake', 'home', 'run', house.root.slice(house.base.length + 1)].sort(),
  );
});

test('two profiles side by side never meet: pulses, asks, workers of one name, and down of one', async () => {
  const [a, b] = [open(), open()];
  const brief = (said: string) => `#!script\n"$TEND_BIN" ask w --prompt "from ${said}" >reports/said\nsleep 600`;
  for (const [house, name] of [
    [a, 'a'],
    [b, 'b'],
  ] as const) {
    // Both use one runtime directory, as two profiles of one user do.
    house.env['XDG_RUNTIME_DIR'] = join(a.base, 'run');
    await house.init();
    house.next({ action: 'start_worker', id: 'w', prompt: brief(name) });
    await house.up();
  }
  for (const house of [a, b])
    await until('its worker asks', async () => (await house.asks()).some((ask) => ask.id === 'w-1'));
  expect((await a.pulse()).pid).not.toBe((await b.pulse()).pid);
  expect((await a.asks()).map((ask) => ask.prompt)).toContain('from a');
  expect((await b.asks()).map((ask) => ask.prompt)).toContain('from b');
  await a.must(['answer', 'w-1', 'for a']);
  await until('a reads it', () => a.text('reports/said') === 'for a\n');
  expect(b.text('reports/said')).toBe('');
  expect(await a.must(['down'])).toContain('stopped 1 worker: w');
  expect(await b.pulse()).toMatchObject({ alive: true });
  expect(await b.json(['worker', 'list', '--json'])).toMatchObject([{ id: 'w', state: 'running' }]);
});

/** Pulses that live in this house, by their command line. */
function pulses(house: House): number[] {
  return house.inhabitants().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('__pulse');
    } catch {
      return false;
    }
  });
}

const config = (house: House) => JSON.parse(house.text('config.json')) as Record<string, unknown>;

/** Something in the world changes, so that the next beat decides; what happens then is what the caller waits for. */
function goad(house: House): undefined {
  house.write('goals/goad.md', `${Date.now()}\n`);
  return undefined;
}
