/** An attempt whose workflow waits for a human: nobody holds a process for it, and its end is that of the workflow's run. */
import type { AttemptResult } from '../model/loop.js';
import type { AttemptFiles } from '../store/slots.js';
import type { AttemptDeps } from './attempt-deps.js';

/** The attempt's result once its workflow run has ended; undefined while that goes on. */
export function endOfParked(_deps: AttemptDeps, _files: AttemptFiles): AttemptResult | undefined {
  return undefined;
}
