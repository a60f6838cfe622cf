/** What tend needs of the machine beside programs: private sockets, file watches, a clock that agrees with the files. */
import { watchLimits, watchProblem } from '../../../host/file-watches.js';
import { lookAtRuntimeDirs } from '../../../host/runtime-dir.js';
import { shortDuration } from '../../../lib/duration.js';
import { shellQuote } from '../../../lib/shell-quote.js';
import { type Check, type DoctorWorld, type Finding, fail, type LoopLook, ok, warn } from '../check.js';

export const socketsCheck: Check = {
  id: 'sockets',
  about: 'the directory of sockets is private',
  look: ({ env, profile }) => {
    const { usable, dirs } = lookAtRuntimeDirs(env, profile.dataDir);
    const found: Finding[] = dirs.flatMap(({ dir, problem }) =>
      problem === undefined ? [] : [warn(`"${dir}" is no place for sockets: ${problem}`, `ls -ld ${shellQuote(dir)}`)],
    );
    if (usable === undefined)
      found.push(
        fail(
          'there is no directory in which sockets can be made',
          'export XDG_RUNTIME_DIR=/a/short/directory/of/yours',
        ),
      );
    return found.length > 0 ? found : [ok(dirs.at(-1)?.dir ?? `${usable}, when it is needed`)];
  },
};

/** A pulse watches some twenty directories, one more for each worker; editors and browsers of the same user take thousands. */
const WATCHES_LEAST = 1_024;
/** A pulse and each `wait`, `ask` and client take one instance. */
const INSTANCES_LEAST = 32;

export const watchesCheck: Check = {
  id: 'watches',
  about: 'file watches can be had, so that changes are seen at once',
  look: ({ disk }) => {
    const { watches, instances } = watchLimits();
    const found: Finding[] = [];
    const problem = disk.stat('').state === 'present' ? watchProblem(disk.root) : undefined;
    if (problem === 'ENOSPC' || problem === 'EMFILE')
      found.push(
        warn(
          'the table of file watches is full: changes are seen by polling, later',
          `sudo sysctl fs.inotify.${problem === 'ENOSPC' ? 'max_user_watches' : 'max_user_instances'}=524288`,
        ),
      );
    else if (problem !== undefined)
      found.push(
        warn(
          `"${disk.root}" cannot be watched (${problem}): changes are seen by polling, later`,
          `ls -ld ${shellQuote(disk.root)}`,
        ),
      );
    if (watches !== undefined && watches < WATCHES_LEAST)
      found.push(
        warn(`at most ${watches} files can be watched at once`, 'sudo sysctl fs.inotify.max_user_watches=524288'),
      );
    if (instances !== undefined && instances < INSTANCES_LEAST)
      found.push(
        warn(`at most ${instances} programs of yours can watch files`, 'sudo sysctl fs.inotify.max_user_instances=512'),
      );
    return found.length > 0
      ? found
      : [ok(watches === undefined ? 'they work' : `${watches} watches, ${instances} instances`)];
  },
};

/** Clocks are corrected by seconds all the time. */
const AHEAD_MS = 60_000;
/** Nobody has run this program before it was written. */
const FIRST_MS = Date.UTC(2026, 0, 1);
/** What tend writes all the time, newest wins. */
const WRITTEN = [
  'journal.md',
  'pulse/memory.json',
  'pulse/holder.json',
  'pulse/pulse.log',
  'asks',
  'answers',
  'runs',
  'PLAYBOOK.md',
];

export const clockCheck: Check = {
  id: 'clock',
  about: 'the clock agrees with the times of the files',
  look: async ({ disk, now, loops }) => judgeClock(now, newest([...newestFile(disk), ...statesOf(await loops())])),
};

interface Dated {
  key: string;
  mtimeMs: number;
}

const newestFile = (disk: DoctorWorld['disk']): Dated[] =>
  WRITTEN.flatMap((key) => {
    const stat = disk.stat(key);
    return stat.state === 'present' ? [{ key, mtimeMs: stat.mtimeMs }] : [];
  });

/** A cursor that was reckoned in the future keeps its loop from running until then. */
const statesOf = (loops: readonly LoopLook[]): Dated[] =>
  loops.flatMap(({ id, stateAt }) =>
    stateAt === undefined ? [] : [{ key: `schedules/${id}/state`, mtimeMs: stateAt }],
  );

const newest = (dated: readonly Dated[]): Dated | undefined => [...dated].sort((a, b) => b.mtimeMs - a.mtimeMs)[0];

/** Pure. */
export function judgeClock(now: number, newest: { key: string; mtimeMs: number } | undefined): Finding[] {
  const date = new Date(now).toISOString();
  if (now < FIRST_MS) return [fail(`the clock says ${date}, which is before this program was written`, 'timedatectl')];
  const aheadMs = newest ? newest.mtimeMs - now : 0;
  if (newest && aheadMs > AHEAD_MS)
    return [
      warn(
        `"${newest.key}" was written ${shortDuration(aheadMs / 1000)} in the future: the clock says ${date} and was set back, or was wrong then`,
        'timedatectl',
      ),
    ];
  return [ok(date)];
}
