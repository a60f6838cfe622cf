/** Starting and stopping the pulse through its service, for `up`, `down` and `service install`. */
import { sleep } from '../../host/clock.js';
import type { Disk } from '../../store/disk.js';
import { pulseLife } from '../pulse-life.js';
import { lifeAfterEnding, logTail, rotateLog, type Started, seenAlive } from '../pulse-process.js';
import type { Manager } from './manager.js';
import type { ServicePlace } from './place.js';

export type StartedBy =
  | Started
  /** The manager answers, and refused. */
  | { state: 'refused'; words: string }
  | { state: 'unreachable'; words: string };

const LOOK_MS = 250;

/** Has the manager start the pulse and waits until it answers. Idempotent. */
export async function startByService(disk: Disk, manager: Manager, place: ServicePlace): Promise<StartedBy> {
  const before = await lifeAfterEnding(disk);
  if (before.isEnding) return { state: 'still-ending', pid: before.pid };
  if (before.state === 'alive' && before.pid !== null) return { state: 'already-running', pid: before.pid };
  rotateLog(disk);
  const said = await manager.start();
  if (said.state !== 'ok')
    return { state: said.state === 'failed' ? 'refused' : said.state, words: `${place.name}: ${said.words}` };
  const pid = await seenAlive(disk, before, async () => {
    // Each look is a process.
    await sleep(LOOK_MS);
    const running = await manager.look();
    return 'pid' in running && running.pid === null && !(await pulseLife(disk, 500)).alive;
  });
  return pid === undefined ? { state: 'not-seen', log: logTail(disk) } : { state: 'started', pid };
}
