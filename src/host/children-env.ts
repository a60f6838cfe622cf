import type { Env } from './env.js';
import type { Profile } from './profile.js';

/** Variables that are ours: never inherited from outside into a child, always set anew. */
const OURS = /^TEND_/;
/** Ours, but the user's own setting, which children share. */
const SHARED = /^TEND_(DATA_DIR|CONFIG|INTERVAL|MAX_|SENSOR_|SHELL_|TICK_|VERIFY_|ASK_|WAIT_|LOG_FORMAT)/;

export interface ChildIdentity {
  /** `decider`, `sensor`, `shell` or a worker id: verbs of the human are refused under any of them. */
  sessionId: string;
  generation?: string;
  /** Unique per run; `killMarked` finds every process that carries it. */
  mark: string;
  extra?: Readonly<Record<string, string>>;
}

/** The complete environment of a child: the user's, our paths, who it is, and the mark by which it is found again. */
export function childEnv(env: Env, profile: Profile, bin: string, child: ChildIdentity): Record<string, string> {
  const inherited = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (!OURS.test(entry[0]) || SHARED.test(entry[0])),
  );
  return {
    ...Object.fromEntries(inherited),
    TEND_BIN: bin,
    TEND_DATA_DIR: profile.dataDir,
    TEND_CONFIG: profile.configPath,
    TEND_REPORTS_DIR: `${profile.dataDir}/reports`,
    TEND_LEASES_DIR: `${profile.dataDir}/leases`,
    TEND_SESSION_ID: child.sessionId,
    ...(child.generation ? { TEND_GENERATION: child.generation } : {}),
    TEND_MARK: child.mark,
    ...child.extra,
  };
}
