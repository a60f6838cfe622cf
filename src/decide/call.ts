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
import { tickCommand, tickTemplate } from '../runners/command.js';
import { type Launched, launch } from '../runners/launch.js';
import { quietEnv } from '../runners/quiet-env.js';
import { runnerOfCommand } from '../runners/registry.js';
import type { RunEnd, RunResult } from '../runners/result.js';
import type { Runner } from '../runners/runner.js';
import { addUsage, takeUsageLines, usageOfResult } from '../runners/usage.js';
import type { Disk, Read } from '../store/disk.js';
import { logEvent } from '../store/events.js';
import type { RunRef } from '../store/runs.js';
import { type Reservation, reserveSpend, settleSpend } from '../store/spend.js';
import { type CallFailure, failureOf, mayBeSchemasFault, refusalOf } from './failure.js';

export interface CallDeps {
  disk: Disk;
  runner: Runner;
  config: Pick<Config, 'tick_command' | 'model' | 'strong_model' | 'thinking' | 'prices' | 'answer_schema'>;
  /** Models that refused a schema while this process lives, by template and name; absent: each call tries anew. */
  schemaRefusals?: Set<string>;
  knobs: Knobs;
  /** Complete environment of a decider (session `decider`) with this mark and these variables beside it. */
  env(mark: string, extra: Readonly<Record<string, string>>): Record<string, string>;
  clock(): Instant;
  /** Makes the attempt durable for the hourly cap; returns before anything is launched, and a throw prevents it. */
  attempting(at: Instant): void;
  /** Waits this many milliseconds, or until `signal` aborts. */
  pause(ms: number): Promise<void>;
  /** Ends the call early; the result is then `aborted`. */
  signal?: AbortSignal;
}

interface Account {
  usage: Usage;
  durationMs: number;
}

export type Called = Account &
  ({ state: 'done'; file: Read; message: RunResult } | ({ state: 'failed' } & CallFailure));

/** Longest decision file: the largest move is a worker's brief of 131,072 characters, JSON-escaped. */
const DECISION_BYTES_MAX = 1024 * 1024;

/** `call` counts from 1: further ones are retries and the repair. Throws only before the launch: disk full, no command, the attempt not recorded. */
export async function callRunner(
  deps: CallDeps,
  { ref, call, prompt: written }: { ref: RunRef; call: number; prompt: string },
): Promise<Called> {
  const { disk, runner } = deps;
  // Whatever a sensor, a command or a file has said: no secret leaves the machine in a prompt.
  const prompt = disk.clean?.(written) ?? written;
  const suffix = call === 1 ? '' : `-${call}`;
  const promptKey = `${ref.dir}/prompt${suffix}.md`;
  const schemaKey = `${ref.dir}/schema.json`;
  const command = tickCommand(runner, deps.config, {
    promptFile: disk.path(promptKey),
    schemaFile: disk.path(schemaKey),
    withoutSchema: deps.schemaRefusals?.has(modelKey(deps)) ?? false,
  });
  // Nobody who has not read this process's environment knows the name, and an earlier call's file has another.
  const decisionKey = `${ref.dir}/decision-${nonce()}.json`;
  disk.replace(promptKey, prompt);
  if (command.schemaFile !== undefined) disk.replace(schemaKey, command.schemaFile);
  const at = deps.clock();
  const reservation: Reservation = {
    day: localDay(at),
    run: call === 1 ? ref.id : `${ref.id}#${call}`,
    runner: runner.name,
    job: 'beat',
    estimateUsd: deps.knobs.runEstimateUsd,
  };
  reserveSpend(disk, reservation, at);
  deps.attempting(at);
  const { stop: gentle } = runnerOfCommand(command.shell) ?? runner;
  const launched = await launch({
    shell: command.shell,
    cwd: disk.root,
    // What the user has set goes before what keeps the CLI quiet.
    env: { ...quietEnv(runner, 'decide'), ...deps.env(nonce(), { TEND_DECISION_FILE: disk.path(decisionKey) }) },
    ...(command.takesStdin ? { input: prompt } : {}),
    timeoutS: deps.knobs.tickTimeoutS,
    ...(gentle ? { gentle } : {}),
    ...(deps.signal ? { signal: deps.signal } : {}),
  });
  const { result, usage } = readRun(deps, launched);
  const account: Account = { usage, durationMs: launched.durationMs };
  keep(deps, `${ref.dir}/output${suffix}.log`, logText(launched));
  attempt(deps, 'spend.unsettled', () => settleSpend(disk, reservation, usage, deps.clock()));
  const failed = failureOf(launched, deps.knobs.tickTimeoutS) ?? refusalOf(result);
  const file = disk.read(decisionKey, DECISION_BYTES_MAX);
  // A decision that was written down whole stands on its own, once the process has ended well.
  if (failed && !(file.state !== 'absent' && isWell(launched))) {
    const isSchemasFault = command.isSchemaOptional && mayBeSchemasFault(failed);
    return { ...account, state: 'failed', ...failed, ...(isSchemasFault ? { isSchemasFault } : {}) };
  }
  return { ...account, state: 'done', file, message: result };
}

/** What a refusal of a schema is remembered for: another model, or another command, may take one. */
export const modelKey = ({ runner, config }: Pick<CallDeps, 'runner' | 'config'>): string =>
  JSON.stringify([runner.name, tickTemplate(runner, config), config.model]);

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
  return { result, usage: addUsage(lines, usageOfResult(result)) };
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
