/** Records that cannot be read as what their names say, and those that were put aside for it. */
import { clip } from '../../../lib/clip.js';
import { shellQuote } from '../../../lib/shell-quote.js';
import { TendError } from '../../../model/error.js';
import { readMailbox } from '../../../store/asks.js';
import { intentProblems } from '../../../store/intents.js';
import { journalProblem } from '../../../store/journal.js';
import { goalIds, goalKey } from '../../../store/policy.js';
import { readSchedules } from '../../../store/schedules.js';
import { type Check, type DoctorWorld, type Finding, fail, ok, warn } from '../check.js';

/** More names than this are a number. */
const NAMES_SHOWN = 5;

export const recordsCheck: Check = {
  id: 'records',
  about: 'every record can be read',
  look: async ({ disk }) => {
    const closed = directories(disk);
    const parts: (() => Finding[] | Promise<Finding[]>)[] = [
      () => mailbox(disk),
      () => goalIds(disk).flatMap((id) => unreadable(disk, goalKey(id))),
      () => schedules(disk),
      () => intentProblems(disk).map((what) => warn(what, 'tend status')),
      () => journal(disk),
    ];
    const found = [...closed, ...(await Promise.all(parts.map((part) => lookedAt(part, closed)))).flat()];
    return found.length > 0 ? found : [ok('all of them')];
  },
};

/** What throws because a directory is closed is told by that directory's own finding. */
async function lookedAt(part: () => Finding[] | Promise<Finding[]>, closed: readonly Finding[]): Promise<Finding[]> {
  try {
    return await part();
  } catch (error) {
    if (error instanceof TendError && error.code === 'unreadable' && closed.length > 0) return [];
    throw error;
  }
}

function schedules(disk: DoctorWorld['disk']): Finding[] {
  return readSchedules(disk).flatMap((entry) =>
    entry.state === 'ok'
      ? []
      : [warn(`schedule "${entry.name}": ${entry.reason}`, `tend schedule rm ${shellQuote(entry.name)}`)],
  );
}

const DIRS = ['asks', 'answers', 'consumed', 'goals', 'sensors', 'schedules', 'workers', 'leases', 'intents', 'pulse'];

function directories(disk: DoctorWorld['disk']): Finding[] {
  return DIRS.flatMap((dir) => {
    const listed = disk.list(dir);
    return listed.state === 'unreadable'
      ? [fail(`"${disk.path(dir)}" cannot be listed: ${listed.reason}`, `ls -ld ${shellQuote(disk.path(dir))}`)]
      : [];
  });
}

async function mailbox(disk: DoctorWorld['disk']): Promise<Finding[]> {
  const { problems } = await readMailbox(disk);
  return problems.map(({ id, reason }) => warn(`ask "${id}": ${reason}`, `tend ask show ${shellQuote(id)}`));
}

function unreadable(disk: DoctorWorld['disk'], key: string): Finding[] {
  const read = disk.read(key);
  return read.state === 'unreadable'
    ? [warn(`"${key}" cannot be read: ${read.reason}`, `ls -ld ${shellQuote(disk.path(key))}`)]
    : [];
}

function journal(disk: DoctorWorld['disk']): Finding[] {
  const problem = journalProblem(disk);
  return problem === undefined
    ? []
    : [warn(`the journal cannot be read: ${problem}`, `ls -ld ${shellQuote(disk.path('journal.md'))}`)];
}

export const quarantineCheck: Check = {
  id: 'quarantine',
  about: 'no record was put aside as unreadable',
  look: ({ disk }) => {
    const listed = disk.list('quarantine');
    if (listed.state === 'absent' || (listed.state === 'present' && listed.names.length === 0)) return [ok('empty')];
    const cure = `ls -l ${shellQuote(disk.path('quarantine'))}`;
    if (listed.state === 'unreadable') return [warn(`"quarantine" cannot be listed: ${listed.reason}`, cure)];
    const shown = listed.names.slice(-NAMES_SHOWN).map((name) => clip(name, 80));
    const more = listed.names.length > shown.length ? ` and ${listed.names.length - shown.length} more` : '';
    return [warn(`records lie in quarantine: ${shown.join(', ')}${more}; look at them, mend or remove them`, cure)];
  },
};
