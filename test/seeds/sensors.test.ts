import { execFileSync, spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KNOBS } from '../../src/model/knobs.js';
import { parseHeaders } from '../../src/sense/headers.js';

const SEEDS = new URL('../../seeds', import.meta.url).pathname;
const FILES = [
  join(SEEDS, 'home/sensors/today.sh'),
  ...['git-repo', 'folder-inbox', 'disk-space', 'systemd-failed', 'github-prs', 'github-checks'].map((name) =>
    join(SEEDS, `examples/sensors/${name}.sh`),
  ),
];
const has = (program: string): boolean => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status === 0;
/** The scripts are POSIX: users have another /bin/sh than we. `own`: by their own first line. */
const SHELLS = ['own', ...['bash', 'dash', 'busybox'].filter(has)];

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "seed it's-"));
});
afterEach(() => {
  // A folder that may not be listed cannot be removed by its owner either.
  spawnSync('chmod', ['-R', 'u+rwX', dir]);
  rmSync(dir, { recursive: true, force: true });
});

function run(name: string, env: Record<string, string> = {}, shell = 'own') {
  const file = FILES.find((path) => path.endsWith(`/${name}.sh`))!;
  const argv = shell === 'busybox' ? ['busybox', 'sh', file] : shell === 'own' ? [file] : [shell, file];
  const clean = { PATH: process.env['PATH'] ?? '', HOME: dir, ...env };
  const ended = spawnSync(argv[0]!, argv.slice(1), { cwd: dir, env: clean, encoding: 'utf8', input: '' });
  return { code: ended.status, stdout: ended.stdout, stderr: ended.stderr, bytes: Buffer.byteLength(ended.stdout) };
}

function reading(name: string, env: Record<string, string> = {}, shell = 'own') {
  const { code, stdout, stderr, bytes } = run(name, env, shell);
  expect({ code, stderr }, `${name} under ${shell} shell`).toEqual({ code: 0, stderr: '' });
  expect(bytes).toBeLessThanOrEqual(KNOBS.sensorMaxBytes.default);
  return JSON.parse(stdout) as { signal: Record<string, unknown>; detail: Record<string, never> };
}

/** A clear failure: an exit code, words for people, and nothing that could be taken for a reading. */
function failure(name: string, env: Record<string, string>, words: string): void {
  const { code, stdout, stderr } = run(name, env);
  expect(code).toBeGreaterThan(0);
  expect(stdout).toBe('');
  expect(stderr).toContain(words);
}

/** A program in front of the PATH that answers by a script. */
function fake(program: string, body: string): string {
  mkdirSync(join(dir, 'bin'), { recursive: true });
  writeFileSync(join(dir, 'bin', program), `#!/bin/sh\n${body}\n`);
  chmodSync(join(dir, 'bin', program), 0o755);
  return `${join(dir, 'bin')}:${process.env['PATH']}`;
}

describe('every shipped sensor', () => {
  test('none is forgotten here', () => {
    const shipped = ['home/sensors', 'examples/sensors'].flatMap((folder) =>
      readdirSync(join(SEEDS, folder))
        .filter((name) => name.endsWith('.sh'))
        .map((name) => join(SEEDS, folder, name)),
    );
    expect(shipped.sort()).toEqual([...FILES].sort());
  });

  test.each(FILES)('%s is executable, has valid headers, and says what it reads, wakes by and shows', (path) => {
    accessSync(path, constants.X_OK);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^#!\/bin\/sh\n/);
    expect(parseHeaders(text).problems).toEqual([]);
    for (const label of ['# Reads: ', '# Knobs: ', '# Signal: ', '# Detail: ', '\nset -eu\n'])
      expect(text).toContain(label);
  });

  test.skipIf(!has('shellcheck'))('shellcheck finds nothing', () => {
    expect(spawnSync('shellcheck', FILES, { encoding: 'utf8' }).stdout).toBe('');
  });
});

test.each(SHELLS)('today says which day it is (%s)', (shell) => {
  const { signal, detail } = reading('today', { TZ: 'UTC' }, shell);
  expect(signal['date']).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(Math.abs(Date.parse(String(signal['date'])) - Date.now())).toBeLessThan(2 * 86_400_000);
  expect(signal['weekday']).toMatch(/day$/);
  expect(detail).toEqual({ zone: 'UTC' });
  expect(parseHeaders(readFileSync(FILES[0]!, 'utf8')).keepsApprovals).toBe(true);
});

