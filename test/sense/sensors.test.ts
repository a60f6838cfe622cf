import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findMarked } from '../../src/host/kill.js';
import type { Json } from '../../src/lib/json.js';
import { fact, KNOBS, newHome, signalOf } from './profile.js';

/** Without a limit of its own: the test's is enough where a hang is the failure. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const snapshot = (root: string, name: string): Json =>
  JSON.parse(readFileSync(join(root, `snapshots/${name}.json`), 'utf8'));

test('a user sensor becomes the fact sensor-<stem>, and its signal and detail are told apart', async () => {
  const home = newHome();
  home.sensor('ci', `echo '{"detail":{"url":"x"},"signal":{"red":1}}'`);
  const { world } = await home.sense();
  expect(fact(world.facts, 'sensor-ci')).toEqual({ name: 'sensor-ci', signal: { red: 1 }, detail: { url: 'x' } });
  expect(snapshot(home.root, 'sensor-ci')).toEqual({ signal: { red: 1 }, detail: { url: 'x' } });
});

test.each([
  ['42', 42, undefined],
  ['"text"', 'text', undefined],
  ['[1,2]', [1, 2], undefined],
  ['null', null, undefined],
  ['{"n":1}', { n: 1 }, undefined],
  ['{"signal":null}', null, undefined],
  ['{"signal":1,"detail":2,"note":3}', 1, { detail: 2, note: 3 }],
])('a reading %s wakes by its signal, or as a whole without one', async (printed, signal, detail) => {
  const home = newHome();
  home.sensor('x', `cat <<'END'\n${printed}\nEND`);
  const { world } = await home.sense();
  expect(signalOf(world.facts, 'sensor-x')).toEqual(signal);
  expect(fact(world.facts, 'sensor-x').detail).toEqual(detail);
});

test('a sensor runs in the data dir, with stdin closed, in the environment it was given and no other', async () => {
  const home = newHome();
  process.env['TEND_TEST_LEAK'] = 'leak';
  home.sensor('where', `printf '{"cwd":"%s","leak":"%s","bytes":%d}' "$PWD" "\${TEND_TEST_LEAK:-}" "$(wc -c)"`);
  const { world } = await home.sense();
  delete process.env['TEND_TEST_LEAK'];
  expect(signalOf(world.facts, 'sensor-where')).toEqual({ cwd: home.root, leak: '', bytes: 0 });
});

test('a failing sensor is a stable reading: only error and code wake, noise on stderr does not', async () => {
  const home = newHome();
  home.sensor('bad', 'echo "noise $$" >&2; exit 3');
  const first = await home.sense();
  const second = await home.sense();
  expect(fact(first.world.facts, 'sensor-bad')).toMatchObject({
    signal: { error: true, exit_code: 3 },
    failed: true,
    detail: { message: 'it ended with exit code 3', stderr: expect.stringContaining('noise') },
  });
  expect(second.world.hash).toBe(first.world.hash);
  home.sensor('bad', 'echo 1');
  expect((await home.sense()).world.hash).not.toBe(first.world.hash);
});

test('only the tail of a huge stderr is kept', async () => {
  const home = newHome();
  home.sensor('loud', 'head -c 3000000 /dev/zero | tr "\\0" a >&2; echo END >&2; exit 1');
  const { world } = await home.sense();
  const detail = fact(world.facts, 'sensor-loud').detail as { stderr: string };
  expect(detail.stderr.length).toBeLessThanOrEqual(1_024);
  expect(detail.stderr).toMatch(/END\n$/);
});

test.each([
  ['exit 130', { error: true, exit_code: 130 }, 'exit code 130'],
  ['kill -9 $$', { error: true, exit_code: 137 }, 'killed by signal SIGKILL'],
  ['echo hello', { error: 'not-json' }, 'not one JSON value'],
  [':', { error: 'not-json' }, 'it printed nothing'],
  ['echo 1; echo 2', { error: 'not-json' }, 'not one JSON value'],
  [`printf '%200s' ' ' | tr ' ' '['`, { error: 'not-json' }, 'nested deeper'],
])('what ends by %s reads as %j', async (body, signal, words) => {
  const home = newHome();
  home.sensor('x', body);
  const { world } = await home.sense();
  expect(fact(world.facts, 'sensor-x')).toMatchObject({ signal, failed: true });
  expect(JSON.stringify(fact(world.facts, 'sensor-x').detail)).toContain(words);
});

test('a sensor that cannot be run says why: no exec bit, no interpreter, a directory, a dangling link', async () => {
  const home = newHome();
  home.sensor('nox', 'echo 1', 0o644);
  home.sensor('noint', '#!/no/such/interpreter\n');
  mkdirSync(join(home.root, 'sensors/dir.sh'));
  symlinkSync('/no/such/file', join(home.root, 'sensors/gone.sh'));
  const { world } = await home.sense();
  const says = (name: string): string => JSON.stringify(fact(world.facts, name).detail);
  expect(signalOf(world.facts, 'sensor-nox')).toEqual({ error: true, exit_code: 126 });
  expect(says('sensor-nox')).toContain('chmod +x ');
  expect(signalOf(world.facts, 'sensor-noint')).toEqual({ error: true, exit_code: 127 });
  expect(says('sensor-noint')).toContain('interpreter');
  expect(signalOf(world.facts, 'sensor-dir')).toEqual({ error: true, exit_code: 126 });
  expect(fact(world.facts, 'sensor-gone').failed).toBe(true);
});

test('a reading that is replaced by a failure is not shown as the old one', async () => {
  const home = newHome();
  home.sensor('x', 'echo 1');
  await home.sense();
  home.sensor('x', 'echo 1', 0o644);
  await home.sense();
  expect(snapshot(home.root, 'sensor-x')).toMatchObject({ signal: { error: true, exit_code: 126 } });
});

test('a hung sensor that ignores TERM is ended at its own deadline, with everything it started', async () => {
  const home = newHome();
  const mark = `sense-test-${process.pid}-hang`;
  home.sensor('hang', '# tend:timeout=1\ntrap "" TERM\nsetsid sleep 300 &\nsleep 300 &\nwait');
  home.sensor('fine', 'echo 1');
  const { world } = await home.sense({
    sensorEnv: (name) => ({ PATH: process.env['PATH'] ?? '', TEND_MARK: name === 'sensor-hang' ? mark : 'other' }),
  });
  expect(signalOf(world.facts, 'sensor-hang')).toEqual({ error: true, exit_code: 124 });
  expect(signalOf(world.facts, 'sensor-fine')).toBe(1);
  expect(findMarked(mark)).toEqual([]);
});

test('a fork that outlives a sensor and holds its pipe is dead afterwards, and the reading is whole', async () => {
  const home = newHome();
  const mark = `sense-test-${process.pid}-fork`;
  home.sensor('fork', '(trap "" HUP TERM; sleep 300) &\nsetsid sleep 300 &\necho 1');
  const { world } = await home.sense({ sensorEnv: () => ({ PATH: process.env['PATH'] ?? '', TEND_MARK: mark }) });
  expect(signalOf(world.facts, 'sensor-fork')).toBe(1);
  expect(findMarked(mark)).toEqual([]);
});

test('forks of many sensors that hold nothing and left their group are dead when the world is there', async () => {
  const home = newHome();
  const mark = (name: string) => `sense-test-${process.pid}-left-${name}`;
  const names = Array.from({ length: 12 }, (_, i) => `sensor-left${i}`);
  // Each waits until its stray has left the group, or the group's end would be the stray's.
  const stray = `export UP="$0.up"\n(setsid sh -c 'echo > "$UP"; exec sleep 300' > /dev/null 2>&1 < /dev/null &)`;
  for (let i = 0; i < names.length; i++)
    home.sensor(`left${i}`, `${stray}\nwhile [ ! -e "$0.up" ]; do sleep 0.01; done\necho ${i}`);
  const { world } = await home.sense({
    sensorEnv: (name) => ({ PATH: process.env['PATH'] ?? '', TEND_MARK: mark(name) }),
  });
  expect(names.map((name) => signalOf(world.facts, name))).toEqual(names.map((_, i) => i));
  expect(names.flatMap((name) => findMarked(mark(name)))).toEqual([]);
});

test('what a quick sensor left behind is ended while a slow one still runs', async () => {
  const home = newHome();
  const mark = `sense-test-${process.pid}-early`;
  home.sensor('early', '(setsid sleep 300 > /dev/null 2>&1 < /dev/null &)\necho 1');
  const release = join(home.root, 'release');
  home.sensor(
    'slow',
    `while [ -d sensors ] && [ ! -e '${release.replaceAll("'", `'\\''`)}' ]; do sleep 0.02; done\necho 2`,
  );
  const sensed = home.sense({
    sensorEnv: (name) => ({ PATH: process.env['PATH'] ?? '', TEND_MARK: name === 'sensor-early' ? mark : 'other' }),
  });
  await until(() => findMarked(mark).length > 0);
  await until(() => findMarked(mark).length === 0);
  writeFileSync(release, '');
  expect(signalOf((await sensed).world.facts, 'sensor-slow')).toBe(2);
});

test.each([
  ['bash', '#!/usr/bin/env bash\n[[ $0 == */x.sh ]] && echo "\\"$0\\""\n', expect.stringMatching(/\/sensors\/x\.sh$/)],
  ['an option', '#!/usr/bin/env -S bash -u\necho 3\n', 3],
  ['blanks at the end', '#! /usr/bin/env  sh  \necho 4\n', 4],
  ['a program that is not there', '#!/usr/bin/env no-such-interpreter\n', { error: true, exit_code: 127 }],
])('a first line with env starts what it names: %s', async (_name, text, signal) => {
  const home = newHome();
  home.sensor('x', text);
  expect(signalOf((await home.sense()).world.facts, 'sensor-x')).toEqual(signal);
});

