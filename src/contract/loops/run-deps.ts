/** What a verb that runs attempts itself brings: its log is stderr, and only what went wrong is said there. */
import type { RunDeps } from '../../runs/performer.js';
import type { Context } from '../verb.js';

export const runDeps = ({ disk, profile, env, bin, warn }: Context): RunDeps => ({
  disk,
  profile,
  env,
  bin,
  log: (level, _event, text) => {
    if (level !== 'info') warn(text);
  },
});
