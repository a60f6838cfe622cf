import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VERBS } from '../../src/contract/registry.js';
import type { Context, VerbInput } from '../../src/contract/verb.js';
import type { SensorRow, SensorTrial } from '../../src/contract/views/sensors.js';
import { FORMAT } from '../../src/model/record.js';
import { runSensors } from '../../src/sense/sensors.js';
import { localDisk } from '../../src/store/local-disk.js';

let base: string;
let root: string;
let warnings: string[];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "tend it's-"));
  root = join(base, 'data');
  warnings = [];
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** One verb in this process, with the context that the command line would make. */
async function tend(words: string, input: Partial<VerbInput> = {}, more: Partial<Context> = {}) {
  const { verb } = await VERBS[words]!();
  const context: Context = {
    disk: localDisk(root),
    profile: { dataDir: root, configPath: join(root, 'config.json'), isDefault: false },
    env: { PATH: process.env['PATH'], HOME: base },
    session: { user: 'me' },
    bin: '/nowhere/tend',
    seeds: new URL('../../seeds', import.meta.url).pathname,
    warn: (text) => warnings.push(text),
    print: () => {},
    signal: new AbortController().signal,
    tty: { in: false, out: false },
    ...more,
  };
  return verb.run({ args: {}, flags: {}, words: [], ...input }, context);
}

