/** Looks a program up the way a shell would, without starting one. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { Env } from './env.js';

/**
 * Absolute path of the executable file that `name` stands for: a name with "/" is taken from `cwd`, any other is looked for on
 * `$PATH`. Undefined when there is none that we may execute.
 */
export function whichProgram(name: string, env: Env, cwd: string): string | undefined {
  if (name === '') return undefined;
  if (name.includes('/')) return isExecutable(resolve(cwd, name)) ? resolve(cwd, name) : undefined;
  // An empty part of PATH means the current directory (POSIX); for a resident program that is never wanted, so it is skipped.
  const dirs = (env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== '');
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there, or not for us: either way it cannot be run.
    return false;
  }
}
