/** Creates or replaces a schedule. Its time counts from the decision, so a repeat after a crash writes the same record. */
import { given } from '../../lib/given.js';
import { isObject, parseJson } from '../../lib/json.js';
import { scheduleKey, writeSchedule } from '../../store/schedules.js';
import { done, type MoveKind } from '../move-kind.js';

export const writeScheduleMove: MoveKind<'write_schedule'> = {
  summary: (move) =>
    `write-schedule ${move.name} (${move.every_s === undefined ? `in ${move.in_s}s` : `every ${move.every_s}s`})`,
  // The anchor may be an earlier one, and the due time follows from when it was decided; what tells one reminder from another is the rest.
  target: (move) => ({
    key: scheduleKey(move.name),
    wanted: (text) => {
      const { value } = parseJson(text);
      return isObject(value) && value['every_s'] === move.every_s && value['note'] === move.note;
    },
  }),
  execute: async ({ deps, at }, move) => {
    const { action: _action, ...draft } = move;
    writeSchedule(deps.disk, given(draft), at);
    return done();
  },
};