function install(name: string, body: string, mode = 0o755): string {
  mkdirSync(join(root, 'sensors'), { recursive: true });
  const path = join(root, `sensors/${name}.sh`);
  writeFileSync(path, body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`);
  chmodSync(path, mode);
  return path;
}

/** A zombie that nobody has reaped yet runs no more. */
function isRunning(pid: string): boolean {
  const result = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' });
  return result.stdout.trim() !== '' && !result.stdout.trim().startsWith('Z');
}

const journal = (): string[] =>
  readFileSync(join(root, 'journal.md'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.slice('- 2026-11-21 08:00 '.length));

describe('sensor test', () => {
  test('shows the reading with time, size and problems, and writes nothing', async () => {
    install('x', '# tend:interval=soon\necho \'{"signal":{"b":1,"a":2},"detail":"d"}\'');
    const before = readdirSync(root, { recursive: true });
    const { text, json, exit } = await tend('sensor test', { args: { sensor: 'x' } });
    expect(exit).toBeUndefined();
    expect(json as SensorTrial).toMatchObject({ name: 'x', ok: true, signal: { a: 2, b: 1 }, bytes: 38 });
    expect(text).toMatch(/^x: ok · \d+ ms · 38 bytes\n {2}! line 2: header "interval": "soon"/);
    expect(text).toContain('signal: {"a":2,"b":1}\n');
    expect(readdirSync(root, { recursive: true })).toEqual(before);
  });

  test('sees what the pulse would see: environment, cwd, deadline and cap', async () => {
    const body = 'printf \'{"cwd":"%s","session":"%s","data":"%s"}\' "$PWD" "$TEND_SESSION_ID" "$TEND_DATA_DIR"';
    install('where', body);
    const { json } = await tend('sensor test', { args: { sensor: 'where' } });
    expect((json as SensorTrial).signal).toEqual({ cwd: root, session: 'sensor', data: root });
    install('big', 'yes');
    const env = { PATH: process.env['PATH'], TEND_SENSOR_MAX_BYTES: '100' };
    const big = await tend('sensor test', { args: { sensor: 'big' } }, { env });
    expect(big.json as SensorTrial).toMatchObject({ ok: false, signal: { error: 'too-large', cap: 100 }, bytes: 100 });
  });

  test('a failing sensor ends with 1 and its reading', async () => {
    install('bad', 'echo why >&2; exit 4');
    const { text, exit } = await tend('sensor test', { args: { sensor: 'bad' } });
    expect(exit).toBe(1);
    expect(text).toContain('bad: FAILED');
    expect(text).toContain('"exit_code":4');
    expect(text).toContain('why');
    install('nox', 'echo 1', 0o644);
    expect((await tend('sensor test', { args: { sensor: 'nox' } })).text).toContain('chmod +x ');
  });

  test('gives the reading that a beat gives', async () => {
    install('x', '# tend:ignore=n\necho \'{"signal":{"n":1,"m":2}}\'');
    const { json } = await tend('sensor test', { args: { sensor: 'x' } });
    const knobs = { sensorJobs: 1, sensorTimeoutS: 60, sensorMaxBytes: 8_192 };
    const env = { PATH: process.env['PATH'] ?? '', TEND_MARK: 'sensor-test' };
    const { facts } = await runSensors({ disk: localDisk(root), knobs, sensorEnv: () => env }, Date.now());
    expect(json).toMatchObject({ signal: facts[0]!.signal, detail: facts[0]!.detail });
  });

  test('a path is tried before it is installed', async () => {
    mkdirSync(root);
    const path = join(base, 'new.sh');
    writeFileSync(path, '#!/bin/sh\nprintf \'"%s"\' "$PWD"\n', { mode: 0o755 });
    expect((await tend('sensor test', { args: { sensor: path } })).json).toMatchObject({ name: 'new', signal: root });
    await expect(tend('sensor test', { args: { sensor: `${base}/no.sh` } })).rejects.toMatchObject({ exit: 2 });
  });

  test('an unknown name and a missing data dir are refused with the next command', async () => {
    await expect(tend('sensor test', { args: { sensor: 'x' } })).rejects.toMatchObject({
      exit: 2,
      hint: 'tend sensor list',
    });
    const path = join(base, 'new.sh');
    writeFileSync(path, '#!/bin/sh\necho 1\n', { mode: 0o755 });
    await expect(tend('sensor test', { args: { sensor: path } })).rejects.toMatchObject({ exit: 1, hint: 'tend init' });
    await expect(tend('sensor test', { args: { sensor: '..' } })).rejects.toMatchObject({ exit: 2 });
  });

  test('Ctrl-C ends the sensor and what it started', async () => {
    install('long', `setsid sleep 300 & echo $! > "${base}/pid.new"; mv "${base}/pid.new" "${base}/pid"; wait`);
    const stop = new AbortController();
    const testing = tend('sensor test', { args: { sensor: 'long' } }, { signal: stop.signal });
    while (!existsSync(join(base, 'pid'))) await new Promise((r) => setTimeout(r, 10));
    const pid = readFileSync(join(base, 'pid'), 'utf8').trim();
    expect(isRunning(pid)).toBe(true);
    stop.abort();
    await expect(testing).rejects.toMatchObject({ code: 'aborted' });
    expect(isRunning(pid)).toBe(false);
  });

  test('what a sensor prints cannot move the cursor of the terminal', async () => {
    install('evil', 'printf \'"\\302\\2332J\\342\\200\\256x"\'');
    const { text } = await tend('sensor test', { args: { sensor: 'evil' } });
    expect(text).toContain('<U+009B>2J<U+202E>x');
  });
});

describe('sensor list', () => {
  test('tells interval, deadline, last reading, state and flapping', async () => {
    install('slow', '# tend:interval=300\n# tend:timeout=5\necho 1');
    install('bad', 'exit 1');
    install('new', 'echo 1', 0o644);
    mkdirSync(join(root, 'snapshots'));
    writeFileSync(join(root, 'snapshots/sensor-slow.json'), '1');
    writeFileSync(join(root, 'snapshots/sensor-bad.json'), '{"signal":{"error":true,"exit_code":1}}');
    mkdirSync(join(root, 'pulse'));
    const flaps = { 'sensor-slow': { last: 'x', streak: 7 }, 'sensor-bad': { last: 'x', streak: 1 } };
    writeFileSync(join(root, 'pulse/memory.json'), JSON.stringify({ format: FORMAT, flaps }));
    const { json, text } = await tend('sensor list');
    expect(json as SensorRow[]).toMatchObject([
      { name: 'bad', interval_s: 0, timeout_s: 60, ok: false, flapping: false, read_ts: expect.any(Number) },
      { name: 'new', ok: null, flapping: null, read_ts: null, problems: [expect.stringContaining('chmod +x')] },
      { name: 'slow', interval_s: 300, timeout_s: 5, ok: true, flapping: true },
    ]);
    expect(text.split('\n')[0]).toMatch(/^NAME +INTERVAL +TIMEOUT +READING +STATE +FLAP$/);
    expect(text).toMatch(/^slow +5m +5s +just now +ok +flapping$/m);
    expect(text).toMatch(/^bad +each beat +1m +just now +error +calm$/m);
  });

  test('without any it says so, and creates nothing', async () => {
    expect((await tend('sensor list')).text).toBe('no sensors\n');
    expect(readdirSync(base)).toEqual([]);
  });
});

describe('sensor write and remove', () => {
  test('writes an executable script that the test verb can run, and journals it', async () => {
    const written = await tend('sensor write', { args: { name: 'five' }, body: '#!/bin/sh\necho 5' });
    expect(written.text).toBe('write-sensor five');
    expect(statSync(join(root, 'sensors/five.sh')).mode & 0o777).toBe(0o700);
    expect(warnings).toEqual([]);
    expect((await tend('sensor test', { args: { sensor: 'five' } })).json).toMatchObject({ ok: true, signal: 5 });
    await tend('sensor write', { args: { name: 'five' }, body: '#!/bin/sh\necho 6', flags: { journal: 'Count on' } });
    expect(journal()).toEqual(['write-sensor five', 'Count on']);
    expect(readdirSync(join(root, 'history/sensors/five.sh'))).toHaveLength(1);
  });

  test('removing keeps the last version, and a second time is refused', async () => {
    await tend('sensor write', { args: { name: 'five' }, body: '#!/bin/sh\necho 5' });
    expect((await tend('sensor remove', { args: { name: 'five' } })).text).toBe('remove-sensor five');
    expect(readdirSync(join(root, 'sensors'))).toEqual([]);
    const [stamp] = readdirSync(join(root, 'history/sensors/five.sh'));
    expect(readFileSync(join(root, 'history/sensors/five.sh', stamp!), 'utf8')).toBe('#!/bin/sh\necho 5\n');
    await expect(tend('sensor remove', { args: { name: 'five' } })).rejects.toMatchObject({ exit: 1 });
  });

  test('warns of a missing first line and of bad headers; refuses blank text, unsafe names and what is too long', async () => {
    await tend('sensor write', { args: { name: 'x' }, body: '# tend:intervall=5\necho 1' });
    expect(warnings).toEqual([expect.stringContaining('"#!"'), expect.stringContaining('intervall')]);
    const writing = (name: string, body: string) => tend('sensor write', { args: { name }, body });
    await expect(writing('y', '  ')).rejects.toMatchObject({ exit: 2 });
    await expect(writing('../y', '#!/bin/sh')).rejects.toMatchObject({ exit: 2 });
    await expect(writing('y', 'x'.repeat(100_000))).rejects.toMatchObject({ exit: 2 });
    expect(readdirSync(join(root, 'sensors'))).toEqual(['x.sh']);
  });
});

describe('schedule', () => {
  const write = (flags: VerbInput['flags'], name = 'x') => tend('schedule write', { args: { name }, flags });

  test('each trigger alone is fine and journaled; the list shows name, signal and detail', async () => {
    expect((await write({ in: 7_200, note: 'call' })).text).toBe('write-schedule x (in 7200s)');
    expect((await write({ every: 60 }, 'y')).text).toBe('write-schedule y (every 60s)');
    expect(journal()).toEqual(['write-schedule x (in 7200s)', 'write-schedule y (every 60s)']);
    const { text, json } = await tend('schedule list');
    expect(text).toMatch(/^x\tpending\tdue in \w+, call\ny\t\{"period":0\}\tdue in \w+, every 1m\n$/);
    expect(json).toMatchObject({ x: { due_ts: expect.any(Number), note: 'call' }, y: { every_s: 60 } });
  });

  test.each([
    [{}, 'neither --in nor --every'],
    [{ in: 60, every: 60 }, 'both --in and --every'],
    [{ every: 59 }, 'at least 60 s'],
    [{ in: 0 }, 'at least 1 s'],
  ])('%j is an input error and writes nothing', async (flags, words) => {
    await expect(write(flags)).rejects.toMatchObject({ exit: 2, message: expect.stringContaining(words) });
    expect(readdirSync(base)).toEqual([]);
  });

  test('removing is idempotent', async () => {
    await write({ in: 60 });
    for (let i = 0; i < 2; i++)
      expect((await tend('schedule rm', { args: { name: 'x' } })).text).toBe('drop-schedule x');
    expect((await tend('schedule list')).text).toBe('(no schedules)\n');
  });

  test('a broken one is null in JSON, visible in text, and a warning', async () => {
    mkdirSync(join(root, 'schedules'), { recursive: true });
    writeFileSync(join(root, 'schedules/torn.json'), '{');
    const { text, json } = await tend('schedule list');
    expect(json).toEqual({ torn: null });
    expect(text).toMatch(/^torn\tunparseable\t/);
    expect(warnings).toEqual([expect.stringContaining('"torn" is unparseable')]);
  });
});

test("what changes sensors and schedules is the human's; looking is anybody's", async () => {
  const human = async (words: string): Promise<boolean> => (await VERBS[words]!()).verb.human === true;
  for (const words of ['sensor write', 'sensor remove', 'schedule write', 'schedule rm'])
    expect(await human(words)).toBe(true);
  for (const words of ['sensor test', 'sensor list', 'schedule list']) expect(await human(words)).toBe(false);
});
