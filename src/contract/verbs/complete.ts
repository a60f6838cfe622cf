/**
 * What shell completion offers, one id a line. It runs at every Tab: names of directory entries and no record is opened. It
 * never fails, since a message in the middle of typing helps nobody.
 */
import { badInput } from '../../model/error.js';
import { idProblem, isLoopId } from '../../model/id.js';
import type { Disk } from '../../store/disk.js';
import type { LiveIds, Verb } from '../verb.js';

const isId = (name: string): boolean => idProblem(name) === undefined;

type Kind = Exclude<LiveIds, 'files' | 'commands' | 'topics'>;

const KINDS: Readonly<Record<Kind, (disk: Disk) => string[]>> = {
  // An answer's name ends the ask.
  asks: (disk) => {
    const answered = new Set(stems(disk, 'answers', '.md'));
    return stems(disk, 'asks', '.md').filter((id) => !answered.has(id));
  },
  goals: (disk) => stems(disk, 'goals', '.md'),
  sensors: (disk) => stems(disk, 'sensors', '.sh'),
  workers: (disk) =>
    names(disk, 'workers').filter((name) => isId(name) && disk.stat(`workers/${name}/spec.json`).state === 'present'),
  schedules: (disk) => stems(disk, 'schedules', '.json'),
  // Ids alone: a name would need each record to be opened.
  loops: (disk) => names(disk, 'schedules').filter(isLoopId),
  workflows: (disk) => stems(disk, 'workflows', '.json'),
  leases: (disk) => stems(disk, 'leases', '.json'),
  'policy-files': (disk) => [
    ...(disk.stat('PLAYBOOK.md').state === 'present' ? ['PLAYBOOK.md'] : []),
    ...stems(disk, 'goals', '.md').map((id) => `goals/${id}.md`),
    ...stems(disk, 'sensors', '.sh').map((name) => `sensors/${name}.sh`),
  ],
};

function names(disk: Disk, dir: string): string[] {
  const listed = disk.list(dir);
  return listed.state === 'present' ? listed.names : [];
}

/** A file whose name is no id is not offered: no verb takes it, and it may hold what a shell would run. */
const stems = (disk: Disk, dir: string, ending: string): string[] =>
  names(disk, dir)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .filter(isId);

export const verb: Verb = {
  path: ['__complete'],
  group: 'other',
  about: 'List live ids for shell completion',
  hidden: true,
  args: [{ name: 'kind', about: 'which ids', required: true, choices: Object.keys(KINDS) }],
  run: async ({ args }, { disk }) => {
    const list = KINDS[args['kind'] as Kind];
    if (!list) throw badInput(`Cannot list ${JSON.stringify(args['kind'])}: there are no such ids`);
    return { text: list(disk).join('\n') };
  },
};