describe('git-repo', () => {
  const repo = (): string => join(dir, 're "po');
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', repo(), '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      encoding: 'utf8',
    });
  beforeEach(() => {
    mkdirSync(repo());
    git('init', '-q', '-b', 'main');
  });

  test.each(SHELLS)('follows a repository from its first file to a branch ahead and behind (%s)', (shell) => {
    const look = () => reading('git-repo', { GIT_REPO: repo() }, shell);
    const fresh = { branch: 'main', head: null, dirty: 0, ahead: null, behind: null };
    expect(look().signal).toEqual(fresh);
    writeFileSync(join(repo(), 'a "quoted"\nname\\.txt'), '1');
    expect(look().signal).toEqual({ ...fresh, dirty: 1 });
    expect(look().detail['changes']).toHaveLength(1);
    git('add', '.');
    git('commit', '-qm', 'Say "hi"\\ and\ttab');
    const head = git('rev-parse', 'HEAD').trim();
    expect(look()).toMatchObject({
      signal: { ...fresh, head },
      detail: { repo: repo(), subject: 'Say "hi"\\ and\ttab', upstream: null, changes: [] },
    });
    const origin = join(dir, 'origin.git');
    execFileSync('git', ['clone', '-q', '--bare', repo(), origin]);
    git('remote', 'add', 'origin', origin);
    git('fetch', '-q');
    git('branch', '-q', '--set-upstream-to=origin/main');
    git('commit', '-q', '--allow-empty', '-m', 'more');
    expect(look()).toMatchObject({ signal: { ahead: 1, behind: 0 }, detail: { upstream: 'origin/main' } });
    git('checkout', '-q', '--detach');
    expect(look().signal).toMatchObject({ branch: null, ahead: null });
  });

  test('never fetches unless asked', () => {
    const origin = join(dir, 'origin.git');
    git('commit', '-q', '--allow-empty', '-m', 'one');
    execFileSync('git', ['clone', '-q', '--bare', repo(), origin]);
    git('remote', 'add', 'origin', origin);
    git('fetch', '-q');
    git('branch', '-q', '--set-upstream-to=origin/main');
    const other = join(dir, 'other');
    execFileSync('git', ['clone', '-q', origin, other]);
    execFileSync('git', [
      '-C',
      other,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@e',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'two',
    ]);
    execFileSync('git', ['-C', other, 'push', '-q']);
    expect(reading('git-repo', { GIT_REPO: repo() }).signal).toMatchObject({ behind: 0 });
    expect(reading('git-repo', { GIT_REPO: repo(), GIT_FETCH: '1' }).signal).toMatchObject({ behind: 1 });
    git('remote', 'set-url', 'origin', join(dir, 'nowhere'));
    failure('git-repo', { GIT_REPO: repo(), GIT_FETCH: '1' }, 'git fetch failed');
  });

  test('thousands of changed files with long names still fit into a reading', () => {
    for (let i = 0; i < 3_000; i++) writeFileSync(join(repo(), `${'ü'.repeat(100)}${i}`), '');
    const { signal, detail } = reading('git-repo', { GIT_REPO: repo() });
    expect(signal).toMatchObject({ dirty: 3_000 });
    expect(detail['changes']).toHaveLength(20);
  });

  test('a look leaves the repository as it is, and is not led to another one by the environment', () => {
    writeFileSync(join(repo(), 'file'), '1');
    git('add', '.');
    git('commit', '-qm', 'one');
    // Its times moved, its content did not: a git status that may take locks would write that into the index.
    utimesSync(join(repo(), 'file'), 1e9, 1e9);
    const before = readdirSync(join(repo(), '.git'), { recursive: true });
    const index = readFileSync(join(repo(), '.git/index'));
    reading('git-repo', {
      GIT_REPO: repo(),
      GIT_DIR: '/nowhere',
      GIT_WORK_TREE: '/nowhere',
      GIT_INDEX_FILE: '/nowhere',
    });
    expect(readdirSync(join(repo(), '.git'), { recursive: true })).toEqual(before);
    expect(readFileSync(join(repo(), '.git/index')).equals(index)).toBe(true);
  });

  test('fails clearly without a name, a folder, a repository, or git', () => {
    failure('git-repo', {}, 'set REPO');
    failure('git-repo', { GIT_REPO: join(dir, 'missing') }, 'no such directory');
    mkdirSync(join(dir, 'plain'));
    failure('git-repo', { GIT_REPO: join(dir, 'plain'), GIT_CEILING_DIRECTORIES: dir }, 'git cannot read');
    mkdirSync(join(dir, 'bin'));
    failure('git-repo', { GIT_REPO: repo(), PATH: join(dir, 'bin') }, '');
  });
});

