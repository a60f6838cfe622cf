/**
 * Makes and removes the git worktree of a worker. Every step is on record before git is asked, so whoever comes after a death knows what
 * stands; nothing that holds work is ever removed, and no branch.
 */
import { type Git, gitFor, planWorktree, workIn } from '../../act/worktree.js';
import type { Env } from '../../host/env.js';
import { shellQuote } from '../../lib/shell-quote.js';
import { TendError } from '../../model/error.js';
import { type Instant, unixSeconds } from '../../model/instant.js';
import { type WorkerSpec, workerMark } from '../../model/worker.js';
import { branchOf, type Worktree, worktreeDir } from '../../model/worktree.js';
import type { Disk } from '../../store/disk.js';
import { readWorktree, writeWorktree } from '../../store/worktrees.js';

/** The worktree of a worker that is about to begin, made or continued. Throws TendErrors that say what is in the way. */
export async function ensureWorktree(
  disk: Disk,
  env: Env,
  { spec, now }: { spec: WorkerSpec; now: Instant },
): Promise<void> {
  const { id, repo } = spec;
  if (repo === undefined) return;
  // The mark of the worker itself: whoever stops it while git is at work stops git too.
  const git = gitFor(disk, env, workerMark(spec.generation));
  const { how, newBranch, record } = await planWorktree({ disk, git, id, repo });
  const repos = [...new Set([...(record?.repos ?? []), repo])];
  const write = (state: Worktree['state']) => writeWorktree(disk, { id, repo, repos, state, ts: unixSeconds(now) });
  if (how === 'continue') return write('made');
  if (how === 'replace' && record) await clear(disk, git, record);
  write('making');
  const path = disk.path(worktreeDir(id));
  disk.makeDir('worktrees');
  // git may still know it at this place, where nothing is any more.
  await git(repo, ['worktree', 'remove', '--force', '--force', path]);
  const branch = branchOf(id);
  const added = await git(repo, [
    'worktree',
    'add',
    '--quiet',
    ...(newBranch ? ['-b', branch, path, 'HEAD'] : [path, branch]),
  ]);
  if (!added.ok)
    throw new TendError('failed', `Cannot make the worktree of worker "${id}" in "${repo}": ${added.words}`, {
      code: 'worktree',
      hint: `git -C ${shellQuote(repo)} worktree list`,
    });
  write('made');
}

/** What stands in the way and was found to hold no work; a worktree that was never finished may be more or less than git knows. */
async function clear(disk: Disk, git: Git, record: Worktree): Promise<void> {
  const force = record.state === 'making' ? ['--force', '--force'] : [];
  const removed = await git(record.repo, ['worktree', 'remove', ...force, disk.path(worktreeDir(record.id))]);
  if (removed.ok) return;
  if (record.state === 'making') return disk.removeTree(worktreeDir(record.id));
  throw new TendError('failed', `Cannot remove the worktree "${disk.path(worktreeDir(record.id))}": ${removed.words}`, {
    code: 'worktree',
    hint: 'tend worker list --all',
  });
}

/**
 * Removes the worktree of an ended worker when it holds no work, else records why it is kept. Its branch stays. Safe to repeat.
 * Returns what became of it, undefined when there was none to look at.
 */
export async function tidyWorktree(
  disk: Disk,
  env: Env,
  { spec, now }: { spec: WorkerSpec; now: Instant },
): Promise<Worktree | undefined> {
  const { id } = spec;
  const record = readWorktree(disk, id);
  if (!record || record.state === 'removed') return undefined;
  const git = gitFor(disk, env, `worktree-${spec.generation}`);
  const why = await tryRemove(disk, git, record);
  const { why: _old, format: _format, ...rest } = record;
  const after = {
    ...rest,
    ts: unixSeconds(now),
    ...(why === undefined ? { state: 'removed' as const } : { state: 'kept' as const, why }),
  };
  writeWorktree(disk, after);
  return { ...after, format: record.format };
}

/** Why it stands still; undefined: it is gone. */
async function tryRemove(disk: Disk, git: Git, record: Worktree): Promise<string | undefined> {
  const path = disk.path(worktreeDir(record.id));
  const stands = disk.stat(worktreeDir(record.id));
  if (stands.state === 'unreadable') return stands.reason;
  if (stands.state === 'present') {
    const why = record.state === 'making' ? undefined : await workIn(git, path);
    if (why !== undefined) return why;
    try {
      await clear(disk, git, record);
    } catch (error) {
      return (error as Error).message;
    }
    return undefined;
  }
  await git(record.repo, ['worktree', 'remove', '--force', '--force', path]);
  return undefined;
}
