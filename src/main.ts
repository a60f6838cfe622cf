#!/usr/bin/env node
/**
 * argv → one lazily loaded command. The only process.exit and the only top-level catch are here; so is the wiring of the
 * command line to the machine.
 */
import * as nodeModule from 'node:module';
import { type CliWorld, runCli } from './clients/cli/run.js';
import { VERBS } from './contract/registry.js';
import { readEnv, readSession } from './host/env.js';
import { resolveProfile } from './host/profile.js';
import { programPath, seedsDir } from './host/program.js';
import { isTerminal, writeOut } from './host/stdio.js';
import { TendError } from './model/error.js';
import { localDisk } from './store/local-disk.js';
import { VERSION } from './version.js';

type Program = (argv: readonly string[]) => Promise<number>;

/** Programs that tend starts for itself, matched exactly and before any parsing. */
const PROGRAMS: Readonly<Record<string, () => Promise<Program>>> = {
  __pulse: async () => (await import('./daemon.js')).runPulse,
  __worker: async () => (await import('./controllers/fleet/supervisor/main.js')).superviseWorker,
  __shell: async () => (await import('./host/shell-supervisor.js')).superviseShell,
};

/** Ctrl-C, as shells count it: 128 + SIGINT. */
const ABORTED = 130;

async function main(argv: readonly string[]): Promise<number> {
  const program = Object.hasOwn(PROGRAMS, argv[0] ?? '') ? await PROGRAMS[argv[0]!]!() : runVerb;
  return program(program === runVerb ? argv : argv.slice(1));
}

async function runVerb(argv: readonly string[]): Promise<number> {
  const variables = readEnv();
  const signal = abortSignal();
  const open: CliWorld['open'] = (reach, ancestor) => {
    const where = resolveProfile(variables);
    return {
      ...reach,
      disk: localDisk(where.dataDir),
      profile: where,
      env: variables,
      session: readSession(variables, ancestor),
      bin: programPath(),
      becomePulse: async (args) => (await import('./daemon.js')).runPulse(args),
      get seeds() {
        return seedsDir(import.meta.url);
      },
    };
  };
  const cli = runCli(argv, {
    registry: VERBS,
    version: VERSION,
    open,
    profile: () => resolveProfile(variables),
    env: variables,
    ancestorSession: async () => (await import('./host/ancestry.js')).ancestorSession(process.pid),
    stdin: { [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() },
    tty: { in: isTerminal(0), out: isTerminal(1) },
    columns: isTerminal(1) ? process.stdout.columns : undefined,
    out: (text) => writeOut(1, text).catch(cannotAnswer),
    err: (text) => void writeOut(2, text).catch(ignore),
    signal,
  });
  return cli.catch((error: unknown) => {
    // What an abort throws out of a verb that has nothing to add.
    if (signal.aborted && (error as Error | undefined)?.name === 'AbortError') return ABORTED;
    throw error;
  });
}

/** Aborts at the first Ctrl-C or TERM, so that the verb can end well; the second one ends us. */
function abortSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => (controller.signal.aborted ? process.exit(ABORTED) : controller.abort()));
  return controller.signal;
}

// Nobody reads our messages any more: no reason to fail.
const ignore = (): void => {};

function cannotAnswer(error: NodeJS.ErrnoException): never {
  // The reader has seen enough: `tend state | head`.
  if (error.code === 'EPIPE') process.exit(0);
  throw new TendError('environment', 'Cannot write the answer to stdout', { code: 'no-stdout', cause: error });
}

async function die(error: unknown): Promise<never> {
  const { errorText } = await import('./clients/cli/print.js');
  const { text, exit } = errorText(error);
  await writeOut(2, text).catch(ignore);
  process.exit(exit);
}

// Node 22.8 and later keep the compiled code of what is imported from here on: the verbs.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
process.on('uncaughtException', die);
main(process.argv.slice(2)).then((exit) => process.exit(exit), die);
