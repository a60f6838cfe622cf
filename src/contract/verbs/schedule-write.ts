import { badInput } from '../../model/error.js';
import { requireId } from '../../model/id.js';
import { LIMITS } from '../../model/limits.js';
import type { MoveOf } from '../../model/move.js';
import { doMove } from '../do-move.js';
import type { Verb, VerbInput } from '../verb.js';

const HINT = 'tend schedule write NAME --in 2h --note "call back"';

/** The human's form of the write_schedule move. */
export const verb: Verb = {
  path: ['schedule', 'write'],
  group: 'steer',
  about: 'Have the loop look again at a time, once or again and again',
  details:
    'When it is due, the fact sys-schedules changes and wakes the decider, which reads the note. A period that was missed is ' +
    'not made up for: several collapse into one. Writing the same period again does not begin it anew.',
  args: [{ name: 'name', about: 'its name', required: true, complete: 'schedules' }],
  rest: { kind: 'none' },
  flags: {
    in: { type: 'duration', value: 'DUR', about: 'once, after this time: 90, 5m, 12h, 3d' },
    every: { type: 'duration', value: 'DUR', about: 'each time this has passed, 60 seconds at least' },
    note: { type: 'string', value: 'TEXT', about: 'what it is about, for the decider' },
    journal: { type: 'string', value: 'TEXT', about: 'the line for the journal' },
  },
  examples: [{ line: 'tend schedule write standup --every 1d --note "ask for news"', about: 'each day from now' }],
  exits: { 1: 'refused' },
  human: true,
  async run(input, context) {
    const move = moveOf(input);
    const journal = input.flags['journal'];
    const text = await doMove(context, move, typeof journal === 'string' ? journal : undefined);
    return { text, json: { written: move.name } };
  },
};

function moveOf({ args, flags }: VerbInput): MoveOf<'write_schedule'> {
  const name = requireId('schedule', args['name'] ?? '');
  const { in: inS, every, note } = flags;
  if ((inS === undefined) === (every === undefined)) {
    const found = inS === undefined ? 'neither --in nor --every is given' : 'both --in and --every are given';
    throw badInput(`Cannot write schedule "${name}": ${found}, exactly one is wanted`, HINT);
  }
  if (typeof inS === 'number' && inS < 1)
    throw badInput(`Cannot write schedule "${name}": --in is ${inS} s, at least 1 s is wanted`, HINT);
  if (typeof every === 'number' && every < LIMITS.schedulePeriodMinS) {
    const wanted = `at least ${LIMITS.schedulePeriodMinS} s are wanted`;
    throw badInput(`Cannot write schedule "${name}": --every is ${every} s, ${wanted}`, HINT);
  }
  return {
    action: 'write_schedule',
    name,
    ...(typeof inS === 'number' ? { in_s: inS } : {}),
    ...(typeof every === 'number' ? { every_s: every } : {}),
    ...(typeof note === 'string' && note.trim() !== '' ? { note } : {}),
  };
}
