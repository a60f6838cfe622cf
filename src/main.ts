#!/usr/bin/env node
/**
 * argv → one lazily loaded command. The only process.exit and the only top-level catch are here; so is the wiring of the
 * command line to the machine.
 */
import * as nodeModule from 'node:module';
import { isatty } from 'node:tty';
import packageJson from '../package.json' with { type: 'json' };
import type { CliWorld } from './clients/cli/run.js';

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
  const [cli, registry, env, profile, disk, host] = await Promise.all([
    import('./clients/cli/run.js'),
    import('./contract/registry.js'),
    import('./host/env.js'),
    import('./host/profile.js'),
    import('./store/local-disk.js'),
    import('./host/program.js'),
  ]);
  const variables = env.readEnv();
  const open: CliWorld['open'] = (reach) => {
    const where = profile.resolveProfile(variables);
    return {
      ...reach,
      disk: disk.localDisk(where.dataDir),
      profile: where,
      env: variables,
      session: env.readSession(variables),
      bin: host.programPath(),
      get seeds() {
        return host.seedsDir(import.meta.url);
      },
    };
  };
  return cli.runCli(argv, {
    registry: registry.VERBS,
    version: packageJson.version,
    open,
    profile: () => profile.resolveProfile(variables),
    env: variables,
    ancestorSession: async () => (await import('./host/ancestry.js')).ancestorSession(process.pid),
    stdin: { [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() },
    tty: { in: isatty(0), out: isatty(1) },
    columns: isatty(1) ? process.stdout.columns : undefined,
    out: (text) => write(process.stdout, text),
    err: (text) => process.stderr.write(text),
    signal: abortSignal(),
  });
}

/** Aborts at the first Ctrl-C or TERM, so that the verb can end well; the second one ends us. */
function abortSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => (controller.signal.aborted ? process.exit(ABORTED) : controller.abort()));
  return controller.signal;
}

/** Resolves when the text has left: on a pipe, what is still buffered at the exit is lost. */
const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    if (text === '') resolve();
    else stream.write(text, (error) => (error ? reject(error) : resolve()));
  });

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException | undefined)?.code === code;

async function die(error: unknown): Promise<never> {
  // The reader has seen enough: `tend state | head`.
  if (isCode(error, 'EPIPE')) process.exit(0);
  // What AbortSignal throws into a verb that leaves it to us.
  if (isCode(error, 'ABORT_ERR') || (error as Error | undefined)?.name === 'AbortError') process.exit(ABORTED);
  const { errorText } = await import('./clients/cli/print.js');
  const { text, exit } = errorText(error);
  await write(process.stderr, text).catch(() => {});
  process.exit(exit);
}

// Node 22.8 and later keep compiled code between starts; it saves nothing on what is already loaded, so all else is lazy.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
process.stdout.on('error', die);
// Nobody reads our messages any more; that is no reason to fail.
process.stderr.on('error', () => {});
process.on('uncaughtException', die);
main(process.argv.slice(2)).then((exit) => process.exit(exit), die);