describe('folder-inbox', () => {
  const inbox = (): string => join(dir, 'in box');
  const look = (env: Record<string, string> = {}, shell = 'own') =>
    reading('folder-inbox', { INBOX_DIR: inbox(), ...env }, shell);
  beforeEach(() => mkdirSync(inbox()));

  test.each(SHELLS)('shows every name as it is, however hostile (%s)', (shell) => {
    expect(look({}, shell)).toEqual({ signal: { count: 0, names: [], rest: null }, detail: { folder: inbox() } });
    const names = [
      '*',
      '-n',
      '--',
      '"; rm -rf ~; "',
      'a\nb',
      'end\n',
      'back\\slash',
      "it's",
      '$(touch hacked)',
      '\t\u0001\u007f',
      'ü 漢',
      '%s%n',
    ];
    for (const name of names) writeFileSync(join(inbox(), name), '');
    writeFileSync(join(inbox(), '.hidden'), '');
    const { signal } = look({}, shell);
    const bytewise = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(signal).toEqual({ count: names.length, names: bytewise, rest: null });
  });

  test('a single file named "*" is a file', () => {
    writeFileSync(join(inbox(), '*'), '');
    expect(look().signal).toMatchObject({ count: 1, names: ['*'] });
  });

  test('bytes that are no text do not break the reading', () => {
    writeFileSync(Buffer.concat([Buffer.from(`${inbox()}/`), Buffer.from([0xff, 0xfe, 0x61])]), '');
    expect(look().signal).toMatchObject({ count: 1 });
  });

  test('names beyond those shown wake too, and contents do not', () => {
    for (let i = 0; i < 60; i++) writeFileSync(join(inbox(), `f${i}`), '');
    const before = look().signal;
    expect(before).toMatchObject({ count: 60, rest: expect.any(Number) });
    expect(before['names']).toHaveLength(40);
    writeFileSync(join(inbox(), 'f59'), 'content');
    expect(look().signal).toEqual(before);
    rmSync(join(inbox(), 'f59'));
    writeFileSync(join(inbox(), 'f99'), '');
    expect(look().signal).toMatchObject({ count: 60, names: before['names'] });
    expect(look().signal['rest']).not.toBe(before['rest']);
    expect(look({ INBOX_SHOWN: '2' }).signal['names']).toEqual(['f0', 'f1']);
  });

  test('many long names still fit into a reading', () => {
    for (let i = 0; i < 300; i++) writeFileSync(join(inbox(), `${'"'.repeat(240)}${i}`), '');
    expect(look().signal).toMatchObject({ count: 300, rest: expect.any(Number) });
  });

  test('fails clearly without a folder: no inbox is not an empty inbox', () => {
    failure('folder-inbox', {}, 'set FOLDER');
    failure('folder-inbox', { INBOX_DIR: join(dir, 'missing') }, 'no such folder');
    writeFileSync(join(dir, 'file'), '');
    failure('folder-inbox', { INBOX_DIR: join(dir, 'file') }, 'no such folder');
    failure('folder-inbox', { INBOX_DIR: inbox(), INBOX_SHOWN: 'x' }, 'no number');
  });
});

