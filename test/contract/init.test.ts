import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Home, makeHome, runIn } from '../clients/cli/tend-process.js';

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const init = (...argv: string[]) => runIn(home, ['tend', 'init', ...argv]);
const config = (): unknown => JSON.parse(readFileSync(join(home.data, 'config.json'), 'utf8'));

test('in a script it writes the config and the seeds, and says what comes next', async () => {
  const run = await init('--runner', 'embedded', '--yes');
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(config()).toEqual({ runner: 'embedded' });
  expect(existsSync(join(home.data, 'PLAYBOOK.md'))).toBe(true);
  for (const next of [join(home.data, 'config.json'), 'tend up', 'tend asks', 'tend answer setup-1']) {
    expect(run.stdout).toContain(next);
  }
});

test('--json says what was written, and a repeat that nothing was', async () => {
  const argv = [
    '--runner',
    'custom',
    '--tick-command',
    'decide',
    '--worker-command',
    'work {{prompt_file}}',
    '--yes',
    '--json',
  ];
  const first = JSON.parse((await init(...argv)).stdout) as object;
  expect(first).toMatchObject({
    runner: 'custom',
    tick_command: 'decide',
    worker_command: 'work {{prompt_file}}',
    config: join(home.data, 'config.json'),
    data_dir: home.data,
    config_written: true,
    seeded: expect.arrayContaining(['asks/setup-1.md', 'PLAYBOOK.md']),
  });
  expect(JSON.parse((await init(...argv)).stdout)).toEqual({ ...first, config_written: false, seeded: [] });
});

test('the default profile keeps its config with XDG, apart from the data', async () => {
  const run = await runIn(home, ['tend', 'init', '--runner', 'embedded', '--yes'], '', { TEND_DATA_DIR: '' });
  expect(run.code).toBe(0);
  expect(existsSync(join(home.dir, '.config/tend/config.json'))).toBe(true);
  expect(existsSync(join(home.dir, '.local/state/tend/PLAYBOOK.md'))).toBe(true);
});

test.each([
  ['no runner', [], /no runner is named/],
  ['an unknown runner', ['--runner', 'gpt'], /gpt/],
  ['custom without its command', ['--runner', 'custom'], /tick command/],
  [
    'a worker command without its prompt',
    ['--runner', 'embedded', '--worker-command', 'x'],
    /\{\{prompt_file\}\} is missing/,
  ],
])('%s is bad input: exit code 2, a hint, and nothing written', async (_, argv, said) => {
  const run = await init(...argv, '--yes');
  expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(said) });
  expect(run.stderr).toContain('try: tend');
  expect(existsSync(home.data)).toBe(false);
});

test('inside a worker it is refused', async () => {
  const run = await runIn(home, ['tend', 'init', '--runner', 'embedded', '--yes'], '', { TEND_SESSION_ID: 'clerk' });
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('clerk') });
  expect(existsSync(home.data)).toBe(false);
});

test('a broken config is left alone', async () => {
  await init('--runner', 'embedded', '--yes');
  writeFileSync(join(home.data, 'config.json'), '{');
  const run = await init('--runner', 'embedded', '--yes');
  expect(run).toMatchObject({ code: 3, stderr: expect.stringContaining('config.json.broken') });
  expect(readFileSync(join(home.data, 'config.json'), 'utf8')).toBe('{');
});
