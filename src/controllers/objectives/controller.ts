/**
 * Keeps objectives true whose owner died: they are told as blocked and not left active for ever; whoever tries the run again goes on.
 * One of a run by hand that had to wait for a human goes on here. While nobody works on one there is nothing to look at.
 */
import type { Controller } from '../../kernel/controller.js';
import { keyFeed } from '../../kernel/key-feed.js';
import type { RunDeps } from '../../runs/performer.js';
import type { Disk } from '../../store/disk.js';
import { markedObjectives, objectiveOfMarker } from '../../store/objectives.js';
import { watchKeys } from '../../store/watch.js';
import { apply } from './apply.js';
import { goingOn } from './going-on.js';
import { observe } from './observe.js';
import { planObjective } from './plan.js';

/** A mark that is set is an event; the poll is for events that were lost, and nobody waits for what this controller does. */
const POLL_MS = 30_000;

export interface ObjectivesDeps extends RunDeps {
  /** Aborts what runs, at once. */
  abort: AbortSignal;
}

export function objectivesController(deps: ObjectivesDeps): Controller {
  const { disk } = deps;
  const feed = keyFeed();
  const ended = new AbortController();
  const ours = goingOn(deps, AbortSignal.any([ended.signal, deps.abort]), feed.add);
  return {
    name: 'objectives',
    async *keys(finish) {
      yield* feed.keys(finish, (signal) => watch(disk, feed.add, signal));
      // The manager waits for this list to end: what runs is stopped, and goes on with the next pulse.
      ended.abort();
      await ours.ended();
    },
    async reconcile(id, now) {
      const facts = observe(disk, id);
      const { step, outcome } = planObjective(facts, now);
      if (step.do !== 'go-on') apply(disk, facts, step, now);
      else if (facts.objective.state === 'present') ours.begin(facts.objective.value);
      return outcome;
    },
  };
}

async function watch(disk: Disk, add: (id: string) => void, signal: AbortSignal): Promise<void> {
  for await (const key of watchKeys(disk, ['live'], { pollMs: POLL_MS, signal })) {
    const id = objectiveOfMarker(key.replace(/^live\//, ''));
    if (id !== undefined) add(id);
    else if (key === 'live') for (const marked of markedObjectives(disk)) add(marked);
  }
}