test('a sensor is found on the path it was given, and not on ours', async () => {
  const home = newHome();
  home.sensor('x', '#!/usr/bin/env own-sh\necho 1\n');
  mkdirSync(join(home.root, 'bin'));
  symlinkSync('/bin/sh', join(home.root, 'bin/own-sh'));
  const sensorEnv = () => ({ PATH: `${home.root}/bin:${process.env['PATH']}`, TEND_MARK: 'own-path' });
  expect(signalOf((await home.sense({ sensorEnv })).world.facts, 'sensor-x')).toBe(1);
});

test('a sensor that prints 1 GB ends early, costs no memory beyond the cap, and reads the same each time', async () => {
  const home = newHome();
  home.sensor('big', 'yes | head -c 1000000000; touch finished');
  const before = process.memoryUsage().rss;
  const { world } = await home.sense();
  expect(signalOf(world.facts, 'sensor-big')).toEqual({ error: 'too-large', cap: 8_192 });
  expect(existsSync(join(home.root, 'finished'))).toBe(false);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
});

test('without a cap of the user readings up to 4 MiB are taken', async () => {
  const home = newHome();
  home.sensor('wide', `printf '"'; head -c 3000000 /dev/zero | tr '\\0' a; printf '"'`);
  const { world } = await home.sense({ knobs: { ...KNOBS, sensorMaxBytes: 0 } });
  expect((signalOf(world.facts, 'sensor-wide') as string).length).toBe(3_000_000);
});

