/** Creates or replaces a goal; the version before is kept in history. */
import { goalKey, writePolicy } from '../../store/policy.js';
import { done, type MoveKind } from '../move-kind.js';

export const writeGoal: MoveKind<'write_goal'> = {
  summary: (move) => `write-goal ${move.id}`,
  goal: (move) => move.id,
  target: (move) => ({ key: goalKey(move.id), wanted: move.body }),
  execute: async ({ deps, at }, move) => {
    writePolicy(deps.disk, goalKey(move.id), move.body, { now: at, keep: deps.knobs.historyKeep });
    return done();
  },
};
