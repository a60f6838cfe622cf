/**
 * Runs timed loops when they are due. Key: the id of a loop. Attempts run in the background, inside lanes, as children of the
 * pulse; at its end they are aborted and recorded. While nothing is due nothing is written and no process is started.
 */
import { monotonicMs } from '../../host/clock.js';
import type { Controller } from '../../kernel/controller.js';
import { keyFeed } from '../../kernel/key-feed.js';
import { resolveKnobs } from '../../model/knobs.js';
import { type AttemptDeps, attemptDeps } from '../../runs/attempt-deps.js';
import { rawConfig } from '../../runs/day-money.js';
import { loopOfAsk } from '../../runs/loop-asks.js';
import type { RunDeps } from '../../runs/performer.js';
import { askForRoom } from '../../runs/room-ask.js';
import type { Disk } from '../../store/disk.js';
import { liveAttempts, refOf } from '../../store/live.js';
import { loopIds } from '../../store/loops.js';
import { watchKeys } from '../../store/watch.js';
import { apply } from './apply.js';
import { makeLanes } from './lanes.js';
import { observe } from './observe.js';
import { planLoop } from './plan.js';

/** Whoever changes a loop touches its directory, which is an event; the poll is for events that were lost. */
const POLL_MS = 5_000;
/** A spec that was edited in place moves no directory's time. Its event comes at once; if that is lost, this look finds it. */
const SPEC_LOOK_MS = 60_000;
/** Every loop, whatever its files say: nothing is known that this would find, and it costs nothing. */
const WHOLE_LOOK_MS = 600_000;

export interface SchedulesDeps extends RunDeps {
  /** Aborts what runs, at once. */
  abort: AbortSignal;
}

export function schedulesController(given: SchedulesDeps, deps: AttemptDeps = attemptDeps(given, 'pulse')): Controller {
  const feed = keyFeed();
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, given.abort]);
  const underWay = new Set<Promise<unknown>>();
  const lanes = makeLanes(() => laneSizes(given));
  let isShort = false;
  return {
    name: 'schedules',
    async *keys(finish) {
      yield* feed.keys(finish, (signal) => watch(deps, feed.add, signal));
      // The manager waits for this list to end: what runs is aborted, recorded as cancelled, and gone before we are.
      ended.abort();
      await Promise.allSettled(underWay);
    },
    async reconcile(id, now) {
      const facts = await observe(deps, lanes, { id, now });
      const { step, outcome } = planLoop(facts, now);
      await apply(deps, { lanes, underWay, signal, wake: feed.add }, { id, step });
      if (step.do === 'start' && isShort) await askForRoom(deps, false);
      isShort = step.do === 'ask-for-room' || (isShort && step.do !== 'start');
      return outcome;
    },
  };
}

function laneSizes({ env, profile }: RunDeps): { command: number; agent: number } {
  const knobs = resolveKnobs(env, rawConfig(profile.configPath)).knobs;
  return { command: knobs.commandLanes, agent: knobs.agentLanes };
}

const SPEC = /^schedules\/([0-9a-f]{12})(?:\/|$)/;

/** Every loop at the start; then those about which a file says something new, and now and then all of them. */
async function watch(deps: AttemptDeps, add: (id: string) => void, signal: AbortSignal): Promise<void> {
  const { disk } = deps;
  const look = changedLoops(deps);
  for await (const key of watchKeys(disk, ['schedules/*', 'live', 'answers'], { pollMs: POLL_MS, signal })) {
    const id = SPEC.exec(key)?.[1] ?? refOf(key.replace(/^live\//, ''))?.loop;
    const asked = /^answers\/(loops-\d+)\.md$/.exec(key)?.[1];
    if (id !== undefined) add(id);
    else if (asked !== undefined) {
      const about = await loopOfAsk(disk, asked);
      if (about !== undefined) add(about);
    } else if (key === 'schedules') for (const changed of look()) add(changed);
  }
}

/** What the poll finds: one look at a directory's time for each loop, so that hundreds of idle ones cost next to nothing. */
function changedLoops({ disk, zone }: AttemptDeps): () => string[] {
  const seen = new Map<string, { state: string; spec: string }>();
  let [wholeAt, specsAt, inZone] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, ''];
  return () => {
    const at = monotonicMs();
    // Planned times of a cron loop are others in another zone. To ask for it costs as much as fifty looks at a directory.
    const zoneNow = zone();
    const isWhole = at - wholeAt >= WHOLE_LOOK_MS || zoneNow !== inZone;
    const areSpecs = isWhole || at - specsAt >= SPEC_LOOK_MS;
    if (isWhole) [wholeAt, inZone] = [at, zoneNow];
    if (areSpecs) specsAt = at;
    const here = new Set(loopIds(disk));
    // One that is gone is looked at once more, for its asks.
    const found = new Set([...seen.keys()].filter((id) => !here.has(id)));
    for (const id of found) seen.delete(id);
    // One that was removed before we began may have attempts whose end nobody has told yet.
    if (isWhole) for (const { loop } of liveAttempts(disk)) found.add(loop);
    for (const id of here) {
      const before = seen.get(id);
      const state = changedAt(disk, `schedules/${id}/state`);
      const spec = before && !areSpecs ? before.spec : changedAt(disk, `schedules/${id}/spec.json`);
      if (isWhole || before?.state !== state || before.spec !== spec) found.add(id);
      seen.set(id, { state, spec });
    }
    return [...found];
  };
}

function changedAt(disk: Disk, key: string): string {
  const stat = disk.stat(key);
  return stat.state === 'present' ? `${stat.mtimeMs}` : stat.state;
}
