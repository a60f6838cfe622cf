/** Ends a run that nobody wants any more. Whoever publishes the end first wins; the processes of its steps are ended by us, whether or not a driver lives. */
import type { Disk } from '../../store/disk.js';
import { endRun, settleRun, stopSteps } from './finish.js';
import { lookAtRun, type RunLook } from './look.js';

/** A run that is over stays as it is. Resolves when no process of its steps is left. */
export async function cancelRun(disk: Disk, id: string, reason: string): Promise<RunLook> {
  const before = lookAtRun(disk, id, 'cancel');
  if (before.end.state !== 'absent') {
    settleRun(disk, before.run);
    return lookAtRun(disk, id, 'cancel');
  }
  endRun(disk, before.run, { status: 'cancelled', error: reason });
  // Looked at again: a driver may have started a step in the moment before the end.
  await stopSteps(lookAtRun(disk, id, 'cancel'));
  return lookAtRun(disk, id, 'cancel');
}
