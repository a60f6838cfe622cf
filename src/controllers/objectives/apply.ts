/** Steps → effects. Each compares with what was seen, so a run that takes the objective over at the same time goes before. */
import { TendError } from '../../model/error.js';
import { type Instant, localDay, unixSeconds } from '../../model/instant.js';
import type { Objective } from '../../model/objective.js';
import { objectiveRow } from '../../runs/objective/ledger-row.js';
import { reopenedNodes } from '../../runs/objective/turn.js';
import type { Disk } from '../../store/disk.js';
import { logEvent } from '../../store/events.js';
import {
  appendEvent,
  readEvents,
  readPlan,
  replaceObjective,
  replacePlan,
  unmarkObjective,
} from '../../store/objectives.js';
import { recordRun, runRef } from '../../store/runs.js';
import type { ObjectiveFacts } from './observe.js';
import type { Step } from './plan.js';

/** Of the files alone; `go-on` is going-on.ts. */
export function apply(disk: Disk, facts: ObjectiveFacts, step: Exclude<Step, { do: 'go-on' }>, now: Instant): void {
  if (step.do === 'nothing') return;
  if (step.do === 'unmark') unmarkObjective(disk, facts.id);
  if (step.do === 'unmark' || facts.objective.state !== 'present') return;
  const { value, text } = facts.objective;
  try {
    if (step.do === 'give-up') giveUp(disk, { value, text, reason: step.reason }, now);
    else tell(disk, { value, text }, now);
  } catch (error) {
    // Somebody works on it again: it is theirs.
    if (!(error instanceof TendError && error.code === 'overtaken')) throw error;
  }
}

/** The record last: a death before it leaves facts that plan the same again. */
function giveUp(
  disk: Disk,
  { value, text, reason }: { value: Objective; text: string; reason: string },
  now: Instant,
): void {
  const plan = readPlan(disk, value.id);
  if (plan.state === 'present')
    replacePlan(disk, value.id, plan.text, { ...plan.value, nodes: reopenedNodes(plan.value.nodes) });
  replaceObjective(disk, text, { ...value, status: 'blocked', reason, updatedAt: new Date(now).toISOString() });
}

/** Twice is harmless: of several rows of a run the last one counts. */
function tell(disk: Disk, { value, text }: { value: Objective; text: string }, now: Instant): void {
  const { id, status, reason, turn, createdAt } = value;
  const rows = readEvents(disk, id).rows;
  const seq = rows.reduce((greatest, event) => Math.max(greatest, event.seq), 0) + 1;
  const last = rows.at(-1);
  if (last?.phase !== 'status' || last.status !== status)
    appendEvent(disk, id, {
      seq,
      turn,
      phase: 'status',
      status,
      tokens: 0,
      at: new Date(now).toISOString(),
      ...(reason === undefined ? {} : { text: reason }),
    });
  recordRun(disk, runRef(localDay(Date.parse(createdAt)), id), objectiveRow(value, unixSeconds(now)));
  logEvent(disk, now, 'objective.ended', { objective: id, status, ...(reason === undefined ? {} : { reason }) });
  const { owner: _owner, ...free } = value;
  replaceObjective(disk, text, free);
  unmarkObjective(disk, id);
}
