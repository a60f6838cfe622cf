/** Replaces the PLAYBOOK; the version before is kept in history. A blank one never gets here: the move's schema refuses it. */
import { PLAYBOOK, versions, writePolicy } from '../../store/policy.js';
import { done, type MoveKind, undoable } from '../move-kind.js';

export const writePlaybook: MoveKind<'write_playbook'> = {
  summary: () => 'write-playbook',
  target: (move) => ({ key: PLAYBOOK, wanted: move.body }),
  execute: async ({ deps, at }, move) => {
    const before = versions(deps.disk, PLAYBOOK).at(-1)?.stamp;
    writePolicy(deps.disk, PLAYBOOK, move.body, { now: at, keep: deps.knobs.historyKeep });
    const kept = versions(deps.disk, PLAYBOOK).at(-1)?.stamp;
    return kept === undefined || kept === before ? done() : undoable(`tend history restore ${PLAYBOOK} ${kept}`);
  },
};
