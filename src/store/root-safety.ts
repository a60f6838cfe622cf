/** Whose data dir is it? What lies in it is run (sensors) and believed (goals, the PLAYBOOK), so nobody else may be able to write there. */
import { statSync } from 'node:fs';
import { shellQuote } from '../lib/shell-quote.js';
import { refused } from '../model/error.js';

/**
 * Throws `unsafe-data-dir` when the directory belongs to another user, or when everybody may write in it. A directory that is not
 * there yet is fine: it will be made 0700. The superuser may tend the directory of any user, as containers do.
 */
export function requireOwnRoot(root: string): void {
  const stat = statSync(root, { throwIfNoEntry: false });
  const uid = process.getuid?.();
  if (!stat || uid === undefined) return;
  const doing = `Cannot tend "${root}": what lies there is run as you, and`;
  if (uid !== 0 && stat.uid !== uid)
    throw refused('unsafe-data-dir', `${doing} it belongs to user ${stat.uid}`, 'export TEND_DATA_DIR=~/tend-data');
  if ((stat.mode & 0o002) !== 0)
    throw refused('unsafe-data-dir', `${doing} everybody may write in it`, `chmod o-w ${shellQuote(root)}`);
}