test('200 sensors all run, never more than the cap at once', async () => {
  const home = newHome();
  for (let i = 0; i < 200; i++) home.sensor(`s${i}`, 'mkdir -p run && touch run/$$ && ls run | wc -l && rm run/$$');
  const { world } = await home.sense({ knobs: { ...KNOBS, sensorJobs: 4 } });
  const atOnce = world.facts.map((f) => f.signal as number);
  expect(atOnce).toHaveLength(200);
  expect(Math.max(...atOnce)).toBeLessThanOrEqual(4);
  expect(Math.max(...atOnce), 'they ran one after the other').toBeGreaterThan(1);
});

test('a sensor with an interval keeps its reading while young, and runs again when its script is edited', async () => {
  const home = newHome();
  const count = '# tend:interval=60\necho x >> runs; wc -l < runs';
  const script = home.sensor('slow', count);
  const t = Date.now();
  utimesSync(script, t / 1000 - 100, t / 1000 - 100);
  const at = async (ms: number): Promise<Json> => signalOf((await home.sense({}, t + ms)).world.facts, 'sensor-slow');
  expect(await at(0)).toBe(1);
  expect(await at(30_000)).toBe(1);
  expect(await at(59_999)).toBe(1);
  expect(await at(60_000)).toBe(2);
  expect(await at(61_000), 'the age counts from the run, also when it read the same').toBe(2);
  utimesSync(script, (t + 62_000) / 1000, (t + 62_000) / 1000);
  expect(await at(63_000)).toBe(3);
});

