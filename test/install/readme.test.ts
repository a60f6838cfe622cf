import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

// The README's own commands, in its order, in one profile, with the built program: what it promises is what happens.
const ROOT = new URL('../..', import.meta.url).pathname;
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...README.matchAll(/^```sh test\n(.*?)^```$/gms)].map((match) => match[1]!);
let base: string;
let env: Record<string, string>;

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-readme-'));
  for (const dir of ['bin', 'home', 'run', 'work']) mkdirSync(join(base, dir), { mode: 0o700 });
  writeFileSync(join(base, 'bin/tend'), `#!/bin/sh\nexec '${process.execPath}' '${ROOT}dist/main.js' "$@"\n`);
  chmodSync(join(base, 'bin/tend'), 0o755);
  // The blocks are typed in a checkout.
  symlinkSync(join(ROOT, 'seeds'), join(base, 'work/seeds'));
  env = {
    PATH: `${join(base, 'bin')}:${process.env['PATH']}`,
    HOME: join(base, 'home'),
    XDG_RUNTIME_DIR: join(base, 'run'),
    TEND_INTERVAL: '1',
  };
});
afterAll(() => {
  sh('tend down');
  rmSync(base, { recursive: true, force: true });
});

function sh(text: string) {
  const run = spawnSync('bash', ['--norc', '-eu', '-c', text], {
    cwd: join(base, 'work'),
    env,
    encoding: 'utf8',
    timeout: 50_000,
  });
  return { code: run.status, said: run.stdout + run.stderr };
}
const data = (key: string): string => join(base, 'home/.local/state/tend', key);

test('there are blocks to run, and no shell block with tend in it is left out', () => {
  expect(blocks.length).toBeGreaterThan(4);
  const untested = [...README.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1]!);
  expect(untested.filter((block) => /^tend /m.test(block))).toEqual([]);
});

test.each(blocks.map((block) => [block.trim().split('\n')[0], block]))('%s …', (_, block) => {
  expect(sh(block)).toMatchObject({ code: 0 });
});

test('what the blocks said they do is what is there afterwards', () => {
  // Acted on or not yet: the answer is in the mailbox or in its archive.
  const answers = ['answers/setup-1.md', 'answers/archive/setup-1.md'].filter((key) => existsSync(data(key)));
  expect(readFileSync(data(answers[0] ?? 'answers/setup-1.md'), 'utf8')).toContain('never delete anything');
  expect(readFileSync(data('goals/disk.md'), 'utf8')).toContain('action: ask_human');
  expect(JSON.parse(readFileSync(join(base, 'home/.config/tend/config.json'), 'utf8'))).toMatchObject({
    runner: 'custom',
  });
  expect(JSON.parse(sh('tend status --json').said)).toMatchObject({ pulse: { alive: false } });
});

function until(command: string, text: string): void {
  const end = Date.now() + 40_000;
  while (!sh(command).said.includes(text)) {
    if (Date.now() > end) throw new Error(`it never came: ${sh('tend status; tend journal; tend asks').said}`);
  }
}

test('the runner of two lines decides: its move reaches the journal', () => {
  expect(sh('tend up')).toMatchObject({ code: 0 });
  until('tend journal', 'looked, nothing to do');
  expect(sh('tend down')).toMatchObject({ code: 0 });
});

test('the rule of the README fires when its condition holds', () => {
  // Every disk is full when "critical" begins at nothing; without its last reading the sensor runs at once.
  rmSync(data('snapshots/sensor-disk.json'));
  expect(sh("DISK_STEPS='0 0 0' tend up")).toMatchObject({ code: 0 });
  until('tend asks', 'The disk is nearly full. What may go?');
  expect(sh('tend asks').said).toContain('show me the largest folders');
  expect(sh('tend down')).toMatchObject({ code: 0 });
});

test('the JSON of the README is JSON', () => {
  for (const [, text] of README.matchAll(/^```json\n(.*?)^```$/gms))
    expect(() => JSON.parse(text!) as unknown).not.toThrow();
});

test('every link to a file of this checkout leads somewhere', () => {
  for (const [, path] of README.matchAll(/\]\((?!https?:)([^)#]+)\)/g))
    expect([path, existsSync(join(ROOT, path!))]).toEqual([path, true]);
});
