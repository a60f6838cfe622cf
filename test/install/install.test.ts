import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

// npm and node are replaced by small programs on PATH that note their calls: what is tested here is what the script decides. The way over
// the network is the same script in the demo of a fresh clone.
const ROOT = new URL('../..', import.meta.url).pathname;
const TOOLS = 'sh dirname cat sed find head mktemp mkdir mv chmod grep rm uname env cp pwd ls touch'.split(' ');
let base: string;
let checkout: string;
let home: string;
let bin: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tend-install-'));
  // A path that every careless expansion breaks on.
  checkout = join(base, "it's a $checkout");
  home = join(base, 'home');
  bin = join(base, 'bin');
  for (const dir of [home, bin, join(checkout, 'src'), join(checkout, 'seeds/demo')])
    mkdirSync(dir, { recursive: true });
  cpSync(join(ROOT, 'install.sh'), join(checkout, 'install.sh'));
  for (const file of ['package.json', 'package-lock.json', 'src/main.ts']) writeFileSync(join(checkout, file), '{}\n');
  writeFileSync(join(checkout, 'seeds/demo/demo.sh'), 'echo "demo of $("$TEND" version) with $*"\n');
  // Older than whatever the fake npm writes, also on file systems that count in seconds.
  for (const file of ['package.json', 'package-lock.json']) past(join(checkout, file));
  for (const file of ['src/main.ts', 'src']) past(join(checkout, file), 100);
  for (const tool of TOOLS) symlinkSync(which(tool), join(bin, tool));
  program('npm', NPM);
  program('node', `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const NPM = `#!/bin/sh
printf '%s\\n' "$*" >>"${'$'}{0%/*}/npm.calls"
case $1 in
  ci) mkdir -p node_modules && : >node_modules/.package-lock.json ;;
  run) mkdir -p dist && printf 'console.log("tend 9.9.9 " + process.execPath + " " + process.env.PATH)' >dist/main.js ;;
  install)
    for last; do :; done
    dir="$3/node_modules/\${last%@*}/bin"
    mkdir -p "$dir"
    printf '#!/bin/sh\\nexec ${process.execPath} "$@"\\n' >"$dir/node"
    chmod 755 "$dir/node" ;;