test('an equal reading of an interval sensor counts as taken now', async () => {
  const home = newHome();
  const script = home.sensor('slow', '# tend:interval=60\necho x >> runs; echo 7');
  const t = Date.now();
  utimesSync(script, t / 1000 - 100, t / 1000 - 100);
  for (const ms of [0, 60_000, 90_000, 119_000]) await home.sense({}, t + ms);
  expect(readFileSync(join(home.root, 'runs'), 'utf8')).toBe('x\nx\n');
});

test('after the clock was set back a reading from the future is fresh, and is taken again one interval later', async () => {
  const home = newHome();
  const script = home.sensor('slow', '# tend:interval=60\necho x >> runs; wc -l < runs');
  const t = Date.now();
  utimesSync(script, t / 1000 - 1_000_000, t / 1000 - 1_000_000);
  const at = async (ms: number): Promise<Json> => signalOf((await home.sense({}, t + ms)).world.facts, 'sensor-slow');
  expect(await at(0)).toBe(1);
  expect(await at(-900_000)).toBe(1);
  expect(await at(-850_000)).toBe(1);
  expect(await at(-840_000)).toBe(2);
});

test('a sensor that was written before the clock was set back keeps its interval, and is read at once when it is edited', async () => {
  const home = newHome();
  const script = home.sensor('slow', '# tend:interval=60\necho x >> runs; wc -l < runs');
  const t = Date.now();
  utimesSync(script, t / 1000 + 1_000_000, t / 1000 + 1_000_000);
  const at = async (ms: number): Promise<Json> => signalOf((await home.sense({}, t + ms)).world.facts, 'sensor-slow');
  expect(await at(0)).toBe(1);
  expect(await at(30_000)).toBe(1);
  expect(await at(60_000)).toBe(2);
  utimesSync(script, t / 1000 + 70, t / 1000 + 70);
  expect(await at(71_000)).toBe(3);
});

test('an unchanged world writes no file', async () => {
  const home = newHome();
  home.sensor('a', 'echo 1');
  home.sensor('b', 'echo oops >&2; exit 1');
  home.sensor('c', '# tend:interval=60\necho 3');
  const facts = async () => [{ name: 'sys-fleet', signal: [], detail: { workers: { w: { idle_s: Date.now() } } } }];
  await home.sense({ facts });
  const inodes = (): string[] =>
    readdirSync(join(home.root, 'snapshots')).map((n) => `${n} ${statSync(join(home.root, 'snapshots', n)).ino}`);
  const before = inodes();
  expect(before).toHaveLength(4);
  const writes: string[] = [];
  const disk = {
    ...home.disk,
    replace: (key: string) => void writes.push(key),
    append: (key: string) => void writes.push(key),
  };
  await home.sense({ facts, disk }, Date.now() + 3_600_000);
  expect(writes).toEqual([]);
  expect(inodes()).toEqual(before);
});

