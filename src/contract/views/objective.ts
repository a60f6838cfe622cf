/** An objective as verbs print it: evidence and raw answers are only counted unless they are asked for. */
import { clip } from '../../lib/clip.js';
import { redacted } from '../../lib/redacted.js';
import type { Objective } from '../../model/objective.js';
import { publicEvent, publicGoal, publicNodes } from '../../runs/objective/public.js';
import type { Disk } from '../../store/disk.js';
import { planKey, readEvents, readPlan } from '../../store/objectives.js';
import { cannotRead } from '../../store/unreadable.js';
import { inLine } from './loops.js';

/** What is shown of the words of a goal (loops spec 3.4). */
const OBJECTIVE_CHARS = 120;

export const shortObjective = (text: string): string => clip(inLine(text), OBJECTIVE_CHARS);

export interface ObjectiveView {
  goal: Record<string, unknown>;
  nodes: Record<string, unknown>[];
  /** Its history, oldest first. */
  runs: Record<string, unknown>[];
}

/** Throws when a record of it cannot be read; a damaged plan shows as no nodes, and the goal says why when it ended. */
export function objectiveView(
  disk: Disk,
  objective: Objective,
  { showOutput }: { showOutput: boolean },
): ObjectiveView {
  const plan = readPlan(disk, objective.id);
  if (plan.state === 'unreadable' || plan.state === 'newer')
    throw cannotRead(disk, `show goal "${objective.id}"`, { key: planKey(objective.id), reason: plan.reason });
  const nodes = publicNodes(objective, plan.state === 'present' ? plan.value : undefined);
  const events = readEvents(disk, objective.id).rows.map((event) => publicEvent(objective, event));
  return {
    goal: { ...publicGoal(objective), objective: clip(objective.config.objective, OBJECTIVE_CHARS) },
    nodes,
    runs: showOutput ? events : events.map(hidden),
  };
}

const HIDDEN = ['evidence', 'rawResponse'] as const;

function hidden(event: Record<string, unknown>): Record<string, unknown> {
  const shown = HIDDEN.filter((key) => event[key] !== undefined).map((key) => {
    const value = event[key];
    return [key, redacted(typeof value === 'string' ? value : JSON.stringify(value))] as const;
  });
  return { ...event, ...Object.fromEntries(shown) };
}
