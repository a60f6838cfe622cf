/** Workflows and their runs as lines (loops spec 3.5). Pure but for the outputs of steps, which are read when they are wanted. */
import { flat } from '../../lib/clip.js';
import type { Workflow } from '../../model/workflow.js';
import type { WorkflowEvent } from '../../model/workflow-run.js';
import type { StepView } from '../../runs/workflow/derive.js';
import type { RunLook } from '../../runs/workflow/look.js';
import type { Disk } from '../../store/disk.js';
import { readStepOutput } from '../../store/workflow-runs.js';
import { block } from './loop-runs.js';

export const workflowLine = ({ id, status, steps, name }: Workflow): string =>
  `${id}  ${status.padEnd(8)}  steps=${steps.length}  ${flat(name)}`;

export const runLine = ({ run, status }: RunLook): string =>
  `${run.id}  ${status.padEnd(10)}  ${flat(run.workflow.name)}  started=${run.startedAt}`;

/** `WRID STATUS`, and what a person should know of it. */
export const runHead = ({ run, status, orphaned }: RunLook): string =>
  `${run.id} ${status}${orphaned ? ' orphaned' : ''}`;

const two = (n: number): string => String(n).padStart(2, '0');

/** A line for each step; with outputs where they are wanted. */
export function stepLines(disk: Disk, { run, steps }: RunLook, { showOutput }: { showOutput: boolean }): string[] {
  return steps.flatMap((view) => {
    const line = `  ${two(view.index)}  ${view.status.padEnd(10)}  ${view.id}  ${noteOf(view)}`.trimEnd();
    if (!showOutput || view.n === 0) return [line];
    const output = (which: 'out' | 'err') => readStepOutput(disk, { run: run.id, step: view.index, n: view.n }, which);
    const blocks = [...block('stdout', output('out')), ...block('stderr', output('err'))];
    return [line, ...blocks.map((text) => `    ${text}`)];
  });
}

const noteOf = ({ error, status, ask }: StepView): string =>
  error !== undefined ? flat(error) : status === 'waiting' && ask !== undefined ? `ask=${ask}` : '';

export const eventLine = ({ eventType, stepId, createdAt }: WorkflowEvent, index: number): string =>
  `${String(index + 1).padStart(3, '0')}  ${eventType.padEnd(14)}  ${stepId ?? '-'}  ${createdAt}`;
