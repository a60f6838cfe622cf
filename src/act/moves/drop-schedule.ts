/** Removes a schedule; one that is not there is fine. */
import { removeSchedule } from '../../store/schedules.js';
import { done, type MoveKind } from '../move-kind.js';

export const dropSchedule: MoveKind<'drop_schedule'> = {
  summary: (move) => `drop-schedule ${move.name}`,
  execute: async ({ deps }, move) => {
    removeSchedule(deps.disk, move.name);
    return done();
  },
};
