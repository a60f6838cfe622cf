/** Files of one unfinished workflow run → facts. Reads only, and looks whether processes live. */
import type { Instant } from '../../model/instant.js';
import { LOOP_DEFAULTS } from '../../model/loop.js';
import type { Owner } from '../../model/workflow-run.js';
import { askState } from '../../runs/workflow/ask-step.js';
import { stepStates } from '../../runs/workflow/derive.js';
import { lookAt, type RunLook } from '../../runs/workflow/look.js';
import { nextSteps } from '../../runs/workflow/order.js';
import type { OwnerLife } from '../../runs/workflow/own.js';
import { liveStep } from '../../runs/workflow/void-dead.js';
import type { Disk } from '../../store/disk.js';
import { markedAt, readRun } from '../../store/workflow-runs.js';

export type FlowFacts =
  /** Nothing is marked as unfinished under this id. */
  | { state: 'none' }
  /** A marker without a run: somebody died, or is between the two. */
  | { state: 'no-run'; markedAt: Instant }
  | { state: 'unreadable'; reason: string }
  | { state: 'over' }
  | {
      state: 'open';
      begunAt: Instant;
      driver: OwnerLife['state'];
      /** Who drove it last. */
      by: Owner['kind'] | undefined;
      /** Steps that wait for a human, with what their asks have come to. */
      asks: ('open' | 'ended' | 'unknown')[];
      /** When the first ask gives up. */
      until?: Instant;
      /** A process of a step that its driver left; `over`: when it has had its time. Looked at only where it matters. */
      stray?: { step: string; pid: number; over: Instant };
      /** A step runs by its files, may be started or passed over, or the run is to be ended. */
      hasWork: boolean;
    };

/** What a step may take beyond its own timeout before it counts as hung (loops spec 5.8). */
const OVERTIME_MS = 60_000;

export async function observe(disk: Disk, id: string): Promise<FlowFacts> {
  const marked = markedAt(disk, id);
  if (marked === undefined) return { state: 'none' };
  const run = readRun(disk, id);
  if (run.state === 'absent') return { state: 'no-run', markedAt: marked };
  if (run.state !== 'present') return { state: 'unreadable', reason: run.reason };
  const look = lookAt(disk, run.value);
  if (look.end.state !== 'absent') return { state: 'over' };
  return openFacts(disk, look);
}

/** Something else than waiting for a human. */
function isAnythingToDo({ run, steps }: RunLook): boolean {
  const next = nextSteps(run.workflow, stepStates(steps));
  const isLeft = steps.some(({ status }) => status === 'running');
  return isLeft || next.end !== undefined || next.start.length + next.skip.length + next.withdraw.length > 0;
}

async function openFacts(disk: Disk, look: RunLook): Promise<FlowFacts> {
  const { owner, steps, run } = look;
  const waiting = steps.filter(({ status }) => status === 'waiting');
  const asks = await Promise.all(waiting.map(({ ask }) => (ask === undefined ? 'unknown' : askState(disk, ask))));
  const times = waiting.flatMap((view) => {
    const step = run.workflow.steps[view.index];
    const timeoutMs = step?.timeoutMs ?? step?.target.timeoutMs;
    return timeoutMs === undefined ? [] : [Date.parse(view.startedAt ?? run.startedAt) + timeoutMs];
  });
  const isOurs =
    (owner.owner?.kind === 'pulse' || waiting.length > 0) && (owner.state === 'dead' || owner.state === 'ended');
  const stray = isOurs ? liveStep(steps) : undefined;
  const view = steps.find(({ id }) => id === stray?.id);
  const step = run.workflow.steps[view?.index ?? -1];
  const limitMs = step?.timeoutMs ?? step?.target.timeoutMs ?? LOOP_DEFAULTS.timeoutMs;
  return {
    state: 'open',
    begunAt: Date.parse(run.startedAt),
    driver: owner.state,
    by: owner.owner?.kind,
    asks,
    ...(times.length > 0 ? { until: Math.min(...times) } : {}),
    ...(stray
      ? {
          stray: {
            step: stray.id,
            pid: stray.pid,
            over: Date.parse(view?.startedAt ?? run.startedAt) + limitMs + OVERTIME_MS,
          },
        }
      : {}),
    hasWork: isAnythingToDo(look),
  };
}
