/** Creates or replaces a reminder, or with a command a timed loop, which the gate always asks about. A reminder's time counts from the decision, so a repeat after a crash writes the same record. */
import { given } from '../../lib/given.js';
import { isObject, parseJson } from '../../lib/json.js';
import { specKey } from '../../store/loops.js';
import { scheduleKey, writeSchedule } from '../../store/schedules.js';
import { decidedLoopId, whenOf, writeDecidedLoop } from '../decided-loop.js';
import { done, type MoveKind } from '../move-kind.js';

export const writeScheduleMove: MoveKind<'write_schedule'> = {
  summary: (move) =>
    move.cmd === undefined
      ? `write-schedule ${move.name} (${move.every_s === undefined ? `in ${move.in_s}s` : `every ${move.every_s}s`})`
      : `write-schedule ${move.name} (${whenOf(move)}) · ${move.cmd}`,
  // The anchor may be an earlier one, and the due time follows from when it was decided; what tells one reminder from another is the rest.
  target: (move) =>
    move.cmd === undefined
      ? {
          key: scheduleKey(move.name),
          wanted: (text) => {
            const { value } = parseJson(text);
            return isObject(value) && value['every_s'] === move.every_s && value['note'] === move.note;
          },
        }
      : {
          key: specKey(decidedLoopId(move.name)),
          wanted: (text) => {
            const { value } = parseJson(text);
            return isObject(value) && isObject(value['target']) && value['target']['command'] === move.cmd;
          },
        },
  execute: async ({ deps, at }, move) => {
    if (move.cmd !== undefined) {
      writeDecidedLoop(deps.disk, move, at);
      return done(`loop ${decidedLoopId(move.name)}`);
    }
    const { action: _action, cmd: _cmd, cron: _cron, at: _at, timezone: _timezone, ...draft } = move;
    writeSchedule(deps.disk, given(draft), at);
    return done();
  },
};
