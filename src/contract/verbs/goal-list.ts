import { now } from '../../host/clock.js';
import { clip, flat } from '../../lib/clip.js';
import { ago } from '../../lib/duration.js';
import { unixSeconds } from '../../model/instant.js';
import type { Disk } from '../../store/disk.js';
import { goalIds, goalKey } from '../../store/policy.js';
import type { Verb } from '../verb.js';

/** As wide as fits behind an id and an age on a usual terminal. */
const TITLE_CHARS = 80;

/** The goals that are active, with their first line. */
export const verb: Verb = {
  path: ['goal', 'list'],
  group: 'see',
  about: 'List the goals with their first line and the time of the last edit',
  rest: { kind: 'none' },
  flags: {
    json: { type: 'boolean', about: 'print an array of {id, title, ts}, or {id, problem} for one that cannot be read' },
  },
  examples: [{ line: 'tend goal list', about: 'what the loop works on' }],
  async run(_input, { disk }) {
    const at = unixSeconds(now());
    const goals = goalIds(disk).map((id) => goalOf(disk, id));
    const width = Math.max(0, ...goals.map((goal) => goal.id.length));
    const lines = goals.map((goal) => {
      const edited = goal.ts === undefined ? 'unreadable' : ago(at - goal.ts);
      return `${goal.id.padEnd(width)}  ${edited.padEnd(10)}  ${goal.problem ?? goal.title}`.trimEnd();
    });
    return { text: lines.length === 0 ? 'no goals' : lines.join('\n'), json: goals };
  },
};

function goalOf(disk: Disk, id: string): { id: string; title?: string; ts?: number; problem?: string } {
  const read = disk.read(goalKey(id));
  if (read.state === 'absent') return { id, problem: 'gone in this moment' };
  if (read.state === 'unreadable') return { id, problem: read.reason };
  const body = read.text.replace(/^---\n.*?\n---\n/s, '');
  const first = body.split('\n').find((line) => line.trim() !== '') ?? '';
  return { id, title: clip(flat(first.replace(/^#+\s*/, '')), TITLE_CHARS), ts: unixSeconds(read.mtimeMs) };
}
