/**
 * A step that asks a human. It is an ask in the mailbox under the name `workflow` and holds no process: whoever drives the run
 * looks whether the ask has ended. The answer is consumed first, so that it stands, and becomes the step's result after that; a
 * death between the two leaves an answer that is read again.
 */

import type { Answer } from '../../model/ask.js';
import type { Instant } from '../../model/instant.js';
import type { AskTarget, Step } from '../../model/workflow.js';
import type { WorkflowRun } from '../../model/workflow-run.js';
import {
  consumeAnswer,
  idsIn,
  raiseAsk,
  readAnswer,
  readArchivedAnswer,
  readArchivedAsk,
  readAsk,
  recordAnswer,
} from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { publishStepAsk, type StepAt, workflowRunRef } from '../../store/workflow-runs.js';

/** Who asks. Only tend may raise asks under this name: they carry a seal, and so do their answers. */
export const ASKER = 'workflow';

/** Makes sure that start `at` of the step has its ask, also when a dead owner had raised it and not noted it. Returns its id. */
export async function ensureStepAsk(
  disk: Disk,
  run: WorkflowRun,
  { step, at }: { step: Step; at: StepAt },
  now: Instant,
): Promise<string> {
  const target = step.target as AskTarget;
  const reference = `${workflowRunRef(run.id)?.dir}/steps/${String(at.step).padStart(2, '0')}/s${at.n}.start`;
  const known = await raisedAs(disk, reference);
  if (known !== undefined) {
    publishStepAsk(disk, at, known, now);
    return known;
  }
  const ask = raiseAsk(
    disk,
    {
      worker: ASKER,
      kind: 'question',
      urgency: 'normal',
      prompt: `${target.prompt}\n\n(step "${step.id}" of workflow "${run.workflow.name}", run ${run.id})`,
      reference,
      ...(target.options ? { options: target.options } : {}),
    },
    now,
  );
  publishStepAsk(disk, at, ask.id, now);
  return ask.id;
}

async function raisedAs(disk: Disk, reference: string): Promise<string | undefined> {
  for (const [dir, read] of [
    ['asks', readAsk],
    ['asks/archive', readArchivedAsk],
  ] as const)
    for (const id of idsIn(disk, dir).filter((name) => name.startsWith(`${ASKER}-`))) {
      const ask = await read(disk, id);
      if (ask.state === 'present' && ask.value.reference === reference) return id;
    }
  return undefined;
}

export type StepAnswer =
  /** `until`: when it gives up, milliseconds. */
  | { state: 'waiting'; until?: Instant }
  /** Neither ask nor answer is anywhere: somebody took the file away. */
  | { state: 'gone' }
  | { state: 'over'; status: 'succeeded' | 'failed' | 'timed_out'; stdout: string; error?: string };

/** Looks whether the ask has ended, and ends it when its time is over. `startedAt` in milliseconds. */
export async function stepAnswer(
  disk: Disk,
  { step, ask, startedAt }: { step: Step; ask: string; startedAt: Instant },
  now: Instant,
): Promise<StepAnswer> {
  const target = step.target as AskTarget;
  const timeoutMs = step.timeoutMs ?? target.timeoutMs;
  const until = timeoutMs === undefined ? undefined : startedAt + timeoutMs;
  if ((await answerOf(disk, ask)) === undefined) {
    if (until !== undefined && now >= until)
      recordAnswer(
        disk,
        { id: ask, outcome: 'expired', answer: `timed out after ${timeoutMs}ms`, by: 'tend', channel: 'pulse' },
        now,
      );
    else {
      return (await askState(disk, ask)) !== 'unknown'
        ? { state: 'waiting', ...(until === undefined ? {} : { until }) }
        : { state: 'gone' };
    }
  }
  consumeAnswer(disk, ask, ASKER, now);
  const answer = await answerOf(disk, ask);
  if (!answer) return { state: 'waiting' };
  return judged(target, answer, timeoutMs);
}

/** The end of the ask, also when the mailbox has put it away by now. */
async function answerOf(disk: Disk, ask: string): Promise<Answer | undefined> {
  for (const read of [readAnswer, readArchivedAnswer]) {
    const answer = await read(disk, ask);
    if (answer.state === 'present') return answer.value;
  }
  return undefined;
}

function judged({ proceedOn }: AskTarget, answer: Answer, timeoutMs: number | undefined): StepAnswer {
  const text = answer.answer.trim();
  if (answer.outcome === 'expired')
    return { state: 'over', status: 'timed_out', stdout: '', error: `timed out after ${timeoutMs}ms` };
  if (answer.outcome === 'closed')
    return { state: 'over', status: 'failed', stdout: '', error: `ask ${answer.id} was closed: ${text}` };
  const isYes = !proceedOn || proceedOn.some((word) => word.toLowerCase() === text.toLowerCase());
  if (isYes) return { state: 'over', status: 'succeeded', stdout: `${text}\n` };
  const error = `answered ${JSON.stringify(text.slice(0, 200))}, it goes on only on ${proceedOn.join(' or ')}`;
  return { state: 'over', status: 'failed', stdout: `${text}\n`, error };
}

/** `unknown`: neither ask nor answer is anywhere. */
export async function askState(disk: Disk, ask: string): Promise<'open' | 'ended' | 'unknown'> {
  if ((await answerOf(disk, ask)) !== undefined) return 'ended';
  const read = await readAsk(disk, ask);
  return read.state === 'absent' && (await readArchivedAsk(disk, ask)).state === 'absent' ? 'unknown' : 'open';
}

/** Ends an ask that nobody needs an answer to any more; one that was answered stays answered. */
export function closeStepAsk(disk: Disk, ask: string, reason: string, now: Instant): void {
  recordAnswer(disk, { id: ask, outcome: 'closed', answer: reason, by: 'tend', channel: 'pulse' }, now);
  consumeAnswer(disk, ask, ASKER, now);
}
