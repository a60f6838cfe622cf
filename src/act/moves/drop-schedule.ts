/** Removes a schedule; one that is not there is fine. */
import { removeSchedule, scheduleKey } from '../../store/schedules.js';
import { done, type MoveKind } from '../move-kind.js';

export const dropSchedule: MoveKind<'drop_schedule'> = {
  summary: (move) => `drop-schedule ${move.name}`,
  target: (move) => ({ key: scheduleKey(move.name), wanted: undefined }),
  execute: async ({ deps }, move) => {
    removeSchedule(deps.disk, move.name);
    return done();
  },
};