test('readings of removed sensors go by the next beat; files that are not ours stay', async () => {
  const home = newHome();
  home.sensor('a', 'echo 1');
  home.write('snapshots/sensor-old.json', '1');
  home.write('snapshots/sys-old.json', '1');
  home.write('snapshots/notes.txt', 'mine');
  home.write('snapshots/mine.json', '1');
  await home.sense();
  expect(readdirSync(join(home.root, 'snapshots')).sort()).toEqual(['mine.json', 'notes.txt', 'sensor-a.json']);
});

test('a malformed header is a problem in the detail and does not stop the sensor or move its signal', async () => {
  const home = newHome();
  home.sensor('x', '# tend:interval=often\n# tend:colour=red\necho 5');
  const { world } = await home.sense();
  expect(signalOf(world.facts, 'sensor-x')).toBe(5);
  const detail = JSON.stringify(fact(world.facts, 'sensor-x').detail);
  expect(detail).toContain('often');
  expect(detail).toContain('colour');
});

test('ignored fields do not wake and stay visible', async () => {
  const home = newHome();
  home.sensor(
    'x',
    `# tend:ignore=at, items.*.age\nprintf '{"signal":{"at":"%s","items":[{"id":1,"age":"%s"}]}}' "$$" "$$"`,
  );
  const first = await home.sense();
  const second = await home.sense();
  expect(signalOf(first.world.facts, 'sensor-x')).toEqual({ items: [{ id: 1 }] });
  expect(second.world.hash).toBe(first.world.hash);
  expect(fact(first.world.facts, 'sensor-x').detail).toMatchObject({ ignored: { at: expect.any(String) } });
  expect(fact(second.world.facts, 'sensor-x').detail).not.toEqual(fact(first.world.facts, 'sensor-x').detail);
});

test('a file whose name cannot be a sensor is not run and is visible', async () => {
  const home = newHome();
  home.sensor('my sensor', 'touch ran; echo 1');
  const { world } = await home.sense();
  expect(existsSync(join(home.root, 'ran'))).toBe(false);
  expect(fact(world.facts, 'sys-sensors')).toMatchObject({
    signal: { not_run: 1 },
    detail: { bad_names: ['my sensor.sh'] },
  });
});

test('a snapshot that cannot be written costs a problem in words, never the reading', async () => {
  const home = newHome();
  home.sensor('x', 'echo 1');
  mkdirSync(join(home.root, 'snapshots/sensor-x.json/in'), { recursive: true });
  const { world, problems } = await home.sense();
  expect(signalOf(world.facts, 'sensor-x')).toBe(1);
  expect(problems.join()).toContain('sensor-x');
});

test('a sensors directory that cannot be listed is an error, not a world without sensors', async () => {
  const home = newHome();
  writeFileSync(join(home.root, 'file'), '');
  const disk = {
    ...home.disk,
    list: (dir: string) => (dir === 'sensors' ? { state: 'unreadable' as const, reason: 'EIO' } : home.disk.list(dir)),
  };
  await expect(home.sense({ disk })).rejects.toThrow(/sensors.*EIO/);
});

test('being told to stop ends the sensors at once and gives no half world', async () => {
  const home = newHome();
  const mark = `sense-test-${process.pid}-abort`;
  home.sensor('long', 'touch began; sleep 300');
  const stop = new AbortController();
  const sensing = home.sense({
    signal: stop.signal,
    sensorEnv: () => ({ PATH: process.env['PATH'] ?? '', TEND_MARK: mark }),
  });
  while (!existsSync(join(home.root, 'began'))) await new Promise((r) => setTimeout(r, 10));
  stop.abort();
  await expect(sensing).rejects.toMatchObject({ code: 'aborted' });
  expect(findMarked(mark)).toEqual([]);
  expect(existsSync(join(home.root, 'snapshots/sensor-long.json'))).toBe(false);
});
