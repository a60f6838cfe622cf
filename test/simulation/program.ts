/** What a simulated process runs: the real program, by the words of its command line, as src/main.ts does it. */
import { become, commandLine, type Program } from '../../src/command-line.js';
import { VERBS } from '../../src/contract/registry.js';
import { superviseWorker } from '../../src/controllers/fleet/supervisor/main.js';
import { runPulse } from '../../src/daemon.js';
import { superviseShell } from '../../src/host/shell-supervisor.js';
import { localDisk } from '../../src/store/local-disk.js';

const PROGRAMS: Readonly<Record<string, Program>> = {
  __pulse: runPulse,
  __worker: superviseWorker,
  __shell: superviseShell,
};

export function main(argv: readonly string[]): void {
  const [first = '', ...more] = argv;
  const program = Object.hasOwn(PROGRAMS, first) ? PROGRAMS[first] : undefined;
  become(program ?? commandLine(VERBS, runPulse), program ? more : argv);
}

export { localDisk };
