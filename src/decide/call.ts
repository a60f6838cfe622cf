/**
 * One call of the runner: prompt on disk → money reserved → attempt recorded → process → output kept → money settled. If we die
 * at any point, the reservation and the attempt count, and nothing that the process left is ever read.
 */
import { nonce } from '../lib/hash.js';
import type { Config } from '../model/config.js';
import { type Instant, localDay, unixSeconds } from '../model/instant.js';
import type { Knobs } from '../model/knobs.js';
import { LIMITS } from '../model/limits.js';
import type { Usage } from '../model/spend.js';
import { tickCommand } from '../runners/command.js';
import { type Launched, launch } from '../runners/launch.js';
import type { Reason, RunEnd, RunResult } from '../runners/result.js';
import type { Runner } from '../runners/runner.js';
import { addUsage, knownUsage, takeUsageLines } from '../runners/usage.js';
import type { Disk, Read } from '../store/disk.js';
import { logEvent } from '../store/events.js';
import type { RunRef } from '../store/runs.js';
import { type Reservation, reserveSpend, settleSpend } from '../store/spend.js';

export interface CallDeps {
  disk: Disk;
  runner: Runner;
  config: Pick<Config, 'tick_command' | 'model' | 'thinking' | 'prices'>;
  knobs: Knobs;
  /** Complete environment of a decider (session `decider`) with this mark and these variables beside it. */
  env(mark: string, extra: Readonly<Record<string, string>>): Record<string, string>;
  clock(): Instant;
  /** Makes the attempt durable for the hourly cap; returns before anything is launched, and a throw prevents it. */
  attempting(at: Instant): void;
  /** Ends the call early; the result is then `aborted`. */
  signal?: AbortSignal;
}

interface Account {
  usage: Usage;
  durationMs: number;
}

export type Called = Account & ({ state: 'done'; file: Read; message: RunResult } | CallFailure);

export interface CallFailure {
  state: 'failed';
  code: string;
  error: string;
  retryable: boolean;
  /** Absent: the launch itself failed, and no reader was asked. */
  reason?: Reason;
  /** Unix seconds before which another call is useless. */
  retryAt?: number;
}

/** Longest decision file: the largest move is a worker's brief of 131,072 characters, JSON-escaped. */
const DECISION_BYTES_MAX = 1024 * 1024;
/** Output quoted in the error of a failed run. */
const QUOTED_CHARS = 600;

/** `call` is 1, or 2 for the repair. Throws only before the launch: disk full, no command, the attempt not recorded. */
export async function callRunner(
  deps: CallDeps,
  { ref, call, prompt }: { ref: RunRef; call: number; prompt: string },
): Promise<Called> {
  const { disk, runner } = deps;
  const suffix = call === 1 ? '' : `-${call}`;
  const promptKey = `${ref.dir}/prompt${suffix}.md`;
  const command = tickCommand(runner, deps.config, disk.path(promptKey));
  // Nobody who has not read this process's environment knows the name, and an earlier call's file has another.
  const decisionKey = `${ref.dir}/decision-${nonce()}.json`;
  disk.replace(promptKey, prompt);
  const at = deps.clock();
  const reservation: Reservation = {
    day: localDay(at),
    run: call === 1 ? ref.id : `${ref.id}#${call}`,
    runner: runner.name,
    estimateUsd: deps.knobs.runEstimateUsd,
  };
  reserveSpend(disk, reservation, at);
  deps.attempting(at);
  const launched = await launch({
    shell: command.shell,
    cwd: disk.root,
    // What the user has set goes before what keeps the CLI quiet.
    env: { ...runner.env, ...deps.env(nonce(), { TEND_DECISION_FILE: disk.path(decisionKey) }) },
    ...(command.takesStdin ? { input: prompt } : {}),
    timeoutS: deps.knobs.tickTimeoutS,
    ...(deps.signal ? { signal: deps.signal } : {}),
  });
  const { result, usage } = readRun(deps, launched);
  const account: Account = { usage, durationMs: launched.durationMs };
  keep(deps, `${ref.dir}/output${suffix}.log`, logText(launched));
  attempt(deps, 'spend.unsettled', () => settleSpend(disk, reservation, usage, deps.clock()));
  const failed = failureOf(launched, deps.knobs.tickTimeoutS) ?? refusalOf(result);
  const file = disk.read(decisionKey, DECISION_BYTES_MAX);
  // A decision that was written down whole stands on its own, once the process has ended well.
  if (failed && !(file.state !== 'absent' && isWell(launched))) return { ...account, ...failed };
  return { ...account, state: 'done', file, message: result };
}

const isWell = (launched: Launched): boolean => launched.end === 'exited' && launched.exitCode === 0;

