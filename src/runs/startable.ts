/** Whether a target can be started at all: its directory and its program, looked at before the spawn and by a workflow's preflight. */
import { join, resolve } from 'node:path';
import { startDirProblem } from '../host/start-dir.js';
import { whichProgram } from '../host/which.js';

type Env = Readonly<Record<string, string>>;

/** Absolute path of a target's directory: `~` is the home of `env`, and so is a directory that is not named. */
export function targetDir(cwd: string | undefined, env: Env): string {
  const home = env['HOME']?.startsWith('/') ? env['HOME'] : '/';
  if (cwd === undefined || cwd === '~') return home;
  return cwd.startsWith('~/') ? join(home, cwd.slice(2)) : resolve(home, cwd);
}

/** Why nothing can be started in `dir`; undefined when something can. */
export function dirProblem(dir: string): string | undefined {
  const problem = startDirProblem(dir);
  return problem && `Cannot run in ${JSON.stringify(dir)}: ${problem}`;
}

/** The executable file that a program's name stands for on the PATH of `env`, or below `dir` when it has a `/`; else why there is none. */
export function programFor(name: string, env: Env, dir: string): { path: string } | { problem: string } {
  const path = whichProgram(name, env, dir);
  if (path !== undefined) return { path };
  return { problem: `Cannot run ${JSON.stringify(name)}: Executable not found in PATH (PATH=${env['PATH'] ?? ''})` };
}
