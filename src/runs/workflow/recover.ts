/** Makes a run that its driver left fit to go on: what succeeded stays, what is proven dead may start again. */
import { now } from '../../host/clock.js';
import { refused } from '../../model/error.js';
import type { Disk } from '../../store/disk.js';
import { settleRun } from './finish.js';
import { lookAtRun, type RunLook } from './look.js';
import { releaseRun, takeRun } from './own.js';
import { mendTelling, tell } from './tell.js';
import { liveStep, voidDead } from './void-dead.js';

export interface Recovered {
  look: RunLook;
  /** Ids of steps that may start again. */
  steps: string[];
}

/** Throws `still-alive` when its driver or a process of a step lives, and changes nothing then. Nothing to do on a run that is over. */
export function recoverRun(disk: Disk, id: string, reason: string): Recovered {
  const look = lookAtRun(disk, id, 'recover');
  if (look.end.state !== 'absent') {
    settleRun(disk, look.run);
    return { look: lookAtRun(disk, id, 'recover'), steps: [] };
  }
  const alive = liveStep(look.steps);
  if (alive) throw stillAlive(id, `step ${alive.id}`, alive.pid);
  // Who drove it before decides who goes on with it: the pulse by itself, a hand by hand.
  const mine = takeRun(disk, id, look.owner.owner?.kind ?? 'hand', now());
  if ('heldBy' in mine) throw stillAlive(id, 'the process that drives it', mine.heldBy.owner?.process.pid);
  try {
    const steps = lookAtRun(disk, id, 'recover').steps;
    mendTelling(disk, { run: look.run, steps }, now());
    const { voided, alive: late } = voidDead(disk, { run: look.run, steps }, reason);
    if (late) throw stillAlive(id, `step ${late.id}`, late.pid);
    if (voided.length > 0) tell(disk, id, { type: 'recovered', payload: { steps: voided, reason } }, now());
    return { look: lookAtRun(disk, id, 'recover'), steps: voided };
  } finally {
    releaseRun(disk, mine, 0, now());
  }
}

const stillAlive = (id: string, what: string, pid: number | undefined) =>
  refused(
    'still-alive',
    `Cannot recover workflow run "${id}": ${what} is still alive${pid === undefined ? '' : ` (pid ${pid})`}`,
    `tend workflows cancel ${id}`,
  );
