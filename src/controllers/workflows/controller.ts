/**
 * Goes on with workflow runs that waited for a human, and with those of its own that a dead pulse left. Key: the id of an
 * unfinished run. A run by hand or of a loop's attempt is theirs while they live. While nothing is unfinished, nothing is read but one directory.
 */
import { monotonicMs } from '../../host/clock.js';
import type { Controller } from '../../kernel/controller.js';
import { keyFeed } from '../../kernel/key-feed.js';
import { resolveKnobs } from '../../model/knobs.js';
import { later } from '../../model/outcome.js';
import type { RunDeps } from '../../runs/performer.js';
import { loadConfig } from '../../store/config.js';
import { dirStamps } from '../../store/dir-stamp.js';
import type { Disk } from '../../store/disk.js';
import { watchKeys } from '../../store/watch.js';
import { liveWorkflowRuns } from '../../store/workflow-runs.js';
import { apply, type Running } from './apply.js';
import { observe } from './observe.js';
import { planFlow } from './plan.js';

export interface WorkflowsDeps extends RunDeps {
  /** Aborts what runs, at once. */
  abort: AbortSignal;
}

/** An answer that was edited in place moves no directory's time. */
const WHOLE_LOOK_MS = 60_000;
/** Between two looks for a free place. */
const PLACE_MS = 1_000;

export function workflowsController(deps: WorkflowsDeps): Controller {
  const feed = keyFeed();
  const ended = new AbortController();
  const running: Running = {
    underWay: new Map(),
    signal: AbortSignal.any([ended.signal, deps.abort]),
    places: () => placesOf(deps),
    wake: feed.add,
  };
  return {
    name: 'workflows',
    async *keys(finish) {
      yield* feed.keys(finish, (signal) => watch(deps.disk, feed.add, signal));
      // The manager waits for this list to end: what runs is stopped, and goes on with the next pulse.
      ended.abort();
      await Promise.allSettled(running.underWay.values());
    },
    async reconcile(id, now) {
      const { step, outcome } = planFlow(await observe(deps.disk, id), now);
      const hasPlace = await apply(deps, running, { id, step });
      return hasPlace ? outcome : later(now + PLACE_MS, 'a free place among the runs that go on');
    },
  };
}

/** As many as there are lanes for agents and workflows. */
function placesOf({ env, profile }: RunDeps): number {
  try {
    return resolveKnobs(env, loadConfig(profile.configPath).raw).knobs.agentLanes;
  } catch {
    // A broken config must not keep an approved run from going on; whoever needs it itself says what is wrong with it.
    return resolveKnobs(env, {}).knobs.agentLanes;
  }
}

/** Marks and answers are events; the poll is for those that were lost. */
const POLL_MS = 10_000;
const DIRS = ['live', 'answers'] as const;
const MARKER = /^live\/workflow\.(.+)$/;

/** Every unfinished run at the start, and again when something was marked, answered, or ended by others. */
async function watch(disk: Disk, add: (id: string) => void, signal: AbortSignal): Promise<void> {
  const stampNow = dirStamps(disk, () => DIRS);
  let looked: { stamp: string; at: number } | undefined;
  // Of these we have spoken: one whose mark is gone (cancelled, or ended by others) is looked at once more, or it would be said to wait for ever.
  let known = new Set<string>();
  for await (const key of watchKeys(disk, DIRS, { pollMs: POLL_MS, signal })) {
    const id = MARKER.exec(key)?.[1];
    if (id !== undefined && (known.has(id) || disk.stat(key).state === 'present')) {
      known.add(id);
      add(id);
    }
    const isAnswer = /^answers\/workflow-\d+\.md$/.test(key);
    if (!isAnswer && !(DIRS as readonly string[]).includes(key)) continue;
    const stamp = stampNow();
    if (!isAnswer && stamp === looked?.stamp && monotonicMs() - looked.at < WHOLE_LOOK_MS) continue;
    looked = { stamp, at: monotonicMs() };
    const unfinished = liveWorkflowRuns(disk);
    for (const one of new Set([...known, ...unfinished])) add(one);
    known = new Set(unfinished);
  }
}
