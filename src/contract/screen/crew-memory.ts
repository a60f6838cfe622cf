/**
 * The workers for a client that stays: a worker is read again when its directory moved, and asked again, a few at a time, whether
 * it lives. Of two hundred that do nothing a look costs two hundred times of directories and a handful of beacons.
 */
import { monotonicMs, now } from '../../host/clock.js';
import { askLife } from '../../host/worker-life.js';
import { messageOf } from '../../model/error.js';
import { unixSeconds } from '../../model/instant.js';
import type { WorkerView } from '../../model/worker.js';
import type { Disk } from '../../store/disk.js';
import { readWorkerView } from '../../store/fleet.js';
import { transcriptKey } from '../../store/transcripts.js';
import { workerIds } from '../../store/workers.js';
import type { FleetWorker } from '../views/fleet-screen.js';
import { movedAt } from './mailbox-memory.js';

/** Beacons that are asked at once, and how many living workers prove again in one look that they live. */
const AT_ONCE = 16;
const PROVED_PER_LOOK = 6;
/** A look that takes longer is shown in parts. */
const PART_MS = 300;
/** What a screen shows of the last output is minutes. */
const QUIET_STEP_S = 10;

interface Seen {
  moved: string;
  quietMs: number;
  /** Number of the look at which its life was asked last. */
  provedAt: number;
  worker: FleetWorker;
}

/** Asks that are pending: what makes a worker a waiting one. */
type Pending = readonly { worker: string; ts: number }[];

/**
 * Returns a look with a memory of its own; looks must not overlap. True when something that a screen shows has changed. `onPart`
 * is called between two groups, so that a large crew appears bit by bit. Throws when the directory cannot be listed.
 */
export function rememberCrew(disk: Disk, stuckS: number) {
  const seen = new Map<string, Seen>();
  let looks = 0;

  const quietMs = (id: string): number => {
    const stat = disk.stat(transcriptKey(id));
    return stat.state === 'present' ? stat.mtimeMs : 0;
  };
  const dirOf = (id: string): string => movedAt(disk.stat(`workers/${id}`));
  const isMoved = (id: string, asking: ReadonlySet<string>): boolean => {
    const one = seen.get(id);
    if (!one || dirOf(id) !== one.moved) return true;
    if (!one.worker.alive) return false;
    return asking.has(id) !== (one.worker.health === 'waiting-ask') || quietMs(id) - one.quietMs > QUIET_STEP_S * 1000;
  };
  /** True when the worker looks different now. */
  const lookAt = async (id: string, asks: Pending): Promise<boolean> => {
    // Times before what they are about: a change in between shows at the next look.
    const times = { moved: dirOf(id), quietMs: quietMs(id), provedAt: looks };
    const before = seen.get(id)?.worker;
    const worker = await read(disk, id, { stuckS, asks: asks.filter((ask) => ask.worker === id), before });
    if (worker) seen.set(id, { ...times, worker });
    else seen.delete(id);
    return JSON.stringify(worker) !== JSON.stringify(before);
  };

  return {
    crew: (): FleetWorker[] => [...seen.values()].map(({ worker }) => worker),
    async look(asks: Pending, onPart: () => void): Promise<boolean> {
      const from = monotonicMs();
      looks += 1;
      const ids = new Set(workerIds(disk));
      let isChanged = false;
      for (const id of seen.keys()) if (!ids.has(id)) isChanged = seen.delete(id) || isChanged;
      const asking = new Set(asks.map((ask) => ask.worker));
      const due = [...ids].filter((id) => isMoved(id, asking));
      const all = [...due, ...longestUnproved(seen, new Set(due))];
      for (let at = 0; at < all.length; at += AT_ONCE) {
        const parts = await Promise.all(all.slice(at, at + AT_ONCE).map((id) => lookAt(id, asks)));
        isChanged = parts.includes(true) || isChanged;
        if (isChanged && monotonicMs() - from > PART_MS) onPart();
        // Keys that were typed meanwhile come first.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return isChanged;
    },
  };
}

const longestUnproved = (seen: ReadonlyMap<string, Seen>, due: ReadonlySet<string>): string[] =>
  [...seen]
    .filter(([id, { worker }]) => worker.alive && !due.has(id))
    .sort(([, a], [, b]) => a.provedAt - b.provedAt)
    .slice(0, PROVED_PER_LOOK)
    .map(([id]) => id);

interface Terms {
  stuckS: number;
  asks: Pending;
  before: FleetWorker | undefined;
}

/** Undefined when there is no such worker. One that cannot be read keeps what was seen of it, with the reason. */
async function read(disk: Disk, id: string, { stuckS, asks, before }: Terms): Promise<FleetWorker | undefined> {
  try {
    const view = await readWorkerView(disk, id, { now: now(), stuckS, askLife, asks });
    return view && workerOf(view, before);
  } catch (error) {
    const { problem: _, ...known } = before ?? unseen(id);
    return { ...known, problem: messageOf(error) };
  }
}

function workerOf(view: WorkerView, before: FleetWorker | undefined): FleetWorker {
  const nowTs = unixSeconds(now());
  const quietTs = view.idle_s === null ? null : nowTs - view.idle_s;
  return {
    id: view.id,
    state: view.state,
    alive: view.alive,
    exitCode: view.exit_code,
    health: view.health,
    verify: view.verify,
    pendingTells: view.pending_tells,
    quietSinceTs: quietTs === null ? null : Math.floor(quietTs / QUIET_STEP_S) * QUIET_STEP_S,
    startedTs: steady(before?.startedTs, view.uptime_s === null ? null : nowTs - view.uptime_s),
    ...(view.place ? { place: view.place } : {}),
  };
}

/** An instant that is computed from an age in whole seconds wavers by one. */
const steady = (before: number | null | undefined, after: number | null): number | null =>
  typeof before === 'number' && after !== null && Math.abs(before - after) <= 2 ? before : after;

const unseen = (id: string): FleetWorker => ({
  id,
  state: 'pending',
  alive: false,
  exitCode: null,
  health: 'busy',
  verify: null,
  pendingTells: 0,
  quietSinceTs: null,
  startedTs: null,
});
