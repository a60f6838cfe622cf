/** Moves a goal to the archive under a name that nobody has. */
import { refused } from '../../model/error.js';
import { archiveGoal, goalKey } from '../../store/policy.js';
import { done, type MoveKind } from '../move-kind.js';

export const archiveGoalMove: MoveKind<'archive_goal'> = {
  summary: (move) => `archive-goal ${move.id}`,
  goal: (move) => move.id,
  target: (move) => ({ key: goalKey(move.id), wanted: undefined }),
  execute: async ({ deps }, move) => {
    if (archiveGoal(deps.disk, move.id) === undefined)
      throw refused('no-goal', `Cannot archive goal "${move.id}": there is no such goal`, 'tend goal list');
    return done();
  },
};
