/** In whose session a client runs: a human's, or one that tend started (a worker, a sensor, a decision). */
import { ownPid } from '../host/end-signals.js';
import type { Context } from './verb.js';

/**
 * The session id of this process, or of the nearest ancestor that has one: a child may drop its variables but not its parents.
 * Undefined: a human's.
 */
export async function tendSession({ session }: Pick<Context, 'session'>): Promise<string | undefined> {
  return session.id ?? (await import('../host/ancestry.js')).ancestorSession(ownPid());
}

/**
 * The data dir of the session above us when it is another than ours: clients start their servers with variables of their own, so
 * the question of a worker could reach the mailbox of a stranger. Undefined: it is ours, or there is no session above.
 */
export async function foreignDataDir({ disk }: Pick<Context, 'disk'>): Promise<string | undefined> {
  const { ancestorOf } = await import('../host/ancestry.js');
  const dataDir = ancestorOf(ownPid())?.dataDir;
  return dataDir === disk.root ? undefined : dataDir;
}
