/** Workers in git worktrees of their own, with real git, the built program and a pulse. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type House, openHouse, signal, until } from './house.js';

let house: House;
let repo: string;

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', repo, '-c', 'user.name=me', '-c', 'user.email=me@example.org', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
const branches = (): string[] => git('branch', '--format=%(refname:short)').split('\n').sort();
const treeOf = (id: string): string => join(realpathSync(house.root), 'worktrees', id);

interface Row {
  id: string;
  state: string;
  verify: string | null;
  place?: { repo: string; branch: string; path: string | null; note?: string };
}
const row = async (id: string): Promise<Row | undefined> =>
  (await house.json<Row[]>(['worker', 'list', '--all', '--json'])).find((one) => one.id === id);
const shows = (id: string, what: string, is: (row: Row) => boolean | undefined) =>
  until(`worker ${id} ${what}`, async () => {
    const seen = await row(id);
    return seen && is(seen) ? seen : undefined;
  });
const start = (id: string, script: string, ...flags: string[]) =>
  house.tend(['worker', 'start', id, '-', '--repo', repo, ...flags], { input: `Work.\n#!script\n${script}\n` });

function isGit(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'git\n';
  } catch {
    // It ended by itself.
    return false;
  }
}

beforeEach(async () => {
  house = openHouse();
  repo = join(house.base, `a "repo" of $HOME`);
  mkdirSync(repo);
  git('init', '-q', '-b', 'main');
  writeFileSync(join(repo, 'code'), 'one\n');
  git('add', '.');
  git('commit', '-qm', 'one');
  // A hook of the repository is no program that we were asked to run.
  writeFileSync(join(repo, '.git/hooks/post-checkout'), `#!/bin/sh\ntouch '${house.base}/hook-ran'\n`, { mode: 0o755 });
  repo = realpathSync(repo);
  await house.init();
});
afterEach(async () => house.close());

test('a worker works and is verified in a worktree of its own, and the next of its name goes on there', async () => {
  await house.up();
  const commit = 'git -c user.name=w -c user.email=w@example.org commit -qam';
  const first = await start('api', `pwd; echo two > code; ${commit} two`, '--verify', 'grep -qx two code');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const done = await shows('api', 'is judged', ({ verify }) => verify !== null);
  expect(done).toMatchObject({
    state: 'exited',
    verify: 'pass',
    place: { repo, branch: 'tend/api', path: treeOf('api') },
  });
  expect(house.text('workers/api/transcript.log')).toContain(treeOf('api'));
  expect(git('log', '--format=%s', 'tend/api')).toBe('two\none');
  expect([git('log', '--format=%s', 'main'), git('status', '--porcelain')]).toEqual(['one', '']);
  expect(await house.must(['worker', 'list', '--all'])).toContain(`api: ${treeOf('api')}, branch tend/api of ${repo}`);

  expect(await start('api', 'echo three > new; cat code; sleep 1000')).toMatchObject({ code: 0 });
  await until('it found the work', () => house.text('workers/api/transcript.log').includes('two'));
  expect(
    house.text(`workers/api/prompt-${((await row('api')) as unknown as { generation: string }).generation}.md`),
  ).toContain(`You start in \`${treeOf('api')}\``);
  // What it left is in no commit: the worktree stays when it is killed, and the list says where and why.
  await house.must(['kill', 'api']);
  const kept = await shows('api', 'says why it is kept', (seen) => seen.place?.note !== undefined);
  expect(kept).toMatchObject({
    state: 'killed',
    place: { path: treeOf('api'), note: '1 change is not committed' },
  });
  expect(readFileSync(join(treeOf('api'), 'new'), 'utf8')).toBe('three\n');
  expect(existsSync(join(house.base, 'hook-ran'))).toBe(false);
});

test('the worktree of a killed worker that holds no work is removed, its branch stays, and a later worker has both again', async () => {
  await house.up();
  await start('web', 'echo up; sleep 1000');
  await until('it is up', () => house.text('workers/web/transcript.log').includes('up'));
  await house.must(['kill', 'web']);
  const gone = await shows('web', 'has no worktree', (seen) => seen.place?.path === null);
  expect(gone.place?.note).toBeUndefined();
  expect(existsSync(treeOf('web'))).toBe(false);
  expect(branches()).toEqual(['main', 'tend/web']);
  expect(git('worktree', 'list').split('\n')).toHaveLength(1);
  git('branch', '-f', 'tend/web', git('commit-tree', '-p', 'main', '-m', 'more', 'main^{tree}'));
  await start('web', 'git log -1 --format=%s');
  await shows('web', 'has ended', ({ state }) => state === 'exited');
  expect(house.text('workers/web/transcript.log')).toContain('more');
});

test('a supervisor that is killed while git makes the worktree leaves nothing that a later start trips over', async () => {
  // A filter of the repository's owner, as for large files: the checkout stands still in it until the gate is open.
  const gate = join(house.base, 'gate');
  git('config', 'filter.slow.smudge', `echo $$ >>'${gate}-reached'; until [ -e '${gate}' ]; do sleep 0.05; done; cat`);
  writeFileSync(join(repo, '.gitattributes'), 'code filter=slow\n');
  git('add', '.');
  git('commit', '-qm', 'filter');
  await house.up();
  await start('api', 'pwd');
  const filters = () =>
    (existsSync(`${gate}-reached`) ? readFileSync(`${gate}-reached`, 'utf8') : '').split('\n').slice(0, -1);
  await until('git is at work', () => filters().length === 1);
  expect(await row('api')).toMatchObject({ state: 'starting', place: { path: null } });
  signal((JSON.parse(house.text('workers/api/status.json')) as { supervisor_pid: number }).supervisor_pid, 'SIGKILL');
  // Told to end, git takes away what it has begun; killed, it leaves it: registered, and without its files.
  for (const pid of house.inhabitants().filter(isGit)) signal(pid, 'SIGKILL');
  await shows('api', 'is known to be dead', ({ state }) => state === 'failed');
  expect(await start('api', 'git status --porcelain; git branch --show-current; cat code')).toMatchObject({ code: 0 });
  await until('git is at work again', () => filters().length === 2);
  // Two at once in one place would undo each other's work.
  expect(house.inhabitants()).not.toContain(Number(filters()[0]));
  writeFileSync(gate, '');
  await shows('api', 'has ended', ({ state }) => state === 'exited');
  expect(house.text('workers/api/transcript.log').replaceAll('\r', '')).toBe('tend/api\none\n');
});

test('a repository or branch that cannot serve is refused in words, and nothing is wanted or made', async () => {
  mkdirSync(join(house.base, 'plain'));
  mkdirSync(join(house.base, 'empty'));
  execFileSync('git', ['init', '-q', join(house.base, 'empty')]);
  git('branch', 'tend/mine');
  const refusal = async (id: string, path: string) => {
    const { code, stderr } = await house.tend(['worker', 'start', id, 'work', '--repo', path]);
    return `${code} ${stderr}`;
  };
  expect(await refusal('api', join(house.base, 'none'))).toMatch(/^1 .*No such file or directory/s);
  expect(await refusal('api', join(house.base, 'plain'))).toMatch(/^1 .*not a git repository/s);
  expect(await refusal('api', join(house.base, 'empty'))).toMatch(/^1 .*no commit yet/s);
  expect(await refusal('api.lock', repo)).toMatch(/^1 .*no git branch can be called "tend\/api.lock"/s);
  expect(await refusal('mine', repo)).toMatch(/^1 .*the branch "tend\/mine" is there already/s);
  mkdirSync(join(house.root, 'worktrees/odd'), { recursive: true });
  expect(await refusal('odd', repo)).toMatch(/^1 .*worktrees\/odd" is there already/s);
  expect(await house.json(['worker', 'list', '--all', '--json'])).toEqual([]);
  expect([branches(), existsSync(join(house.root, 'branches'))]).toEqual([['main', 'tend/mine'], false]);
});

test('a decider names a repository from the data dir, and is not asked about it', async () => {
  git('clone', '-q', repo, join(house.root, 'code'));
  house.next({ action: 'start_worker', id: 'dev', prompt: 'Work.\n#!script\npwd', repo: 'code' });
  await house.up();
  const row = await shows('dev', 'has ended', ({ state }) => state === 'exited');
  expect(row).toMatchObject({ place: { repo: join(realpathSync(house.root), 'code'), path: treeOf('dev') } });
  expect(house.text('workers/dev/transcript.log')).toContain(treeOf('dev'));
});
