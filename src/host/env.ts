import type { Session } from '../model/session.js';

export type Env = Readonly<Record<string, string | undefined>>;

/** The environment of this process; the one place that reads it. */
export const readEnv = (): Env => process.env;

/** Number of the user; undefined on a machine without such numbers. */
export const ownUid = (): number | undefined => process.getuid?.();

/** Some agent CLIs do less for root unless they are told that it is meant. */
export const isRoot = (): boolean => process.getuid?.() === 0;

/** Who we are, from the environment that tend gave to its own children; without one, the session found above us by ancestry.ts. */
export function readSession(env: Env, ancestor?: string): Session {
  const id = env['TEND_SESSION_ID'] || ancestor;
  const generation = env['TEND_GENERATION'] || undefined;
  return {
    ...(id ? { id } : {}),
    ...(generation ? { generation } : {}),
    // Looked up when it is recorded: most verbs never ask.
    get user() {
      return userNameOf(env);
    },
  };
}

/** Login name of this user. */
export function userNameOf(env: Env): string {
  try {
    return process.getBuiltinModule('node:os').userInfo().username;
  } catch {
    // No passwd entry for this uid, as in many containers.
    return env['USER'] || `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
