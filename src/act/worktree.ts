/**
 * What git and our records say about a worker's worktree, before anything is made: asked by the start move, so that it refuses in words, and
 * again by the worker's supervisor, who makes it. Reads only.
 */
import { resolve } from 'node:path';
import type { Env } from '../host/env.js';
import { type GitResult, runGit } from '../host/git.js';
import { shellQuote } from '../lib/shell-quote.js';
import { refused } from '../model/error.js';
import { branchOf, branchProblem, type Worktree, worktreeDir } from '../model/worktree.js';
import type { Disk } from '../store/disk.js';
import { cannotRead } from '../store/unreadable.js';
import { readWorktree } from '../store/worktrees.js';

/** git on one directory, with the mark of whoever asks. */
export type Git = (dir: string, args: readonly string[]) => Promise<GitResult>;

export const gitFor = (disk: Disk, env: Env, mark: string): Git => {
  return (dir, args) => runGit({ env, cwd: disk.root, mark }, dir, args);
};

/** `continue`: it stands as an earlier worker left it. `replace`: what stands there is in the way and holds no work. */
export interface WorktreePlan {
  how: 'continue' | 'replace' | 'add';
  /** Whether the branch has to be made. */
  newBranch: boolean;
  record: Worktree | undefined;
}

export interface WorktreeOf {
  disk: Disk;
  git: Git;
  id: string;
  /** Absolute path. */
  repo: string;
}

/** The repository that a path lies in, as an absolute path; a relative one is taken from the data dir, `~/` from the home. Throws refusals. */
export async function findRepo(git: Git, at: { id: string; root: string; env: Env }, given: string): Promise<string> {
  const home = at.env['HOME'];
  const path = resolve(at.root, home && given.startsWith('~/') ? `${home}/${given.slice(2)}` : given);
  const what = `Cannot start worker "${at.id}" in ${JSON.stringify(given)}`;
  const bad = branchProblem(at.id);
  if (bad !== undefined) throw refused('bad-repo', `${what}: ${bad}`, 'tend worker start --help');
  const common = await git(path, ['rev-parse', '--git-common-dir']);
  if (!common.ok)
    throw refused(
      'bad-repo',
      `${what}: ${common.words}; wanted is a directory of a git repository`,
      `git -C ${shellQuote(path)} status`,
    );
  const commit = await git(path, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  if (!commit.ok)
    throw refused(
      'bad-repo',
      `${what}: the repository has no commit yet, and a worktree begins at one`,
      `git -C ${shellQuote(path)} commit --allow-empty -m Begin`,
    );
  const top = await git(path, ['rev-parse', '--show-toplevel']);
  // A bare repository has no top; its worktrees are made from where it lies.
  return top.ok ? top.out : path;
}

/** What a start of this worker would do in that repository. Throws a refusal that says what is in the way. */
export async function planWorktree(of: WorktreeOf): Promise<WorktreePlan> {
  const { disk, git, id, repo } = of;
  const record = readWorktree(disk, id);
  const branch = branchOf(id);
  const what = `Cannot start worker "${id}" in "${repo}"`;
  const hasBranch = (await git(repo, ['show-ref', '--verify', '--quiet', `refs/heads/${branch}`])).ok;
  if (hasBranch && !record?.repos.includes(repo))
    throw refused(
      'branch-taken',
      `${what}: the branch "${branch}" is there already, and no worker of that id made it`,
      `git -C ${shellQuote(repo)} branch -m ${shellQuote(branch)} NAME`,
    );
  if (!hasBranch && (await git(repo, ['show-ref', '--verify', '--quiet', 'refs/heads/tend'])).ok)
    throw refused(
      'branch-taken',
      `${what}: its branch "${branch}" cannot be made beside a branch "tend"`,
      `git -C ${shellQuote(repo)} branch -m tend NAME`,
    );
  const stands = disk.stat(worktreeDir(id));
  if (stands.state === 'unreadable')
    throw cannotRead(disk, `look at the worktree of "${id}"`, { key: worktreeDir(id), reason: stands.reason });
  const plan = { newBranch: !hasBranch, record };
  if (stands.state === 'absent') return { ...plan, how: 'add' };
  if (!record || record.state === 'removed')
    throw refused(
      'worktree-taken',
      `${what}: "${disk.path(worktreeDir(id))}" is there already, and it is no worktree of that worker`,
      `mv ${shellQuote(disk.path(worktreeDir(id)))} /somewhere/else`,
    );
  // Nobody has worked in one that was never finished.
  if (record.state === 'making') return { ...plan, how: 'replace' };
  if (record.repo === repo && hasBranch && (await isOn(of, branch))) return { ...plan, how: 'continue' };
  const why = await workIn(git, disk.path(worktreeDir(id)));
  if (why === undefined) return { ...plan, how: 'replace' };
  throw refused(
    'worktree-dirty',
    `${what}: the worktree "${disk.path(worktreeDir(id))}" of an earlier worker of that id is not on its branch "${branch}" of this repository, and it holds work: ${why}`,
    `git -C ${shellQuote(disk.path(worktreeDir(id)))} status`,
  );
}

/** The directory may lie in another repository's tree: only its own top counts as a worktree. */
async function isOn({ disk, git, id }: WorktreeOf, branch: string): Promise<boolean> {
  const path = disk.path(worktreeDir(id));
  const prefix = await git(path, ['rev-parse', '--show-prefix']);
  const head = await git(path, ['symbolic-ref', '--quiet', 'HEAD']);
  return prefix.ok && prefix.out === '' && head.out === `refs/heads/${branch}`;
}

/**
 * Why the worktree at `path` may not be removed: what is in no commit, or in commits that no branch holds. Undefined: it is clean. Files that
 * the repository ignores are no work. Whatever cannot be told counts as work.
 */
export async function workIn(git: Git, path: string): Promise<string | undefined> {
  const prefix = await git(path, ['rev-parse', '--show-prefix']);
  if (!prefix.ok) return prefix.words;
  if (prefix.out !== '') return 'it is no worktree any more';
  // The user's settings may hide what we must see.
  const options = ['--porcelain', '--no-renames', '--untracked-files=normal', '--ignore-submodules=none'];
  const status = await git(path, ['status', ...options]);
  if (!status.ok) return status.words;
  const changed = status.out === '' ? 0 : status.out.split('\n').length;
  if (changed > 0) return `${changed} ${changed === 1 ? 'change is' : 'changes are'} not committed`;
  if ((await git(path, ['symbolic-ref', '--quiet', 'HEAD'])).ok) return undefined;
  const held = await git(path, [
    'for-each-ref',
    '--count=1',
    '--contains',
    'HEAD',
    'refs/heads',
    'refs/remotes',
    'refs/tags',
  ]);
  if (!held.ok) return held.words;
  return held.out === '' ? 'its last commits are on no branch' : undefined;
}
