#!/usr/bin/env node
/** argv → one of tend's own programs, or one lazily loaded verb. */
import * as nodeModule from 'node:module';
import { become, commandLine, type Program } from './command-line.js';
import { VERBS } from './verbs.js';

const runPulse: Program = async (argv) => (await import('./daemon.js')).runPulse(argv);

/** Programs that tend starts for itself, matched exactly and before any parsing. */
const PROGRAMS: Readonly<Record<string, Program>> = {
  __pulse: runPulse,
  __worker: async (argv) => (await import('./controllers/fleet/supervisor/main.js')).superviseWorker(argv),
  __shell: async (argv) => (await import('./host/shell-supervisor.js')).superviseShell(argv),
};

// Node 22.8 and later keep the compiled code of what is imported from here on: the verbs.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
const [first = '', ...more] = process.argv.slice(2);
if (Object.hasOwn(PROGRAMS, first)) become(PROGRAMS[first]!, more);
else become(commandLine(VERBS, runPulse));
