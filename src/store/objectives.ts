/**
 * `objectives/<id>/{goal.json,nodes.json,events.ndjson}`, and `objectives/names/<run>.<n>`, by which the same run of the same step
 * comes back to the same objective. One run writes an objective at a time: each write compares with what its writer knows, so a
 * run that was overtaken is refused at its next step.
 */

import * as z from 'zod/mini';
import { hash32 } from '../lib/hash.js';
import { isSortableId, sortableId } from '../lib/sortable-id.js';
import { refused, type TendError } from '../model/error.js';
import type { Instant } from '../model/instant.js';
import {
  type Objective,
  type ObjectiveEvent,
  type ObjectivePlan,
  objectiveEventSchema,
  objectivePlanSchema,
  objectiveSchema,
} from '../model/objective.js';
import { FORMAT } from '../model/record.js';
import { jsonRecord, jsonRow, type Loaded, parseRows, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { cannotRead } from './unreadable.js';

const ROOT = 'objectives';
export const objectiveDir = (id: string): string => `${ROOT}/${id}`;
export const objectiveKey = (id: string): string => `${objectiveDir(id)}/goal.json`;
export const planKey = (id: string): string => `${objectiveDir(id)}/nodes.json`;
const eventsKey = (id: string): string => `${objectiveDir(id)}/events.ndjson`;
const nameOf = (run: string, n: number): string => `${hash32(run)}.${n}`;
const nameKey = (run: string, n: number): string => `${ROOT}/names/${nameOf(run, n)}`;

/** Whether a word can be the id of an objective. */
export const isObjectiveId = isSortableId;

const MARKER = /^objective\.(.+)$/;
const markerKey = (id: string): string => `live/objective.${id}`;

/** Before anything of it is written: what somebody works on is listed in `live/`, never found by a scan. Made already is fine. */
export const markObjective = (disk: Disk, id: string): boolean => disk.publish(markerKey(id), '');
/** After everything: nobody works on it. */
export const unmarkObjective = (disk: Disk, id: string): void => disk.remove(markerKey(id));
/** Since when it is marked, milliseconds; undefined when it is not. */
export function objectiveMarkedAt(disk: Disk, id: string): number | undefined {
  const stat = disk.stat(markerKey(id));
  return stat.state === 'present' ? stat.mtimeMs : undefined;
}
/** The objective that a name in `live/` marks. */
export const objectiveOfMarker = (name: string): string | undefined => {
  const id = MARKER.exec(name)?.[1];
  return id !== undefined && isObjectiveId(id) ? id : undefined;
};
/** Every marked objective. */
export function markedObjectives(disk: Disk): string[] {
  const listed = disk.list('live');
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable') throw cannotRead(disk, 'list "live"', { key: 'live', reason: listed.reason });
  return listed.names.map(objectiveOfMarker).filter((id) => id !== undefined);
}

const nameSchema = z.object({
  format: z.number(),
  id: z.string(),
  previousGoalId: z.optional(z.string()),
  createdAt: z.string(),
});
/** `file`: the name itself; `n`: how many the run has had with this one. */
export type ObjectiveName = z.infer<typeof nameSchema> & { file: string; n: number };

/** More would be a run that makes objectives without end; the loop's attempts are far fewer. */
const NAMES_MAX = 10_000;

/** Which objective `run` has now, and the how manyth it is; undefined: none yet. A name that cannot be read is never passed over. */
export function currentName(disk: Disk, run: string): ObjectiveName | undefined {
  let last: ObjectiveName | undefined;
  for (let n = 1; n <= NAMES_MAX; n++) {
    const read = readJson(disk, nameKey(run, n), nameSchema);
    if (read.state === 'absent') return last;
    if (read.state !== 'present')
      throw cannotRead(disk, 'tell which objective a run has', { key: nameKey(run, n), reason: read.reason });
    last = { ...read.value, file: nameOf(run, n), n };
  }
  return last;
}

/** The next objective of `run` behind `after`; of many callers one makes it, and all get the same. */
export function claimName(disk: Disk, run: string, after: ObjectiveName | undefined, now: Instant): ObjectiveName {
  const n = (after?.n ?? 0) + 1;
  const name = {
    format: FORMAT,
    id: sortableId(now),
    ...(after === undefined ? {} : { previousGoalId: after.id }),
    createdAt: new Date(now).toISOString(),
  };
  if (disk.publish(nameKey(run, n), jsonRecord(name))) return { ...name, file: nameOf(run, n), n };
  const others = readJson(disk, nameKey(run, n), nameSchema);
  if (others.state === 'present') return { ...others.value, file: nameOf(run, n), n };
  throw cannotRead(disk, 'tell which objective a run has', {
    key: nameKey(run, n),
    reason: others.state === 'absent' ? 'it was there a moment ago' : others.reason,
  });
}

export const readObjective = (disk: Disk, id: string): Loaded<Objective> =>
  readJson(disk, objectiveKey(id), objectiveSchema);
export const readPlan = (disk: Disk, id: string): Loaded<ObjectivePlan> =>
  readJson(disk, planKey(id), objectivePlanSchema);

/** Text of a record as it is stored. */
export const objectiveText = (objective: Objective): string => jsonRecord(objective);

/** Makes the record; false when it is there. */
export const publishObjective = (disk: Disk, objective: Objective): boolean =>
  disk.publish(objectiveKey(objective.id), objectiveText(objective));

/** Stores the plan, which is never made anew; throws when another run has stored one. Returns the text that stands now. */
export function publishPlan(disk: Disk, id: string, plan: ObjectivePlan): string {
  const text = jsonRecord(plan);
  if (!disk.publish(planKey(id), text)) throw overtaken(id);
  return text;
}

/** Replaces what `before` is; throws when another run has taken the objective over. Returns the text that stands now. */
export function replaceObjective(disk: Disk, before: string, next: Objective): string {
  const text = objectiveText(next);
  if (text !== before && !disk.replaceIfEqual(objectiveKey(next.id), before, text)) throw overtaken(next.id);
  return text;
}

/** The same for the plan. */
export function replacePlan(disk: Disk, id: string, before: string, next: ObjectivePlan): string {
  const text = jsonRecord(next);
  if (text !== before && !disk.replaceIfEqual(planKey(id), before, text)) throw overtaken(id);
  return text;
}

const overtaken = (id: string): TendError =>
  refused(
    'overtaken',
    `Cannot go on with objective "${id}": another run has taken it over`,
    `tend loops goal show ${id}`,
  );

export const appendEvent = (disk: Disk, id: string, event: Omit<ObjectiveEvent, 'format'>): void =>
  disk.append(eventsKey(id), jsonRow(event));

/** Events of one objective with raw answers and evidence come to this at most: some thousand turns. */
const EVENTS_BYTES_MAX = 64 * 1024 * 1024;

/** Oldest first; lines that are none are counted. */
export function readEvents(disk: Disk, id: string): { rows: ObjectiveEvent[]; bad: number } {
  const read = disk.read(eventsKey(id), EVENTS_BYTES_MAX);
  if (read.state === 'absent') return { rows: [], bad: 0 };
  if (read.state === 'unreadable')
    throw cannotRead(disk, `read the events of objective "${id}"`, { key: eventsKey(id), reason: read.reason });
  return parseRows(read.text, objectiveEventSchema);
}

/** Ids of all objectives, newest first. */
export function objectiveIds(disk: Disk): string[] {
  const listed = disk.list(ROOT);
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable') throw cannotRead(disk, 'list objectives', { key: ROOT, reason: listed.reason });
  return listed.names.filter(isObjectiveId).reverse();
}

/** The newest objective that `fits`, undefined when there is none. Records that cannot be read are passed over: they are told by name elsewhere. */
export function newestObjective(disk: Disk, fits: (objective: Objective) => boolean): Objective | undefined {
  for (const id of objectiveIds(disk)) {
    const read = readObjective(disk, id);
    if (read.state === 'present' && fits(read.value)) return read.value;
  }
  return undefined;
}

/** Removes an objective that nobody comes back to: the name first, so that no run is led to what is gone. */
export function removeObjective(disk: Disk, id: string): void {
  const read = readObjective(disk, id);
  if (read.state === 'present') disk.remove(`${ROOT}/names/${read.value.name}`);
  disk.removeTree(objectiveDir(id));
}
