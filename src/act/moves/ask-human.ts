/** Raises a question of the decider. The same question that is still pending is not asked twice. */
import { raiseAsk, readMailbox } from '../../store/asks.js';
import { done, type MoveKind } from '../move-kind.js';

export const askHuman: MoveKind<'ask_human'> = {
  summary: () => 'ask-human',
  execute: async ({ deps, at }, move) => {
    const { pending } = await readMailbox(deps.disk);
    const asked = pending.find((ask) => ask.worker === 'pulse' && ask.prompt === move.prompt.replace(/\n$/, ''));
    if (asked) return done(`${asked.id}, asked already`);
    const { action: _action, urgency = 'normal', ...rest } = move;
    return done(raiseAsk(deps.disk, { ...rest, worker: 'pulse', kind: 'question', urgency }, at).id);
  },
};