describe('disk-space', () => {
  test.each(SHELLS)('tells a step for each path, and numbers in the detail (%s)', (shell) => {
    mkdirSync(join(dir, 'a b'));
    const { signal, detail } = reading('disk-space', { DISK_PATHS: `/:${join(dir, 'a b')}` }, shell);
    expect(Object.keys(signal)).toEqual(['/', join(dir, 'a b')]);
    for (const step of Object.values(signal)) expect(['ok', 'warn', 'high', 'critical']).toContain(step);
    expect(detail['/']).toMatchObject({
      used_percent: expect.any(Number),
      available_mib: expect.any(Number),
      mount: '/',
    });
  });

  test.each([
    [79, 'ok'],
    [80, 'warn'],
    [90, 'high'],
    [94, 'high'],
    [95, 'critical'],
    [100, 'critical'],
  ])('%d percent used is "%s", also where device and mount point have spaces', (percent, step) => {
    const row = `//nas/my share 1000 900 2048 ${percent}% /mnt/my share`;
    const PATH = fake('df', `echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'; echo '${row}'`);
    expect(reading('disk-space', { PATH })).toEqual({
      signal: { '/': step },
      detail: { '/': { used_percent: percent, available_mib: 2, mount: '/mnt/my share' } },
    });
  });

  test('fails clearly for a missing path, a df without numbers, and wrong knobs', () => {
    failure('disk-space', { DISK_PATHS: join(dir, 'missing') }, 'no such path');
    failure('disk-space', { PATH: fake('df', 'echo head; echo "proc - - - - /proc"') }, 'does not say');
    failure('disk-space', { PATH: fake('df', 'exit 1') }, 'df cannot tell');
    failure('disk-space', { DISK_STEPS: '80 90' }, 'three numbers');
    failure('disk-space', { DISK_STEPS: '80 90 x' }, 'three numbers');
    failure('disk-space', { DISK_PATHS: ':' }, 'no paths named');
  });
});

describe('systemd-failed', () => {
  test.each(SHELLS)('names the failed units, sorted, strange characters included (%s)', (shell) => {
    const units = [
      'nginx.service loaded failed failed web',
      '● dev-disk\\x2d1.mount loaded failed failed disk',
      'a@b.service loaded failed failed x',
    ];
    const PATH = fake('systemctl', `cat <<'END'\n${units.join('\n')}\nEND`);
    expect(reading('systemd-failed', { PATH }, shell)).toEqual({
      signal: { failed: ['a@b.service', 'dev-disk\\x2d1.mount', 'nginx.service'] },
      detail: { scope: 'system', count: 3 },
    });
  });

  test('nothing failed is an empty list', () => {
    expect(reading('systemd-failed', { PATH: fake('systemctl', ':') }).signal).toEqual({ failed: [] });
  });

  test('hundreds of failed units still fit into a reading, and are counted', () => {
    const PATH = fake(
      'systemctl',
      `i=0; while [ $i -lt 500 ]; do echo "a-rather-long-name-of-a-unit-$i.service x"; i=$((i+1)); done`,
    );
    expect(reading('systemd-failed', { PATH }).detail).toMatchObject({ count: 500 });
  });

  test('no answer is not "nothing failed"', () => {
    failure(
      'systemd-failed',
      { PATH: fake('systemctl', 'echo "Failed to connect to bus" >&2; exit 1') },
      'does not answer',
    );
    failure('systemd-failed', { SYSTEMD_SCOPE: 'moon' }, 'neither system nor user');
  });

  test.skipIf(!has('systemctl'))('the real systemctl either answers or fails clearly', () => {
    const { code, stdout, stderr } = run('systemd-failed');
    if (code === 0) expect(JSON.parse(stdout)).toMatchObject({ signal: { failed: expect.any(Array) } });
    else expect([stdout, stderr]).toEqual(['', expect.stringContaining('systemd-failed: systemctl does not answer')]);
  });
});

