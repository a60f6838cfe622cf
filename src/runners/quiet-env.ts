/** The variables that tend sets for an agent CLI. They go under those of the user: `{ ...quietEnv(…), ...theirs }`. */
import { isRoot } from '../host/env.js';
import type { Runner } from './runner.js';

/** `work` is anything that the CLI does on its own for a while; `decide` is one call that tend itself repeats when it fails. */
export const quietEnv = (
  runner: Runner,
  job: 'decide' | 'work',
  root = isRoot(),
): Readonly<Record<string, string>> => ({
  ...runner.env,
  ...(job === 'decide' ? runner.decideEnv : {}),
  ...(root ? runner.rootEnv : {}),
});
