/**
 * Runs timed loops when they are due. Key: the id of a loop. Attempts run in the background, inside lanes, as children of the
 * pulse; at its end they are aborted and recorded. While nothing is due nothing is written and no process is started.
 */
import { monotonicMs } from '../../host/clock.js';
import type { Controller } from '../../kernel/controller.js';
import { keyFeed } from '../../kernel/key-feed.js';
import { resolveKnobs } from '../../model/knobs.js';
import { LIMITS } from '../../model/limits.js';
import { type AttemptDeps, attemptDeps } from '../../runs/attempt-deps.js';
import { askForRoom, loopOfAsk } from '../../runs/loop-asks.js';
import type { RunDeps } from '../../runs/performer.js';
import { loadConfig } from '../../store/config.js';
import { dirStamps } from '../../store/dir-stamp.js';
import { refOf } from '../../store/live.js';
import { loopIds } from '../../store/loops.js';
import { watchKeys } from '../../store/watch.js';
import { apply } from './apply.js';
import { makeLanes } from './lanes.js';
import { observe } from './observe.js';
import { planLoop } from './plan.js';

/** A spec that was edited in place moves no directory's time. Its event comes at once; if that is lost, this look finds it. */
const WHOLE_LOOK_MS = 60_000;

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
      void watch(deps, feed.add, finish);
      yield* feed.keys(finish);
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
  const knobs = resolveKnobs(env, configOf(profile.configPath)).knobs;
  return { command: knobs.commandLanes, agent: knobs.agentLanes };
}

function configOf(path: string): Readonly<Record<string, unknown>> {
  try {
    return loadConfig(path).raw;
  } catch {
    // A broken config must not keep loops from running; whoever needs it itself says what is wrong with it.
    return {};
  }
}

const SPEC = /^schedules\/([0-9a-f]{12})(?:\/|$)/;

/** Every loop at the start; then those about which a file says something new, and now and then all of them. */
async function watch(deps: AttemptDeps, add: (id: string) => void, signal: AbortSignal): Promise<void> {
  const { disk } = deps;
  const seen = new Map<string, string>();
  let wholeAt = Number.NEGATIVE_INFINITY;
  const stampOf = (id: string): string =>
    dirStamps(disk, () => [`schedules/${id}/spec.json`, `schedules/${id}/state`, `schedules/${id}`])();
  const addChanged = (): void => {
    const isWhole = monotonicMs() - wholeAt >= WHOLE_LOOK_MS;
    if (isWhole) wholeAt = monotonicMs();
    const ids = loopIds(disk);
    for (const id of ids) {
      const stamp = stampOf(id);
      if (isWhole || seen.get(id) !== stamp) add(id);
      seen.set(id, stamp);
    }
    const here = new Set(ids);
    for (const id of seen.keys()) {
      if (here.has(id)) continue;
      // Gone: looked at once more, for its asks.
      seen.delete(id);
      add(id);
    }
  };
  for await (const key of watchKeys(disk, ['schedules/*', 'live', 'answers'], { pollMs: LIMITS.pollMs, signal })) {
    const id = SPEC.exec(key)?.[1] ?? refOf(key.replace(/^live\//, ''))?.loop;
    const asked = /^answers\/(loops-\d+)\.md$/.exec(key)?.[1];
    if (id !== undefined) add(id);
    else if (asked !== undefined) {
      const about = await loopOfAsk(disk, asked);
      if (about !== undefined) add(about);
    } else if (key === 'schedules') addChanged();
  }
}