/** What the run says of itself, and its account with the usage lines that any program may print. */
function readRun({ runner, config, clock }: CallDeps, launched: Launched): { result: RunResult; usage: Usage } {
  const stdout = takeUsageLines(launched.stdout);
  const lines = addUsage(stdout.usage, takeUsageLines(launched.stderrTail).usage);
  const model = config.model || runner.defaults.model;
  const reader = runner.reader({
    nowS: unixSeconds(clock()),
    ...(model ? { model } : {}),
    ...(config.prices ? { prices: config.prices } : {}),
  });
  reader.write(Buffer.from(stdout.text));
  const result = reader.end(runEnd(launched));
  const { input_tokens: fresh, cache_read_tokens: read = 0, cache_write_tokens: written = 0 } = result.usage;
  const input = fresh === undefined ? undefined : fresh + read + written;
  return { result, usage: addUsage(lines, knownUsage(input, result.usage.output_tokens, result.costUsd)) };
}

function runEnd({ end, exitCode, detail, stderrTail }: Launched): RunEnd {
  const ended = { timeout: 'timeout', aborted: 'aborted', 'not-started': 'spawn' } as const;
  const how = end === 'timeout' || end === 'aborted' || end === 'not-started' ? ended[end] : undefined;
  return {
    exit: exitCode,
    stderrTail,
    ...(how ? { ended: how } : {}),
    ...(end === 'signal' && detail ? { signal: detail } : {}),
  };
}

/** The launcher's own word: how the process ended, where that alone says that nothing can be read from it. */
function failureOf(launched: Launched, timeoutS: number): CallFailure | undefined {
  const said = quoted(launched);
  const failed = (code: string, error: string, retryable = true, reason?: Reason): CallFailure => ({
    state: 'failed',
    code,
    error,
    retryable,
    ...(reason ? { reason } : {}),
  });
  switch (launched.end) {
    case 'timeout':
      return failed('runner-timeout', `The runner was ended after ${timeoutS} s${said}`, true, 'timeout');
    case 'aborted':
      return failed('aborted', 'The runner was ended because tend stops', true, 'interrupted');
    case 'too-much-output':
      return failed('runner-output', `The runner was ended because it printed more than ${launched.detail}`);
    case 'not-started':
      return failed('runner-missing', `The runner could not be started: ${launched.detail}`, false, 'spawn');
    case 'signal':
      return failed('runner-failed', `The runner was ended by ${launched.detail}${said}`, true, 'interrupted');
    default:
      return undefined;
  }
}

/** What the reader makes of a process that ended by itself. An answer that is empty is judged like any other that is no move. */
function refusalOf({ ok, reason, error, retryable, retryAt, exit }: RunResult): CallFailure | undefined {
  if (ok || (reason === 'empty' && exit === 0)) return undefined;
  const how = exit === 0 ? 'The runner says' : `The runner exited with code ${exit}`;
  return {
    state: 'failed',
    code: reason === 'spawn' ? 'runner-missing' : (CODES[reason] ?? (exit === 0 ? 'runner-error' : 'runner-failed')),
    error: reason === 'spawn' ? `The runner's command cannot be run: ${error}` : `${how}: ${error}`,
    retryable,
    reason,
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}

/** Reasons that have a code of their own, whatever the exit code. */
const CODES: Partial<Record<Reason, string>> = {
  rate_limit: 'runner-rate-limit',
  auth: 'runner-auth',
  unreachable: 'runner-unreachable',
  truncated: 'runner-truncated',
  denied: 'runner-denied',
  interrupted: 'runner-interrupted',
};

/** The end of what it said: start-up errors stand on stderr, some CLIs print theirs on stdout. */
function quoted({ stderrTail, stdout }: Launched): string {
  const text = (stderrTail.trim() || stdout.trim()).slice(-QUOTED_CHARS).trim();
  return text === '' ? '' : `: ${text}`;
}

function logText({ stdout, stderrTail, end, exitCode, detail }: Launched): string {
  const cut = end === 'too-much-output' ? `\n[output cut at ${LIMITS.runOutputBytes} bytes]` : '';
  const stderr = stderrTail === '' ? '' : `\n[stderr, its end]\n${stderrTail}`;
  const how = end === 'exited' ? `exit code ${exitCode}` : `${end}${detail ? `: ${detail}` : ''}`;
  return `${stdout}${cut}${stderr}\n[${how}]\n`;
}

const keep = (deps: CallDeps, key: string, text: string): void =>
  attempt(deps, 'run.output_lost', () => deps.disk.replace(key, text));

/** A record that is lost must not lose the decision that was paid for; the event says so. */
function attempt(deps: CallDeps, event: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    logEvent(deps.disk, deps.clock(), event, { error: String(error) });
  }
}
