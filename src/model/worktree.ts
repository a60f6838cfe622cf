/**
 * A worker's own git worktree, as a record and as words. Pure. Its branch and its place follow from the worker's id alone, so that a later
 * start of the same worker finds what the earlier one left.
 */
import * as z from 'zod/mini';

/**
 * `branches/<id>.json`: the branch and the worktree of the worker `id`, written before git is asked for anything. It outlives the worker,
 * because the branch does.
 */
export const worktreeSchema = z.object({
  format: z.number(),
  id: z.string(),
  /** The repository that the worktree belongs to, as an absolute path. */
  repo: z.string(),
  /** Every repository in which the branch of this name was made for this worker. */
  repos: z.array(z.string()),
  /** `making`: no worker has been in it yet. `kept`: the worker has ended, and it holds work. */
  state: z.enum(['making', 'made', 'kept', 'removed']),
  /** Why it is kept, in words. */
  why: z.optional(z.string()),
  /** Unix seconds of the last change. */
  ts: z.number(),
});
export type Worktree = z.infer<typeof worktreeSchema>;

export const branchOf = (id: string): string => `tend/${id}`;

/** Key of the worktree's directory in the data dir. */
export const worktreeDir = (id: string): string => `worktrees/${id}`;

/** Why `id` cannot be the end of a branch's name, by git-check-ref-format(1), or undefined. Ids are strict otherwise. */
export function branchProblem(id: string): string | undefined {
  const bad = /\.lock$|\.$/.exec(id)?.[0];
  return bad === undefined ? undefined : `no git branch can be called "${branchOf(id)}", its name ends in "${bad}"`;
}

/** What the brief says about the place where the worker starts. */
export function placeInBrief(id: string, at?: { repo: string; path: string }): string {
  if (!at)
    return `You start in the data dir. For code, make your own git worktree below \`/tmp\` on a branch \`${branchOf(id)}\` and work there.`;
  return (
    `You start in \`${at.path}\`, a git worktree of your own on the branch \`${branchOf(id)}\` of the repository \`${at.repo}\`. Work there and ` +
    'nowhere else in that repository, stay on that branch, and commit what shall be kept: the branch stays when you have ended.'
  );
}
