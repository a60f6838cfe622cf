/** Removes a reminder, and the timed loop that a decider wrote under that name; what is not there is fine. */
import { removeLoop } from '../../store/loops.js';
import { removeSchedule, scheduleKey } from '../../store/schedules.js';
import { decidedLoopId } from '../decided-loop.js';
import { done, type MoveKind } from '../move-kind.js';

export const dropSchedule: MoveKind<'drop_schedule'> = {
  summary: (move) => `drop-schedule ${move.name}`,
  target: (move) => ({ key: scheduleKey(move.name), wanted: undefined }),
  execute: async ({ deps, at }, move) => {
    // The reminder goes last: a repeat after a death looks for it alone.
    removeLoop(deps.disk, decidedLoopId(move.name), at);
    removeSchedule(deps.disk, move.name);
    return done();
  },
};
