import type { Context } from './verb.js';

/**
 * The context of somebody who is not in front of this terminal: with other parts, and without the streams, which a copy of all
 * members would open.
 */
export const awayFromTerminal = (
  { disk, profile, env, bin, warn, print, signal, seeds, session }: Context,
  other: Partial<Pick<Context, 'disk' | 'session'>>,
): Context => ({
  disk,
  profile,
  env,
  bin,
  warn,
  print,
  signal,
  seeds,
  session,
  ...other,
  tty: { in: false, out: false },
});
