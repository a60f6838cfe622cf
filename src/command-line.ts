/**
 * The command line wired to the machine. The only process.exit and the only top-level catch are here, so that every entry
 * (main.ts, and in a build one for each verb that scripts call all day) ends the same way.
 */
import { errorText } from './clients/cli/print.js';
import { type CliWorld, runCli } from './clients/cli/run.js';
import { readEnv, readSession } from './host/env.js';
import { resolveProfile } from './host/profile.js';
import { programPath, seedsDir } from './host/program.js';
import { isTerminal, writeOut } from './host/stdio.js';
import { TendError } from './model/error.js';
import { localDisk } from './store/local-disk.js';
import { requireKnownFormat } from './store/root-format.js';
import { scrubbedDisk, scrubOf } from './store/scrubbed-disk.js';
import { VERSION } from './version.js';

export type Program = (argv: readonly string[]) => Promise<number>;

/** Ctrl-C, as shells count it: 128 + SIGINT. */
const ABORTED = 130;

/** The verbs of `registry` as a program. `becomePulse`: how this process turns into the pulse, where it can. */
export const commandLine =
  (registry: CliWorld['registry'], becomePulse?: Program): Program =>
  (argv) =>
    runVerb(argv, registry, becomePulse);

async function runVerb(
  argv: readonly string[],
  registry: CliWorld['registry'],
  becomePulse: Program | undefined,
): Promise<number> {
  const variables = readEnv();
  const signal = abortSignal();
  const open: CliWorld['open'] = (reach, { ancestor, anyFormat }) => {
    const where = resolveProfile(variables);
    const disk = scrubbedDisk(localDisk(where.dataDir), scrubOf(variables, where.configPath));
    if (!anyFormat) requireKnownFormat(disk);
    return {
      ...reach,
      disk,
      profile: where,
      env: variables,
      session: readSession(variables, ancestor),
      bin: programPath(),
      version: VERSION,
      ...(becomePulse ? { becomePulse } : {}),
      // A getter: a stream of Node is slow to load, and a verb that scripts call never needs one.
      get terminal() {
        return { in: process.stdin, out: process.stdout };
      },
      get seeds() {
        return seedsDir(import.meta.url);
      },
    };
  };
  const cli = runCli(argv, {
    registry,
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
    process.on(name, () => (controller.signal.aborted ? process.exit(ABORTED) : controller.abort(endedBy(name))));
  return controller.signal;
}

/** The reason of an abort, as the platform's own, with the signal that was it: some verbs end with another code after TERM. */
const endedBy = (signal: 'SIGINT' | 'SIGTERM'): Error =>
  Object.assign(new DOMException('This operation was aborted', 'AbortError'), { signal });

// Nobody reads our messages any more: no reason to fail.
const ignore = (): void => {};

function cannotAnswer(error: NodeJS.ErrnoException): never {
  // The reader has seen enough: `tend state | head`.
  if (error.code === 'EPIPE') process.exit(0);
  throw new TendError('environment', 'Cannot write the answer to stdout', { code: 'no-stdout', cause: error });
}

async function die(error: unknown): Promise<never> {
  const { text, exit } = errorText(error);
  await writeOut(2, text).catch(ignore);
  process.exit(exit);
}

/** Runs `program` with this process's arguments and ends the process with its exit code. */
export function become(program: Program, argv: readonly string[] = process.argv.slice(2)): void {
  process.on('uncaughtException', die);
  program(argv).then((exit) => process.exit(exit), die);
}
