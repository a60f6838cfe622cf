import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPty, type Pty } from '../../src/host/pty.js';

// The demo itself, with the built program, a real pulse, a real worker on a real terminal, and real git.
const ROOT = new URL('../..', import.meta.url).pathname;
const CTRL_C = '\x03';
const LIMIT_MS = 110_000;
let base: string;
let env: Record<string, string>;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-dt-'));
  mkdirSync(join(base, 'tmp'));
  tend('');
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: join(base, 'home'),
    TMPDIR: join(base, 'tmp'),
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    TEND: join(base, 'tend'),
    TEND_DEMO_NODE: process.execPath,
    // Nothing of this may reach the demo.
    TEND_DATA_DIR: join(base, 'mine'),
    TEND_CONFIG: join(base, 'mine.json'),
    GIT_DIR: join(base, 'mine.git'),
  };
});
afterEach(() => {
  for (const name of readdirSync(join(base, 'tmp'))) {
    spawnSync(join(base, 'tend'), ['down'], {
      env: {
        ...env,
        TEND_DATA_DIR: join(base, 'tmp', name, 'data'),
        TEND_CONFIG: '',
        XDG_RUNTIME_DIR: join(base, 'tmp', name, 'run'),
      },
    });
  }
  rmSync(base, { recursive: true, force: true });
});

/** The program that the demo drives; `before` is shell text that may do something else instead. */
function tend(before: string): void {
  writeFileSync(join(base, 'tend'), `#!/bin/sh\n${before}\nexec '${process.execPath}' '${ROOT}dist/main.js' "$@"\n`);
  chmodSync(join(base, 'tend'), 0o755);
}

function demo(...argv: string[]) {
  let screen = '';
  let seen = 0;
  let code: number | null | undefined;
  const pty: Pty = openPty({
    file: 'sh',
    args: [join(ROOT, 'seeds/demo/demo.sh'), ...argv],
    cwd: base,
    env,
    columns: 160,
    rows: 50,
    onOutput: (bytes) => {
      screen += stripVTControlCharacters(Buffer.from(bytes).toString('utf8'));
    },
    onExit: (exit) => {
      code = exit.code;
    },
  });
  const until = async (what: string, isThere: () => boolean) => {
    const end = Date.now() + LIMIT_MS;
    while (!isThere()) {
      if (Date.now() > end || (code !== undefined && what !== 'exit'))
        throw new Error(`never came: ${what}\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return {
    on: async (text: string, keys = '') => {
      await until(text, () => screen.indexOf(text, seen) >= 0);
      seen = screen.indexOf(text, seen) + text.length;
      if (keys) pty.write(keys);
    },
    exit: async () => {
      await until('exit', () => code !== undefined);
      return { code, screen };
    },
  };
}

/** Processes whose environment names this test's directory: the demo's pulse, supervisors and workers. */
function survivors(): string[] {
  return spawnSync('sh', ['-c', `grep -lsa '${base}/tmp' /proc/[0-9]*/environ`], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line !== '' && !line.includes(`/proc/${process.pid}/`));
}

/** README shows a real run. What differs from run to run is given a fixed form; `UPDATE=1` writes this run into it. */
function expectInReadme(said: string): void {
  const shown = said
    .split('\n')
    .filter((line) => !line.startsWith('  … '))
    .join('\n')
    .trim()
    .replaceAll(/\S*\/tend-demo\.\w{6}/g, '/tmp/tend-demo.u7Xw2k')
    .replaceAll(/pid \d+/g, 'pid 4711')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '2026-11-21 08:45')
    .replaceAll(/approved by \S+/g, 'approved by ann')
    .replaceAll(/done: [0-9a-f]+/g, 'done: b44e252');
  const block = `<!-- demo -->\n\`\`\`text\n${shown}\n\`\`\`\n<!-- /demo -->`;
  const file = join(ROOT, 'README.md');
  const readme = readFileSync(file, 'utf8');
  const marked = /<!-- demo -->.*<!-- \/demo -->/s;
  if (process.env['UPDATE'] === '1')
    writeFileSync(
      file,
      readme.replace(marked, () => block),
    );
  else expect(marked.exec(readme)?.[0]).toBe(block);
}

test('with --yes and no terminal it shows one whole loop, exits 0, and leaves nothing', { timeout: LIMIT_MS }, () => {
  const run = spawnSync('sh', [join(ROOT, 'seeds/demo/demo.sh'), '--yes'], { env, encoding: 'utf8', input: '' });
  expect(run).toMatchObject({ status: 0, stderr: '' });
  const ticks = run.stdout.split('\n').filter((line) => line.includes('✓'));
  expect(ticks.length).toBeGreaterThanOrEqual(11);
  expect(run.stdout).toMatch(/✓ done: [0-9a-f]{7,} File what the clerk prepared/);
  expect(run.stdout).toMatch(/filed and committed · approved by .* in gate-1/);
  expect(run.stdout).toContain('tend init');
  expect(run.stdout).not.toContain('\x1b');
  expectInReadme(run.stdout);
  expect(readdirSync(base).sort()).toEqual(['tend', 'tmp']);
  expect(readdirSync(join(base, 'tmp'))).toEqual([]);
  expect(survivors()).toEqual([]);
});

test('your own words reach the worker, and a no keeps the act from happening', { timeout: LIMIT_MS }, async () => {
  const run = demo();
  await run.on('or your own words:', 'the shoe box\r');
  await run.on('because you said: the shoe box');
  await run.on('yes or no', 'maybe\r');
  await run.on('yes or no', 'no, not today\r');
  const { code, screen } = await run.exit();
  expect([code, screen]).toEqual([0, expect.stringContaining('your no was taken: nothing was done')]);
  expect(screen).toContain('not today');
  expect(survivors()).toEqual([]);
});

test('Ctrl-C brings everything down and removes the profile', { timeout: LIMIT_MS }, async () => {
  const run = demo();
  await run.on('or your own words:', CTRL_C);
  const { code, screen } = await run.exit();
  expect([code, screen]).toEqual([130, expect.stringContaining('bringing everything down')]);
  expect(readdirSync(join(base, 'tmp'))).toEqual([]);
  expect(survivors()).toEqual([]);
});

test('a step that is not observed ends it with what was expected, what was seen, and the profile kept', {
  timeout: LIMIT_MS,
}, () => {
  // A program that claims to be up and is not.
  tend('case "$1" in up) exit 0 ;; esac');
  const run = spawnSync('sh', [join(ROOT, 'seeds/demo/demo.sh'), '--yes'], { env, encoding: 'utf8', input: '' });
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/✗ expected: the pulse to be alive\n\s+seen: .*"alive":false/);
  expect(run.stdout).toMatch(/The profile is kept: TEND_DATA_DIR=.*\/data/);
  expect(readdirSync(join(base, 'tmp'))).toHaveLength(1);
});

test('an act that happens twice is not called once', { timeout: LIMIT_MS }, () => {
  // A program that, once the act has been done, makes the same commit a second time behind the demo's back.
  tend(
    'case "$*" in "answer gate-1 -") for r in "$TMPDIR"/tend-demo.*/papers; do (for i in $(seq 600); do [ "$(git -C "$r" rev-list --count HEAD)" -lt 2 ] || break; sleep 0.05; done; git -C "$r" commit -q --allow-empty -m twice) >/dev/null 2>&1 & done ;; esac',
  );
  const run = spawnSync('sh', [join(ROOT, 'seeds/demo/demo.sh'), '--yes'], { env, encoding: 'utf8', input: '' });
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/expected: (the act to stay done once|exactly one new commit)/);
});
