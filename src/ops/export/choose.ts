/**
 * What an export takes, and in which order: effects before their causes, so that whatever is in it has what it rests on in it, too,
 * although the pulse goes on meanwhile. Pure.
 */

/** What the export says of itself. */
export const MANIFEST = 'tend-export.json';

/**
 * Directories and files of the data dir in the order in which they are read. `consumed` before `answers` before `asks`: an answer whose
 * consumption is in the export is in it. What is moved from a live place to an archive is looked for in the archive afterwards. The
 * journal before the runs that it tells of; policy before the history to which its versions go.
 */
export const TAKEN: readonly string[] = [
  'consumed',
  'answers',
  'asks',
  'answers/archive',
  'asks/archive',
  'approvals',
  'journal.md',
  'journal.md.1',
  'runs',
  'goals',
  'goals/archive',
  'sensors',
  'PLAYBOOK.md',
  'history',
  'schedules',
  'workflows',
  'reports',
  'workers',
  'format.json',
];

/** Files of the first level besides: ledgers of days. */
export const LEDGER = /^(?:spend|events)-\d{4}-\d\d-\d\d\.ndjson$/;

/** What is never in an export, with the reason, for the manifest. */
export const LEFT_OUT: readonly (readonly [what: string, why: string])[] = [
  ['pulse/', "the key of seals, the memory and the log of the pulse: they are this data dir's own"],
  ['locks/, leases/, intents/', 'who holds what, and moves that are open at this moment'],
  ['snapshots/', 'a cache of readings'],
  ['tells/', 'messages on their way to workers of this machine'],
  ['branches/, worktrees/', 'git repositories of this machine'],
  ['live/, schedules/*/state/, schedules/*/slots/', 'what timed loops are at; what they ran is in the ledger'],
  ['service.env', 'keys'],
];

/** Rows and lines: the last one may be half written at this moment. */
export const isRows = (key: string): boolean =>
  LEDGER.test(key) || /^journal\.md/.test(key) || /^runs\/[^/]+\.ndjson$/.test(key);

/** Of a worker its records are taken, not its claim, which names a socket. */
export const isTaken = (key: string): boolean =>
  !/^workers\/[^/]+\/(?:gen-[^/]*\.claim|supervisor\.log|held\.json)$/.test(key);

/** Both at its live place and in the archive: it was moved while we read, and the archive is the later of the two. */
export function withoutMoved(keys: readonly string[]): string[] {
  const all = new Set(keys);
  return keys.filter((key) => {
    const live = /^(asks|answers|goals)\/([^/]+)$/.exec(key);
    // A goal of that name may have been written anew after it was archived.
    return live === null || live[1] === 'goals' || !all.has(`${live[1]}/archive/${live[2]}`);
  });
}
