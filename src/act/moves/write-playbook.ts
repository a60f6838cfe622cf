/** Replaces the PLAYBOOK; the version before is kept in history. A blank one never gets here: the move's schema refuses it. */
import { PLAYBOOK, writePolicy } from '../../store/policy.js';
import { done, type MoveKind } from '../move-kind.js';

export const writePlaybook: MoveKind<'write_playbook'> = {
  summary: () => 'write-playbook',
  target: (move) => ({ key: PLAYBOOK, wanted: move.body }),
  execute: async ({ deps, at }, move) => {
    writePolicy(deps.disk, PLAYBOOK, move.body, { now: at, keep: deps.knobs.historyKeep });
    return done();
  },
};
