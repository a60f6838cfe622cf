/** Which agent CLIs ask something at their first start, and what a worker command needs of it. Pure. */
import { CLAUDE_FIRST_RUN } from './claude-first-run.js';
import { runnerBinaries } from './command.js';
import type { FirstRun, FirstRunTerms, Preparation } from './preparation.js';

/** By the name of the program. A CLI that asks nothing is not here. */
const FIRST_RUNS: Readonly<Record<string, FirstRun>> = { claude: CLAUDE_FIRST_RUN };

/** What the program of a worker command needs; nothing when the program cannot be told or asks nothing. */
export function preparationsFor(command: string | undefined, terms: FirstRunTerms): readonly Preparation[] {
  const program = command === undefined ? undefined : runnerBinaries(command)[0]?.split('/').at(-1);
  return (command !== undefined && program !== undefined && FIRST_RUNS[program]?.(terms, command)) || [];
}
