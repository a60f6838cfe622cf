/**
 * Verbs of the human stay with the human: refused for a session that tend started, and for a process that has one among its
 * ancestors, because a worker can unset a variable but not its parents.
 */
import type { Verb } from '../../contract/verb.js';
import { refused } from '../../model/error.js';
import type { Session } from '../../model/session.js';
import { nameOf } from './usage.js';

/** Throws `not-human` when the verb is a human's and this process is not. `ancestor` gives the session id found above us. */
export async function requireHuman(
  verb: Verb,
  session: Session,
  ancestor: () => Promise<string | undefined>,
): Promise<void> {
  if (!verb.human) return;
  const id = session.id ?? (await ancestor());
  if (id === undefined) return;
  throw refused(
    'not-human',
    `Cannot run "${nameOf(verb)}" in session ${JSON.stringify(id)}: only a human may use it, a session asks instead`,
    'tend ask --prompt "…"',
  );
}
