/**
 * Keeps objectives true whose owner died: they are told as blocked and not left active for ever. It runs nothing; whoever tries the
 * run again goes on with its objective. While nobody works on one there is nothing to look at.
 */
import type { Controller } from '../../kernel/controller.js';
import type { Disk } from '../../store/disk.js';
import { markedObjectives, objectiveOfMarker } from '../../store/objectives.js';
import { watchKeys } from '../../store/watch.js';
import { apply } from './apply.js';
import { observe } from './observe.js';
import { planObjective } from './plan.js';

/** A mark that is set is an event; the poll is for events that were lost, and nobody waits for what this controller does. */
const POLL_MS = 30_000;

export interface ObjectivesDeps {
  disk: Disk;
}

export function objectivesController({ disk }: ObjectivesDeps): Controller {
  return {
    name: 'objectives',
    async *keys(signal) {
      for await (const key of watchKeys(disk, ['live'], { pollMs: POLL_MS, signal })) {
        const id = objectiveOfMarker(key.replace(/^live\//, ''));
        if (id !== undefined) yield id;
        else if (key === 'live') yield* markedObjectives(disk);
      }
    },
    async reconcile(id, now) {
      const facts = observe(disk, id);
      const { step, outcome } = planObjective(facts, now);
      apply(disk, facts, step, now);
      return outcome;
    },
  };
}
