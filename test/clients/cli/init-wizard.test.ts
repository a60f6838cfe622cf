import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPty, type Pty } from '../../../src/host/pty.js';

const ROOT = new URL('../../..', import.meta.url).pathname;
const [UP, ENTER, CTRL_C] = ['\x1b[A', '\r', '\x03'];
let home: string;
let running: Pty[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tend-wizard-'));
});
afterEach(() => {
  for (const pty of running) pty.write(CTRL_C);
  running = [];
  rmSync(home, { recursive: true, force: true });
});

/** `tend init` in a terminal of its own, in a profile that does not exist yet. */
const wizard = (...argv: string[]) => wizardOn('', ...argv);

/** The same after `settings` of stty(1). */
function wizardOn(settings: string, ...argv: string[]) {
  let screen = '';
  let seen = 0;
  let done: { code: number | null } | undefined;
  const pty = openPty({
    file: '/bin/bash',
    args: [
      '-c',
      `${settings && `PATH=/usr/bin:/bin stty ${settings}; `}exec "$@"`,
      'bash',
      process.execPath,
      join(ROOT, 'node_modules/tsx/dist/cli.mjs'),
      join(ROOT, 'src/main.ts'),
      'init',
      ...argv,
    ],
    cwd: ROOT,
    env: { HOME: home, PATH: home, TEND_DATA_DIR: join(home, 'data'), TERM: 'xterm-256color' },
    columns: 200,
    rows: 40,
    onOutput: (bytes) => {
      screen += stripVTControlCharacters(Buffer.from(bytes).toString('utf8'));
    },
    onExit: (exit) => {
      done = exit;
    },
  });
  running.push(pty);
  const until = async (what: string, isThere: () => boolean) => {
    const end = Date.now() + 30_000;
    while (!isThere()) {
      if (Date.now() > end) throw new Error(`never came: ${what}\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return {
    /** Waits until `text` is painted after everything that was asked for before, then types. */
    on: async (text: string, keys = '') => {
      await until(text, () => screen.indexOf(text, seen) >= 0);
      seen = screen.indexOf(text, seen) + text.length;
      if (keys) pty.write(keys);
    },
    exit: async () => {
      await until('the exit', () => done !== undefined);
      return done?.code;
    },
    screen: () => screen,
  };
}

const config = (): unknown => JSON.parse(readFileSync(join(home, 'data/config.json'), 'utf8'));

test('the dialog chooses a runner, takes both commands, and writes after a last yes', async () => {
  const dialog = wizard();
  // Nothing is on PATH, so "embedded" is preselected; four steps up, past the younger presets, is "pi".
  await dialog.on('custom', UP.repeat(4));
  await dialog.on('● pi (not on PATH)', ENTER);
  await dialog.on('The program that decides', ' --mine');
  await dialog.on('--mine', ENTER);
  await dialog.on('The program that works', ENTER);
  await dialog.on('Write this to', ENTER);
  expect(await dialog.exit()).toBe(0);
  expect(config()).toMatchObject({
    runner: 'pi',
    tick_command: expect.stringMatching(/^pi .* --mine$/),
    worker_command: expect.stringContaining('{{prompt_file}}'),
  });
  expect(dialog.screen()).toContain('tend up');
});

test('Ctrl-C gives up with exit code 130 and has written nothing, not even the data dir', async () => {
  const dialog = wizard();
  await dialog.on('Who decides?');
  await dialog.on('custom', CTRL_C);
  expect(await dialog.exit()).toBe(130);
  expect(existsSync(join(home, 'data'))).toBe(false);
  expect(readdirSync(home)).toEqual([]);
});

test('a no at the end writes nothing either', async () => {
  const dialog = wizard('--runner', 'embedded');
  await dialog.on('The program that works', ENTER);
  await dialog.on('Write this to', 'n');
  expect(await dialog.exit()).toBe(130);
  expect(existsSync(join(home, 'data'))).toBe(false);
});

test('a worker command without the prompt file is not taken', async () => {
  const dialog = wizard('--runner', 'embedded');
  await dialog.on('The program that works', 'agent');
  await dialog.on('agent', ENTER);
  await dialog.on('must stand where', ' {{prompt_file}}');
  await dialog.on('{{prompt_file}}', ENTER);
  await dialog.on('Write this to', ENTER);
  expect(await dialog.exit()).toBe(0);
  expect(config()).toEqual({ runner: 'embedded', worker_command: 'agent {{prompt_file}}' });
});

test('--yes asks nothing, even at a terminal', async () => {
  const dialog = wizard('--runner', 'embedded', '--yes');
  expect(await dialog.exit()).toBe(0);
  expect(dialog.screen()).not.toContain('Who decides?');
  expect(config()).toEqual({ runner: 'embedded' });
});

test('a terminal that does not tell its size, as under script(1), shows lines and no column of letters', async () => {
  const dialog = wizardOn('cols 0 rows 0', '--runner', 'pi');
  await dialog.on('The program that decides', CTRL_C);
  expect(await dialog.exit()).toBe(130);
});

test('with an agent CLI on PATH the concierge is offered, with the file; a no is what Enter means', async () => {
  writeFileSync(join(home, 'claude'), '#!/bin/sh\n');
  chmodSync(join(home, 'claude'), 0o755);
  const skill = join(home, '.claude/skills/concierge/SKILL.md');
  const refused = wizard('--runner', 'embedded');
  await refused.on('The program that works', ENTER);
  await refused.on(skill);
  await refused.on('Install the concierge skill?', ENTER);
  await refused.on('Write this to', ENTER);
  expect(await refused.exit()).toBe(0);
  expect(existsSync(skill)).toBe(false);
  const taken = wizard('--runner', 'embedded');
  await taken.on('The program that works', ENTER);
  await taken.on('Install the concierge skill?', 'y');
  await taken.on('Write this to', ENTER);
  expect(await taken.exit()).toBe(0);
  expect(existsSync(skill)).toBe(true);
});
