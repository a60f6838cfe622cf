/** What tend knows about the agent CLIs, for people who wire one: which are here, and what a stream of theirs comes to. */
import type { Env } from '../host/env.js';
import { execBounded } from '../host/exec.js';
import { whichProgram } from '../host/which.js';
import { nonce } from '../lib/hash.js';
import type { Prices } from '../model/config.js';
import { badInput } from '../model/error.js';
import { RUNNER_NAMES, RUNNERS, runnerNamed } from '../runners/registry.js';
import type { RunEnd, RunResult } from '../runners/result.js';
import { MODES, type Runner } from '../runners/runner.js';

export type { RunEnd, RunResult };

/** A row of `tend runner list`; `null`: not found, not known, or not needed. */
export interface RunnerRow {
  name: string;
  about: string;
  /** The program that it needs. */
  program: string | null;
  /** Absolute path of that program. */
  path: string | null;
  /** As the program prints it, without words around it. */
  version: string | null;
  /** Modes that it has a command for. */
  modes: string[];
  /** How one gets the program. */
  install: string | null;
}

/** A program that does not say its version by then is listed without one: opencode takes three seconds on a busy machine. */
const VERSION_MS = 20_000;
const VERSION_BYTES = 16_384;

/** Every runner that tend knows, in the order of the menu. Starts each program that is found, once, to read its version. */
export function listRunners(env: Env, cwd: string, signal: AbortSignal): Promise<RunnerRow[]> {
  return Promise.all(Object.values<Runner>(RUNNERS).map((runner) => runnerRow(runner, env, { cwd, signal })));
}

/** One of them; its program is started once when it is found. */
export async function runnerRow(
  runner: Runner,
  env: Env,
  at: { cwd: string; signal: AbortSignal },
): Promise<RunnerRow> {
  const { name, about, program, install } = runner;
  const path = program ? (whichProgram(program.name, env, at.cwd) ?? null) : null;
  return {
    name,
    about,
    program: program?.name ?? null,
    path,
    version: program && path ? await versionOf([path, ...program.version], { ...runner.env, ...known(env) }, at) : null,
    modes: Object.keys(MODES).filter((mode) => runner[MODES[mode]!] !== undefined),
    install: install ?? null,
  };
}

/** The first word that looks like a version; null when the program fails, hangs or prints none. */
async function versionOf(
  argv: [string, ...string[]],
  env: Record<string, string>,
  { cwd, signal }: { cwd: string; signal: AbortSignal },
): Promise<string | null> {
  const ended = await execBounded({
    argv,
    cwd,
    env: { ...env, TEND_MARK: nonce() },
    timeoutMs: VERSION_MS,
    stdoutMaxBytes: VERSION_BYTES,
    whenOver: 'drop',
    stderrTailBytes: 0,
    signal,
  });
  if (ended.exitCode !== 0) return null;
  return /\d+(?:\.\d+)+[^\s()]*/.exec(ended.stdout.toString('utf8'))?.[0] ?? null;
}

const known = (env: Env): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));

export interface ParseRequest {
  /** A runner's name; an unknown one is an input error that names the known ones. */
  name: string;
  end: RunEnd;
  /** Unix seconds. */
  nowS: number;
  model?: string;
  prices?: Prices;
}

/** Reads a recorded stream to its end and says what that run came to. */
export async function parseStream(pieces: AsyncIterable<Uint8Array>, request: ParseRequest): Promise<RunResult> {
  const { end, ...options } = request;
  const reader = knownRunner(request.name).reader(options);
  for await (const piece of pieces) reader.write(piece);
  return reader.end(end);
}

/** Throws the input error for a name that no runner has. */
export function knownRunner(name: string): Runner {
  const runner = runnerNamed(name);
  if (runner) return runner;
  throw badInput(
    `Cannot read a stream of runner ${JSON.stringify(name)}: no such runner; known are ${RUNNER_NAMES.join(', ')}`,
    'tend runner list',
  );
}
