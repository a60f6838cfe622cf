/**
 * Raises a question of the decider. The same question that is still pending is not asked twice; nor is one that was raised, and perhaps
 * answered, before somebody died in it.
 */
import { type Instant, unixSeconds } from '../../model/instant.js';
import { idsIn, raiseAsk, readArchivedAsk, readAsk, readMailbox } from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { done, type MoveKind } from '../move-kind.js';

export const askHuman: MoveKind<'ask_human'> = {
  summary: () => 'ask-human',
  execute: async ({ deps, at, repeated }, move) => {
    const raised = repeated ? await raisedBefore(deps.disk, move.prompt, at) : undefined;
    if (raised !== undefined) return done(raised);
    const { pending } = await readMailbox(deps.disk);
    const asked = pending.find((ask) => ask.worker === 'pulse' && ask.prompt === move.prompt.replace(/\n$/, ''));
    if (asked) return done(`${asked.id}, asked already`);
    const { action: _action, urgency = 'normal', ...rest } = move;
    return done(raiseAsk(deps.disk, { ...rest, worker: 'pulse', kind: 'question', urgency }, at).id);
  },
};

/** Id of the pulse's ask with this prompt that was raised when the move was decided, wherever it lies by now. */
async function raisedBefore(disk: Disk, prompt: string, at: Instant): Promise<string | undefined> {
  for (const [dir, read] of [
    ['asks', readAsk],
    ['asks/archive', readArchivedAsk],
  ] as const) {
    for (const id of idsIn(disk, dir).filter((name) => /^pulse-\d+$/.test(name))) {
      const ask = await read(disk, id);
      const isIt = ask.state === 'present' && ask.value.ts === unixSeconds(at);
      if (isIt && ask.value.prompt === prompt.replace(/\n$/, '')) return id;
    }
  }
  return undefined;
}
