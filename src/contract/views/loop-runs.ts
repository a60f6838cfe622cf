/** Runs of loops as lines (loops spec 3.3). Pure. */
import type { PublicRun } from '../loops/read-run.js';
import { inLine } from './loops.js';

/** Characters of one stream that are shown; the end of it, where a failure says why. */
const SHOWN_CHARS = 32 * 1024;

export function runLines(run: PublicRun, { output }: { output: boolean }): string {
  const { id, status, attempt, scheduledFor, loopName, stdout, stderr } = run;
  const head = `${id}  ${String(status).padEnd(10)}  attempt=${attempt}  slot=${scheduledFor}  ${inLine(String(loopName))}`;
  if (!output) return head;
  return [head, ...block('stdout', stdout), ...block('stderr', stderr)].join('\n');
}

/** An indented block with the stream's name above it; nothing for a stream that is empty. */
export function block(name: 'stdout' | 'stderr', text: unknown): string[] {
  if (typeof text !== 'string' || text === '') return [];
  const cut = text.length - SHOWN_CHARS;
  const shown = cut > 0 ? [`[truncated ${cut} chars]`, ...text.slice(cut).split('\n')] : text.trimEnd().split('\n');
  return [`  ${name}:`, ...shown.map((line) => `    ${line}`)];
}
