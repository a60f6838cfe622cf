/** Asks of a throw-away profile as the product writes them, sealed where they must be. */
import type { Move } from '../../../src/model/move.js';
import { type AskDraft, raiseAsk } from '../../../src/store/asks.js';
import type { Disk } from '../../../src/store/disk.js';

export function raise(disk: Disk, prompt: string, more: Partial<AskDraft> & { ageS?: number } = {}): string {
  const { ageS = 0, ...head } = more;
  const draft: AskDraft = { worker: 'web', kind: 'question', urgency: 'normal', prompt, ...head };
  return raiseAsk(disk, draft, Date.now() - ageS * 1000).id;
}

export function approval(
  disk: Disk,
  cmd: string,
  more: { ageS?: number; reason?: string; prompt?: string } = {},
): string {
  const move: Move = { action: 'run_shell', cmd };
  const proposal = {
    move,
    digest: 'd'.repeat(64),
    world: 'w'.repeat(32),
    ...(more.reason === undefined ? {} : { reason: more.reason }),
  };
  return raise(disk, more.prompt ?? 'This cannot be undone.', {
    worker: 'gate',
    kind: 'approval',
    proposal,
    ...(more.ageS === undefined ? {} : { ageS: more.ageS }),
  });
}
