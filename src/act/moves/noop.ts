/** Nothing to do, said and journaled. */
import { done, type MoveKind } from '../move-kind.js';

export const noop: MoveKind<'noop'> = {
  summary: (move) => (move.reason ? `noop · ${move.reason}` : 'noop'),
  execute: async () => done(),
};