/** gh evaluates --jq itself; here the real jq does it, so the expression is tested and not only passed on. */
describe.skipIf(!has('jq'))('through a gh that answers like the real one', () => {
  const gh = (answer: unknown): string => {
    writeFileSync(join(dir, 'answer.json'), JSON.stringify(answer));
    return fake(
      'gh',
      `printf '%s\\n' "$*" > '${join(dir, 'argv').replaceAll("'", "'\\''")}'
while [ $# -gt 0 ]; do [ "$1" != --jq ] || expr=$2; shift; done
exec jq -c "$expr" < answer.json`,
    );
  };
  const pr = (number: number, more = {}) => ({
    number,
    title: `Title "${number}"`,
    author: { login: 'ada' },
    headRefName: 'topic',
    headRefOid: 'abcdef0123456789abcdef',
    isDraft: false,
    reviewDecision: '',
    mergeable: 'UNKNOWN',
    url: `https://github.com/o/r/pull/${number}`,
    ...more,
  });

  test.each(SHELLS)('pull requests wake by push, draft and review, in a stable order (%s)', (shell) => {
    const env = (answer: unknown) => ({ PATH: gh(answer), GITHUB_REPO: 'o/r' });
    const { signal, detail } = reading('github-prs', env([pr(9), pr(7, { reviewDecision: 'APPROVED' })]), shell);
    expect(signal).toEqual({
      open: [
        { number: 7, head: 'abcdef012345', draft: false, review: 'APPROVED' },
        { number: 9, head: 'abcdef012345', draft: false, review: null },
      ],
    });
    expect(detail).toMatchObject({ repo: 'o/r', prs: { 7: { title: 'Title "7"', author: 'ada', branch: 'topic' } } });
    expect(readFileSync(join(dir, 'argv'), 'utf8')).toMatch(/^pr list --repo o\/r --state open --limit 41 --json /);
    const again = reading(
      'github-prs',
      env([pr(7, { reviewDecision: 'APPROVED', mergeable: 'CONFLICTING', title: 'New' }), pr(9)]),
      shell,
    );
    expect(again.signal).toEqual(signal);
    expect(reading('github-prs', env([]), shell).signal).toEqual({ open: [] });
  });

  test('a repository with many pull requests fits into a reading, and says that the list was cut', () => {
    const many = Array.from({ length: 41 }, (_, i) =>
      pr(10_000 + i, { title: '漢'.repeat(300), headRefName: 'b'.repeat(200) }),
    );
    const { signal } = reading('github-prs', { PATH: gh(many), GITHUB_REPO: 'o/r' });
    expect(signal).toMatchObject({ cut: true });
    expect(signal['open']).toHaveLength(40);
  });

  test.each(SHELLS)('checks wake by the conclusion of the newest run of each workflow (%s)', (shell) => {
    const of = (id: number, workflow: string, conclusion: string, status = 'completed') => ({
      databaseId: id,
      workflowName: workflow,
      status,
      conclusion,
      headSha: 'abcdef0123456789',
      url: `https://github.com/o/r/actions/runs/${id}`,
      event: 'push',
    });
    const env = (answer: unknown) => ({ PATH: gh(answer), GITHUB_REPO: 'o/r', GITHUB_BRANCH: 'release/1.0' });
    const first = reading(
      'github-checks',
      env([of(2, 'ci', 'success'), of(3, 'ci', '', 'in_progress'), of(1, 'docs', 'failure')]),
      shell,
    );
    expect(first.signal).toEqual({ branch: 'release/1.0', checks: { ci: 'running', docs: 'failure' } });
    expect(readFileSync(join(dir, 'argv'), 'utf8')).toContain('run list --repo o/r --branch release/1.0 --limit 40 ');
    const done = reading('github-checks', env([of(1, 'docs', 'failure'), of(3, 'ci', 'success')]), shell);
    expect(done.signal).toEqual({ branch: 'release/1.0', checks: { ci: 'success', docs: 'failure' } });
    const rerun = reading('github-checks', env([of(8, 'docs', 'failure'), of(9, 'ci', 'success')]), shell);
    expect(rerun.signal).toEqual(done.signal);
    expect(reading('github-checks', env([]), shell).signal).toEqual({ branch: 'release/1.0', checks: {} });
  });
});

test.each(['github-prs', 'github-checks'])(
  '%s fails clearly: no name, a hostile name, no gh, no network, silence',
  (name) => {
    failure(name, {}, 'set REPO');
    failure(name, { GITHUB_REPO: '--json' }, 'not a repository name');
    failure(name, { GITHUB_REPO: 'o/r"; x' }, 'not a repository name');
    const offline = fake('gh', 'echo "error connecting to api.github.com" >&2; exit 1');
    failure(name, { GITHUB_REPO: 'o/r', PATH: offline }, 'error connecting');
    failure(name, { GITHUB_REPO: 'o/r', PATH: fake('gh', ':') }, 'printed nothing');
    rmSync(join(dir, 'bin'), { recursive: true });
    mkdirSync(join(dir, 'bin'));
    failure(name, { GITHUB_REPO: 'o/r', PATH: join(dir, 'bin') }, '');
  },
);

test('github-checks takes no branch name that could end a string of its expression', () => {
  failure('github-checks', { GITHUB_REPO: 'o/r', GITHUB_BRANCH: 'x"), env' }, 'not a branch name');
});
