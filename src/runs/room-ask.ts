/** The ask of timed loops and workflows while the disk is nearly full: one, recognised by its reference, so that nothing needs to be remembered. */
import type { Instant } from '../model/instant.js';
import { consumeAnswer, idsIn, raiseAsk, readAsk, recordAnswer } from '../store/asks.js';
import type { Disk } from '../store/disk.js';

export interface AskDeps {
  disk: Disk;
  now(): Instant;
}

/** Who asks; the ids are `loops-<n>`. */
export const LOOPS_ASKER = 'loops';
export const OURS = /^loops-\d+$/;
const DISK = 'loops-disk-full';

/** One ask while the disk is nearly full; it goes when there is room again. */
export async function askForRoom(deps: AskDeps, isNearlyFull: boolean): Promise<void> {
  const { disk, now } = deps;
  const pending: string[] = [];
  for (const ask of idsIn(disk, 'asks').filter((name) => OURS.test(name))) {
    const read = await readAsk(disk, ask);
    const isRoom = read.state === 'present' && read.value.reference === DISK;
    if (isRoom && disk.stat(`answers/${ask}.md`).state === 'absent') pending.push(ask);
  }
  if (!isNearlyFull) for (const ask of pending) expireAsk(deps, ask, 'there is room again');
  else if (pending.length === 0)
    raiseAsk(
      disk,
      {
        worker: LOOPS_ASKER,
        kind: 'escalation',
        urgency: 'high',
        reference: DISK,
        options: ['ok'],
        prompt: `No timed loop and no step of a workflow is started: less than 4 MiB are free where the data dir is.\n\n- look: \`df -h ${disk.root}\`\n- it goes on by itself when there is room`,
      },
      now(),
    );
}

/** Takes an ask off the human's desk: what it was about is over. */
export function expireAsk({ disk, now }: AskDeps, ask: string, why: string): void {
  const by = { by: 'tend', channel: 'pulse' };
  recordAnswer(disk, { id: ask, outcome: 'expired', answer: why, ...by }, now());
  consumeAnswer(disk, ask, LOOPS_ASKER, now());
}
