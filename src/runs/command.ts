/** Performs a command: a program with its words, or shell text as its human wrote it, with stdin closed. */
import { runBounded } from '../host/bounded-child.js';
import { identityOf } from '../host/process-identity.js';
import type { CommandTarget } from '../model/loop.js';
import { accountFor } from './account.js';
import { outputScrub } from './output-scrub.js';
import type { Performer } from './performer.js';
import { dirProblem, programFor, targetDir } from './startable.js';
import { targetEnv } from './target-env.js';
import { HEAD_BYTES, notStarted, TAIL_BYTES, timeoutOf, toldEnd } from './told-end.js';

/** Of the target's own variables: what it started in the background outlives its exit. */
const KEEP_GROUP = ['TEND_KEEP_GROUP', 'LOOPS_KEEP_GROUP'];

export const performCommand: Performer<CommandTarget> = async (deps, request) => {
  const { target, identity, token, signal } = request;
  const layers = { identity, token, sessionId: 'shell', target: target.env };
  const account = await accountFor(deps, { ...request, layers });
  if (account && 'problem' in account) return notStarted(account.problem);
  const told = account ? { accountProfile: account.profile, accountTool: account.tool } : {};
  const env = targetEnv(deps, { ...layers, ...(account ? { account } : {}) });
  const cwd = targetDir(target.cwd, env);
  const problem = startProblem(target, env, cwd);
  if (problem !== undefined) return { ...notStarted(problem), ...told };
  const timeoutMs = timeoutOf(request.timeoutMs, target.timeoutMs);
  const end = await runBounded({
    argv: target.shell ? ['/bin/sh', '-c', target.command] : [target.command, ...(target.args ?? [])],
    cwd,
    env,
    timeoutMs,
    signal,
    tailBytes: TAIL_BYTES,
    headBytes: HEAD_BYTES,
    keepGroup: KEEP_GROUP.some((name) => target.env?.[name] === '1'),
    onChild: (pid) => request.onChild?.(identityOf(pid)),
  });
  const scrub = outputScrub(env, deps.profile.configPath);
  return { ...toldEnd(end, { timeoutMs, program: target.command, skipExit: target.skipExit, scrub }), ...told };
};

/** Why it cannot be started, told without a process. Of shell text nothing can be said before it runs. */
function startProblem(target: CommandTarget, env: Record<string, string>, cwd: string): string | undefined {
  const problem = dirProblem(cwd);
  if (problem !== undefined || target.shell) return problem;
  const program = programFor(target.command, env, cwd);
  return 'problem' in program ? program.problem : undefined;
}
