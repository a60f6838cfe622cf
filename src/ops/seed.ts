/**
 * What a new data dir begins with: a PLAYBOOK, two goals, a sensor, and one real ask that interviews the human. Nothing that exists
 * is overwritten, nothing that was taken away comes back, and the PLAYBOOK is written last: it is the mark of a finished seeding,
 * so one that died half-way is completed by the next. Called by `tend init` and at the start of the pulse, never by a verb that reads.
 */
import { renderFrontMatter } from '../lib/front-matter.js';
import type { Ask } from '../model/ask.js';
import { TendError } from '../model/error.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { FORMAT } from '../model/record.js';
import { answerKey, askKey } from '../store/asks.js';
import type { Disk } from '../store/disk.js';
import { localDisk } from '../store/local-disk.js';
import { goalKey, PLAYBOOK, sensorKey } from '../store/policy.js';
import { ensureFormat } from '../store/root-format.js';

/** The ask that interviews the human. */
export const SETUP_ASK = 'setup-1';

interface Seed {
  key: string;
  /** File below `<seeds>/home`. */
  from: string;
  mode?: number;
  /** Keys whose existence says that the human, or the loop, has taken this file away. */
  gone: readonly string[];
}

const goal = (id: string): Seed => ({
  key: goalKey(id),
  from: `goals/${id}.md`,
  gone: [`goals/archive/${id}.md`, `history/${goalKey(id)}`],
});

const SEEDS: readonly Seed[] = [
  goal('setup'),
  goal('playbook-daily'),
  // The exec bit belongs to the published file: a beat may run it the moment it has its name.
  { key: sensorKey('today'), from: 'sensors/today.sh', mode: 0o700, gone: [`history/${sensorKey('today')}`] },
  { key: '.gitignore', from: 'gitignore', gone: [] },
];

/**
 * Completes a fresh data dir from `seedsDir` (absolute path of the shipped seeds) and returns the keys that it wrote, in order; none when
 * a PLAYBOOK exists (then only `reports/` is made sure of). An unreadable PLAYBOOK is an environment error: absence must be proven.
 */
export function seedHome(disk: Disk, seedsDir: string, now: Instant): string[] {
  ensureFormat(disk);
  // Workers are told to write here; the directory is there before the first of them.
  disk.makeDir('reports');
  if (exists(disk, PLAYBOOK)) return [];
  const home = localDisk(`${seedsDir}/home`);
  const wrote: string[] = [];
  for (const seed of SEEDS) {
    if (seed.gone.some((key) => exists(disk, key))) continue;
    if (disk.publish(seed.key, shipped(home, seed.from), seed.mode ?? 0o600)) wrote.push(seed.key);
  }
  if (raiseSetup(disk, now)) wrote.push(askKey(SETUP_ASK));
  if (disk.publish(PLAYBOOK, shipped(home, PLAYBOOK))) wrote.push(PLAYBOOK);
  return wrote;
}

/** Raised under a fixed id, so that two seedings at once give one ask, and one that has ended is not asked again. */
function raiseSetup(disk: Disk, now: Instant): boolean {
  const traces = [answerKey(SETUP_ASK), `asks/archive/${SETUP_ASK}.md`, `answers/archive/${SETUP_ASK}.md`];
  if (traces.some((key) => exists(disk, key))) return false;
  const head: Omit<Ask, 'prompt'> = {
    format: FORMAT,
    id: SETUP_ASK,
    worker: 'setup',
    kind: 'setup',
    urgency: 'normal',
    ts: unixSeconds(now),
    reference: goalKey('setup'),
  };
  return disk.publish(askKey(SETUP_ASK), renderFrontMatter(head, SETUP_PROMPT));
}

const SETUP_PROMPT = `What should I tend for you?

Tell me in your own words, as much as you like:
- which things to keep an eye on (a repository, a folder, a service, a list of papers), and where they are;
- what "good" looks like for each of them, and what I may do about it by myself;
- what I must never do without asking.

I turn your answer into goals and sensors, one step per beat, and ask once more before I call the setup done.
With the runner "embedded" there is no model to read prose: write goals with rules instead (tend goal write ID -) and answer "done" here.
`;

function exists(disk: Disk, key: string): boolean {
  const stat = disk.stat(key);
  if (stat.state === 'unreadable') {
    throw new TendError(
      'environment',
      `Cannot seed the data dir "${disk.root}": "${key}" cannot be looked at (${stat.reason})`,
      {
        code: 'unreadable',
        hint: 'tend status',
      },
    );
  }
  return stat.state === 'present';
}

function shipped(home: Disk, file: string): string {
  const read = home.read(file);
  if (read.state === 'present') return read.text;
  throw new TendError(
    'environment',
    `Cannot seed the data dir: the shipped file "${home.path(file)}" is ${read.state === 'absent' ? 'missing' : `unreadable (${read.reason})`}`,
    { code: 'seeds-missing', hint: './install.sh' },
  );
}
