/** What a verb that drives a run in the foreground answers: the run, its steps, and whether it succeeded. */
import { TendError } from '../../model/error.js';
import type { Performed } from '../../runs/performer.js';
import { lookAtRun } from '../../runs/workflow/look.js';
import { publicRun, publicSteps } from '../../runs/workflow/public.js';
import type { Context, VerbResult } from '../verb.js';
import { runHead, stepLines } from '../views/workflows.js';

export interface DrivenRun {
  id: string;
  performed: Performed;
  showOutput: boolean;
  more?: object;
}

/** Exit 1 for everything but success: whoever chains commands must not go on while a human is asked. */
export function runAnswer({ disk, signal, warn }: Context, { id, performed, showOutput, more }: DrivenRun): VerbResult {
  if (signal.aborted)
    throw new TendError('aborted', `Cannot finish workflow run ${id}: it was cancelled`, { code: 'aborted' });
  const look = lookAtRun(disk, id, 'show');
  const asks = look.steps.flatMap(({ status, ask }) => (status === 'waiting' && ask !== undefined ? [ask] : []));
  if (performed.status === 'parked')
    warn(`${id} waits for your answer to ${asks.join(', ')}; the pulse goes on with it then: tend answer ${asks[0]} …`);
  const isOver = look.end.state === 'present';
  if (performed.status === 'failed' && !isOver) warn(performed.error ?? 'it did not run');
  const steps = publicSteps(disk, look, { showOutput });
  const result =
    performed.status === 'parked'
      ? { status: 'waiting', asks }
      : {
          status: performed.status,
          ...(performed.exitCode === undefined ? {} : { exitCode: performed.exitCode }),
          durationMs: performed.durationMs,
          ...(performed.goalRunId === undefined ? {} : { goalRunId: performed.goalRunId }),
        };
  return {
    text: [runHead(look), ...stepLines(disk, look, { showOutput })].join('\n'),
    json: { result, workflowRun: publicRun(look), steps, ...more },
    exit: performed.status === 'succeeded' ? 0 : 1,
  };
}