esac
`;

const past = (path: string, plusS = 0): void => utimesSync(path, 1_700_000_000 + plusS, 1_700_000_000 + plusS);
const which = (tool: string): string =>
  spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
function program(name: string, text: string): void {
  writeFileSync(join(bin, name), text);
  chmodSync(join(bin, name), 0o755);
}
const calls = (): string[] =>
  existsSync(join(bin, 'npm.calls')) ? readFileSync(join(bin, 'npm.calls'), 'utf8').trim().split('\n') : [];
function install(argv: string[] = [], env: Record<string, string | undefined> = {}) {
  const all: Record<string, string | undefined> = { PATH: bin, HOME: home, TMPDIR: base, ...env };
  const run = spawnSync('/bin/sh', [join(checkout, 'install.sh'), ...argv], {
    env: Object.fromEntries(Object.entries(all).filter((entry) => entry[1] !== undefined)) as Record<string, string>,
    encoding: 'utf8',
    cwd: '/',
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}
const tend = (...argv: string[]): string =>
  spawnSync(join(home, '.local/bin/tend'), argv, { encoding: 'utf8', env: { PATH: '/nowhere' } }).stdout;

test('installs, builds and links a program that runs from anywhere', () => {
  const run = install();
  expect(run).toMatchObject({ code: 0, err: '' });
  expect(calls()).toEqual(['ci --include=dev --no-audit --no-fund', 'run build']);
  expect(run.out).toContain('not on your PATH');
  expect(run.out).toContain(`Next: ${home}/.local/bin/tend init`);
  expect(tend('version')).toMatch(/tend 9\.9\.9 .* \/nowhere$/m);
});

test('leaves nothing behind but the checkout and the link', () => {
  install();
  expect(readdirSync(home, { recursive: true })).toEqual(['.local', '.local/bin', '.local/bin/tend']);
  expect(readdirSync(base).sort()).toEqual(['bin', 'home', "it's a $checkout"]);
});

test('a second run installs and builds nothing', () => {
  install();
  expect(install().code).toBe(0);
  expect(calls()).toHaveLength(2);
});

test('a changed lock file installs again, a changed source builds again', () => {
  install();
  const later = Date.now() / 1000 + 5;
  utimesSync(join(checkout, 'src/main.ts'), later, later);
  install();
  expect(calls().slice(2)).toEqual(['run build']);
  utimesSync(join(checkout, 'package-lock.json'), later, later);
  install();
  expect(calls().slice(3)[0]).toMatch(/^ci /);
});

test('on PATH already, the hint is left out', () => {
  const run = install([], { PATH: `${home}/.local/bin:${bin}` });
  expect(run.out).not.toContain('not on your PATH');
  expect(run.out).toContain('Next: tend init');
});

test('TEND_INSTALL_DIR says where the link goes', () => {
  expect(install([], { TEND_INSTALL_DIR: join(base, 'my bin') }).code).toBe(0);
  expect(statSync(join(base, 'my bin/tend')).mode & 0o777).toBe(0o755);
  expect(readdirSync(home)).toEqual([]);
});

test('a tend of somebody else is left alone', () => {
  mkdirSync(join(home, '.local/bin'), { recursive: true });
  writeFileSync(join(home, '.local/bin/tend'), 'other\n');
  const run = install();
  expect(run).toMatchObject({ code: 1, err: expect.stringContaining('was not made by this script') });
  expect(readFileSync(join(home, '.local/bin/tend'), 'utf8')).toBe('other\n');
});

test('without HOME and TEND_INSTALL_DIR it says so', () => {
  expect(install([], { HOME: undefined })).toMatchObject({ code: 1, err: expect.stringContaining('HOME is not set') });
});

test('a Node that is too old is left alone, and a private one is fetched, used and found again', () => {
  program('node', '#!/bin/sh\necho v16.20.2\n');
  const run = install();
  expect(run).toMatchObject({ code: 0, err: '' });
  expect(run.out).toContain('v16.20.2; tend needs 20.19 or newer');
  expect(calls()[0]).toMatch(/^install --prefix .*\.tend-node --no-save .* node-(linux|darwin)-(x64|arm64)@22$/);
  expect(readFileSync(join(home, '.local/bin/tend'), 'utf8')).toContain('.tend-node/node_modules/node-');
  // Programs that are found by `env node`, as the workers' own tend is, run on the private one too.
  expect(tend('version')).toMatch(/tend 9\.9\.9 .*\.tend-node\/node_modules\/node-[^/]*\/bin:\/nowhere/);
  install();
  expect(calls().filter((call) => call.startsWith('install'))).toHaveLength(1);
});

test.each(['v20.18.1', 'v18.99.0', 'v8.0.0', 'nonsense', ''])('Node %j is too old or no Node', (version) => {
  program('node', `#!/bin/sh\necho '${version}'\n`);
  install();
  expect(calls()[0]).toMatch(/^install/);
});

test.each(['v20.19.0', 'v22.1.0', 'v30.0.0-nightly'])('Node %s is new enough', (version) => {
  program('node', `#!/bin/sh\n[ "$1" = --version ] && { echo ${version}; exit; }\nexec ${process.execPath} "$@"\n`);
  expect(install().code).toBe(0);
  expect(calls()[0]).toMatch(/^ci/);
});

test('neither Node nor npm: it says what to install', () => {
  for (const name of ['node', 'npm']) rmSync(join(bin, name));
  const run = install();
  expect(run.code).toBe(1);
  expect(run.err).toContain('found Node: none, npm: none');
  expect(run.err).toContain('https://nodejs.org');
});

test('what npm says is shown when it fails, and only then', () => {
  program('npm', '#!/bin/sh\necho "E404 boom"\nexit 1\n');
  const run = install();
  expect(run.code).toBe(1);
  expect(run.err).toContain('E404 boom');
  expect(run.err).toContain('Could not install the packages');
  expect(existsSync(join(home, '.local'))).toBe(false);
  expect(readdirSync(base).sort()).toEqual(['bin', 'home', "it's a $checkout"]);
});

test('the demo runs this checkout and links nothing', () => {
  const run = install(['demo', '--yes', '--keep']);
  expect(run).toMatchObject({ code: 0, out: expect.stringContaining('demo of tend 9.9.9') });
  expect(run.out).toContain('with --yes --keep');
  expect(readdirSync(home)).toEqual([]);
});

test.each([
  [['demo'], './install.sh demo --yes'],
  [['demo', '--now'], './install.sh --help'],
  [['-x'], './install.sh --help'],
  [['install', 'more'], './install.sh --help'],
])('%j without a terminal is refused before anything is done', (argv, hint) => {
  const run = install(argv);
  expect(run).toMatchObject({ code: 2, err: expect.stringContaining(`try: ${hint}`) });
  expect(calls()).toEqual([]);
});

test('--help explains and does nothing', () => {
  expect(install(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('TEND_INSTALL_DIR') });
  expect(calls()).toEqual([]);
});
