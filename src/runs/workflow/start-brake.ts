/**
 * What keeps a driver from starting a step just now: a disk that is nearly full, and for an agent that nobody started by hand, the
 * money of the day. The run waits as it is, the pulse asks its human once for each limit, and the run goes on by itself. By hand the
 * step begins, and is refused in words (step-money.ts). Nothing is remembered on disk.
 */
import { monotonicMs, now } from '../../host/clock.js';
import { messageOf, TendError } from '../../model/error.js';
import type { Step } from '../../model/workflow.js';
import { limitAsker } from '../await-money.js';
import { dayLimit } from '../day-money.js';
import { diskRoom } from '../disk-room.js';
import { askForRoom } from '../room-ask.js';
import type { FlowDeps } from './flow-deps.js';

/** Between two looks at what holds a step back; the first look at each step is made at once. */
const LOOK_MS = 2_000;

/** May this step be started now? One for each driver. */
export function startBrake(deps: FlowDeps, run: string): (step: Step) => Promise<boolean> {
  const isFull = latch(
    () => diskRoom(deps.disk) === 'nearly-full' || undefined,
    async (full) => {
      if (full) deps.log('error', 'workflow.disk', `less than 4 MiB are free where the data dir is: ${run} waits`);
      // By hand there is somebody who reads the line above.
      if (deps.askForMoney) await askForRoom({ disk: deps.disk, now }, full === true);
    },
    deps,
  );
  const ask = limitAsker(deps, run);
  const isSpent = latch(
    async () => {
      const limit = dayLimit(deps, now());
      if (limit) await ask(limit);
      return limit;
    },
    async () => undefined,
    deps,
  );
  return async ({ target }) => !(await isFull()) && !(target.type === 'agent' && deps.askForMoney && (await isSpent()));
}

/** Looks anew at each call while nothing is in the way, else every `LOOK_MS`; `changed` is told of a beginning and of its end. */
function latch<T>(
  look: () => T | undefined | Promise<T | undefined>,
  changed: (found: T | undefined) => Promise<void>,
  deps: FlowDeps,
): () => Promise<boolean> {
  let since: number | undefined;
  return async () => {
    if (since !== undefined && monotonicMs() - since < LOOK_MS) return true;
    const found = await look();
    const was = since !== undefined;
    since = found === undefined ? undefined : monotonicMs();
    if (was === (since !== undefined)) return was;
    try {
      await changed(found);
    } catch (error) {
      if (!(error instanceof TendError) || error.code === 'fenced') throw error;
      deps.log('error', 'workflow.ask', `cannot ask the human: ${messageOf(error)}`);
    }
    return since !== undefined;
  };
}
