/** Which files a `tend` that is typed somewhere, under some environment, is about. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BIN, type Ended } from '../contract/tend-process.js';

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'tend-p-')));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const CLEAN = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8' };

function tend(argv: readonly string[], env: Record<string, string>, cwd = base): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...argv], {
      cwd,
      env: { ...CLEAN, HOME: base, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (ended.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (ended.stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}

const INIT = ['init', '--runner', 'embedded', '--yes', '--json'];
async function inited(env: Record<string, string>, cwd?: string): Promise<{ config: string; data_dir: string }> {
  const ended = await tend(INIT, env, cwd);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return JSON.parse(ended.stdout) as { config: string; data_dir: string };
}

test.each<[string, Record<string, string>, [data: string, config: string]]>([
  ['nothing set: the two places of XDG below home', {}, ['.local/state/tend', '.config/tend/config.json']],
  [
    'empty counts as unset',
    { TEND_DATA_DIR: '', TEND_CONFIG: '', XDG_STATE_HOME: '', XDG_CONFIG_HOME: '' },
    ['.local/state/tend', '.config/tend/config.json'],
  ],
  ['XDG moves both', { XDG_STATE_HOME: '@/s', XDG_CONFIG_HOME: '@/c' }, ['s/tend', 'c/tend/config.json']],
  [
    'a relative XDG path is ignored, as its specification says',
    { XDG_STATE_HOME: 's' },
    ['.local/state/tend', '.config/tend/config.json'],
  ],
  [
    'a named data dir is a whole profile',
    { TEND_DATA_DIR: '@/p q', XDG_STATE_HOME: '@/s' },
    ['p q', 'p q/config.json'],
  ],
  ['a named config wins over both', { TEND_DATA_DIR: '@/p', TEND_CONFIG: '@/else.json' }, ['p', 'else.json']],
])('%s', async (_, env, [data, config]) => {
  const absolute = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace('@', base)]));
  expect(await inited(absolute)).toMatchObject({ data_dir: join(base, data), config: join(base, config) });
  expect(existsSync(join(base, data, 'PLAYBOOK.md'))).toBe(true);
  expect(JSON.parse(readFileSync(join(base, config), 'utf8'))).toEqual({ runner: 'embedded' });
});

test('a relative data dir is taken from where tend was typed, once: children of another directory meet the same one', async () => {
  const cwd = join(base, 'here');
  mkdirSync(cwd);
  expect(await inited({ TEND_DATA_DIR: 'mine' }, cwd)).toMatchObject({ data_dir: join(cwd, 'mine') });
  const said = join(base, 'said');
  const command = `printf '%s\\n' "$PWD" "$TEND_DATA_DIR" "$TEND_CONFIG" "$TEND_REPORTS_DIR" > '${said}'`;
  expect((await tend(['run', command], { TEND_DATA_DIR: 'mine' }, cwd)).code).toBe(0);
  const mine = join(cwd, 'mine');
  expect(readFileSync(said, 'utf8')).toBe(`${mine}\n${mine}\n${mine}/config.json\n${mine}/reports\n`);
  expect(readdirSync(base).sort()).toEqual(['here', 'said']);
});

test('a data dir that is reached through a link is the same profile', async () => {
  await inited({});
  symlinkSync(join(base, '.local/state/tend'), join(base, 'link'));
  await tend(['goal', 'write', 'g', 'one'], { TEND_DATA_DIR: join(base, 'link') });
  expect((await tend(['goal', 'show', 'g'], {})).stdout).toBe('one\n');
});

test('a config that cannot be read is an error that names it, never a fresh start', async () => {
  await inited({});
  const config = join(base, '.config/tend/config.json');
  rmSync(config);
  mkdirSync(config);
  const up = await tend(['up'], {});
  expect(up).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining(config) });
});

test('the keys that an older tool wrote are understood, and those that nobody knows survive', async () => {
  const config = join(base, 'c.json');
  writeFileSync(config, JSON.stringify({ tick: 'brain', interactive: 'hand {{prompt_file}}', mine: { a: 1 } }));
  const env = { TEND_CONFIG: config };
  const { tick_command: tick, worker_command: worker } = JSON.parse(
    (await tend(['init', '--yes', '--json'], env)).stdout,
  ) as Record<string, string>;
  expect({ tick, worker }).toEqual({ tick: 'brain', worker: 'hand {{prompt_file}}' });
  expect(JSON.parse(readFileSync(config, 'utf8'))).toMatchObject({ mine: { a: 1 } });
});

test('a number in the environment that is none is said once, and the default holds', async () => {
  await inited({});
  const bad = { TEND_HISTORY_KEEP: 'many', TEND_INTERVAL: '-5' };
  const { code, stderr } = await tend(['goal', 'write', 'g', 'one'], bad);
  expect(code).toBe(0);
  expect(stderr.match(/TEND_HISTORY_KEEP: "many" is no number/g)).toHaveLength(1);
  expect(stderr.match(/TEND_INTERVAL: -5 is below 1 s, using 1/g)).toHaveLength(1);
});
