import { spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isProcessGone } from '../../src/host/kill.js';
import { BIN, type Ended, type House, openHouse, until } from '../e2e/house.js';

// Timed loops on a machine that lacks something, or from which the data dir is taken: the built program, real commands.
let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.init();
});
afterEach(() => house.close());

const PAST = '2020-01-01T00:00:00Z';
const create = (name: string, cmd: string, ...flags: string[]) =>
  house.must(['loops', 'create', 'command', name, '--cmd', cmd, ...flags]);
const lines = (name: string): string[] => {
  const path = join(house.base, name);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
const shim = (name: string) => ({
  env: { NODE_OPTIONS: `--require=${new URL('shims.cjs', import.meta.url).pathname}`, SHIM: name },
});

/** A verb that may hold this many descriptors. */
function tendWithin(descriptors: number, args: string[], env: Record<string, string>): Promise<Ended> {
  const line = `ulimit -n ${descriptors}; exec "$@"`;
  const child = spawn('sh', ['-c', line, 'sh', process.execPath, BIN, ...args], { env: { ...house.env, ...env } });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
}

test('on a file system without hard links eight ticks race for six loops: each runs once, and its end is told once [loops 107]', async () => {
  for (let n = 0; n < 6; n++) await create(`l${n}`, `echo ${n} >> ${house.base}/effects`, '--at', PAST);
  const ticks = await Promise.all(
    Array.from({ length: 8 }, () => house.tend(['loops', 'tick', '--json'], shim('no-links'))),
  );
  const claimed = ticks.flatMap(({ stdout }) => (JSON.parse(stdout) as { claimed: object[] }).claimed);
  expect(claimed).toHaveLength(6);
  expect(lines('effects').sort()).toEqual(['0', '1', '2', '3', '4', '5']);
  const runs = await house.json<{ status: string }[]>(['loops', 'runs', '--json']);
  expect(runs.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 'succeeded'));
});

test('no descriptor is left for a command: its attempt has failed and says so, and the next tick runs the next one [loops 108]', async () => {
  await create(
    'often',
    `echo "$TEND_ATTEMPT" >> ${house.base}/effects`,
    '--at',
    PAST,
    '--attempts',
    '2',
    '--retry-delay',
    '1ms',
  );
  const tick = await tendWithin(200, ['loops', 'tick', '--json'], shim('no-descriptors').env);
  expect(tick).toMatchObject({ code: 0 });
  expect(lines('effects')).toEqual([]);
  await house.must(['loops', 'tick']);
  expect(lines('effects')).toEqual(['2']);
  const runs = await house.json<{ attempt: number; status: string; error?: string }[]>([
    'loops',
    'runs',
    'often',
    '--json',
  ]);
  expect(runs).toMatchObject([{ attempt: 2, status: 'succeeded' }]);
  expect(house.text(`runs/${new Date().toLocaleDateString('sv')}.ndjson`)).toMatch(/"status":"failed".*EMFILE/);
});

test.each<[string, () => void]>([
  // In one step: what is written while a tree is taken apart is another story.
  [
    'removed',
    () => {
      renameSync(house.root, join(house.base, 'aside'));
      rmSync(join(house.base, 'aside'), { recursive: true });
    },
  ],
  ['moved away', () => renameSync(house.root, join(house.base, 'aside'))],
])(
  'a data dir that is %s while a loop runs: the pulse says so, ends with 1 and ends the command; nothing is made again [loops 110]',
  async (_, take) => {
    await create('long', `echo $$ > ${house.base}/pid; exec sleep 600`, '--at', PAST);
    await create('often', `echo x >> ${house.base}/effects`, '--every', '1s');
    const pulse = house.start(['up', '--foreground']);
    const pid = await until('the long one', () => Number(lines('pid')[0]));
    await until('the other one', () => lines('effects').length > 0);
    take();
    const { code, stdout, stderr } = await pulse.ended;
    expect(stdout + stderr).toContain(house.root);
    expect(code).toBe(1);
    expect(existsSync(house.root)).toBe(false);
    await until('the command is gone', () => isProcessGone(pid));
  },
);

test('a second pulse is refused with the pid of the first, and `daemon start` says that one runs already; loops go on under the first, each time once [loops 92]', async () => {
  const pid = await house.up();
  await create('often', `echo "$TEND_SCHEDULED_FOR" >> ${house.base}/effects`, '--every', '1s');
  for (const line of [
    ['up', '--foreground'],
    ['loops', 'daemon', 'run'],
  ]) {
    const { code, stdout, stderr } = await house.tend(line);
    expect([line, code]).toEqual([line, 1]);
    expect(stdout + stderr).toContain(`pid ${pid}`);
  }
  expect(await house.must(['loops', 'daemon', 'start'])).toMatch(/already/);
  await until('two runs', () => lines('effects').length >= 2);
  expect(new Set(lines('effects')).size).toBe(lines('effects').length);
  expect(await house.pulse()).toMatchObject({ alive: true, pid });
});
