import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyFirstRun, firstRunWarnings, missingFirstRun, planFirstRun } from '../../src/ops/first-run.js';
import { claude } from '../../src/runners/claude.js';
import { makeHome, runIn } from '../clients/cli/tend-process.js';

// The files of an agent CLI belong to its user: one setting each goes in, nothing else changes, and what was there is kept.
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tend-first-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const CWD = '/srv/tend data';
const config = { worker_command: claude.worker! };
const env = (more: Record<string, string> = {}) => ({ HOME: home, ...more });
const missing = (more?: Record<string, string>) =>
  missingFirstRun(config, env(more), CWD).map((one) => one.path.join('.'));
const prepare = (more?: Record<string, string>) =>
  applyFirstRun(planFirstRun(missingFirstRun(config, env(more), CWD))).map(({ file, copy }) => [file, copy]);
const state = () => join(home, '.claude.json');
const settings = () => join(home, '.claude/settings.json');
const read = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

test('in a new home all questions are answered, in files that nobody else may read, and a repeat writes nothing', () => {
  const key = { ANTHROPIC_API_KEY: 'sk-ant-0123456789-0123456789-abcdefgh' };
  expect(missing(key)).toHaveLength(4);
  expect(prepare(key)).toEqual([
    [state(), null],
    [settings(), null],
  ]);
  expect(read(state())).toEqual({
    hasCompletedOnboarding: true,
    projects: { [CWD]: { hasTrustDialogAccepted: true } },
    customApiKeyResponses: { approved: ['9-0123456789-abcdefgh'.slice(-20)] },
  });
  expect(read(settings())).toEqual({ skipDangerousModePermissionPrompt: true });
  expect([state(), settings()].map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(missing(key)).toEqual([]);
  expect(prepare(key)).toEqual([]);
  expect(firstRunWarnings(config, env(key), CWD)).toEqual([]);
  expect(readdirSync(home).sort()).toEqual(['.claude', '.claude.json']);
});

test('everything that was in a file stays, in its order, and the file as it was is kept beside it', () => {
  const before = `{"zeta":1.50,"projects":{"/other":{"hasTrustDialogAccepted":false,"x":[1]},"${CWD}":{"history":["a"]}},"hasCompletedOnboarding":false,"__proto__":{"a":1},"text":"12345678901234567890"}`;
  writeFileSync(state(), before, { mode: 0o644 });
  expect(prepare()).toEqual([
    [state(), `${state()}.before-tend`],
    [settings(), null],
  ]);
  expect(readFileSync(`${state()}.before-tend`, 'utf8')).toBe(before);
  expect(readFileSync(state(), 'utf8').replace(/\s/g, '')).toBe(
    before
      .replace('1.50', '1.5')
      .replace('["a"]', '["a"],"hasTrustDialogAccepted":true')
      .replace('"hasCompletedOnboarding":false', '"hasCompletedOnboarding":true')
      .replace(/\s/g, ''),
  );
});

test('a second change keeps a second copy, and never writes over the first', () => {
  writeFileSync(state(), '{"one":1}');
  prepare();
  writeFileSync(state(), '{"two":2}');
  expect(prepare()).toEqual([[state(), `${state()}.before-tend-2`]]);
  expect([`${state()}.before-tend`, `${state()}.before-tend-2`].map(read)).toEqual([{ one: 1 }, { two: 2 }]);
});

test.each([
  ['is no JSON', 'hello', /it is no|Unexpected|JSON/],
  ['is no object', '[1]', /no JSON object/],
  ['holds a number that we would change', '{"n":12345678901234567890}', /too long/],
  ['has something else where a setting belongs', '{"projects":["x"]}', /projects/],
])('a file that %s is named and left alone', (_what, text, why) => {
  writeFileSync(state(), text);
  expect(() => prepare()).toThrow(why);
  expect(readFileSync(state(), 'utf8')).toBe(text);
  expect(readdirSync(home)).toEqual(['.claude.json']);
});

test('a file that is a link is written through it, and stays a link', () => {
  mkdirSync(join(home, 'dotfiles'));
  writeFileSync(join(home, 'dotfiles/claude.json'), '{"a":1}');
  symlinkSync('dotfiles/claude.json', state());
  prepare();
  expect(read(join(home, 'dotfiles/claude.json'))).toMatchObject({ a: 1, hasCompletedOnboarding: true });
});

test.each([
  [
    'a configuration directory of its own',
    claude.worker!,
    { CLAUDE_CONFIG_DIR: '/x' },
    ['/x/.claude.json', '/x/.claude.json', '/x/settings.json'],
  ],
  ['without bypassed permissions', 'claude -- "$(cat {{prompt_file}})"', {}, ['.claude.json', '.claude.json']],
  ['headless', 'claude -p --dangerously-skip-permissions <{{prompt_file}}', {}, []],
  ['under a path', '/opt/bin/claude -- {{prompt_file}}', {}, ['.claude.json', '.claude.json']],
  ['another program', 'codex exec - <{{prompt_file}}', {}, []],
  ['a program that cannot be told', '"$AGENT" {{prompt_file}}', {}, []],
])('%s: what is asked', (_what, command, more, files) => {
  const found = missingFirstRun({ worker_command: command }, env(more as Record<string, string>), CWD);
  expect(found.map(({ file }) => file)).toEqual(files.map((file) => (file.startsWith('/') ? file : join(home, file))));
});

test('init prepares with --yes, not with --prepare no, and refuses before it writes anything', async () => {
  const house = makeHome();
  try {
    const init = (...flags: string[]) => runIn(house, ['tend', 'init', '--runner', 'claude', ...flags]);
    writeFileSync(join(house.dir, '.claude.json'), 'not mine');
    const refused = await init('--yes');
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('--prepare no') });
    expect(readdirSync(house.dir)).not.toContain('data');
    const unprepared = await init('--yes', '--prepare', 'no');
    expect(unprepared).toMatchObject({ code: 0, stderr: expect.stringContaining('not known') });
    expect(readFileSync(join(house.dir, '.claude.json'), 'utf8')).toBe('not mine');
    rmSync(join(house.dir, '.claude.json'));
    expect(await init('--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('prepared: ') });
    expect(read(join(house.dir, '.claude.json'))).toMatchObject({
      hasCompletedOnboarding: true,
      projects: { [house.data]: { hasTrustDialogAccepted: true } },
    });
  } finally {
    house.remove();
  }
});
