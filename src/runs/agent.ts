/**
 * Performs one headless run of an agent CLI: its prompt on stdin and nowhere else, its stream read for what it says of itself. The exit code
 * decides, except where the CLI itself says that it failed, or says nothing at all.
 */
import { type BoundedResult, runBounded } from '../host/bounded-child.js';
import { now } from '../host/clock.js';
import { identityOf } from '../host/process-identity.js';
import type { AgentTarget } from '../model/loop.js';
import { quietEnv } from '../runners/quiet-env.js';
import { runnerNamed } from '../runners/registry.js';
import type { Runner } from '../runners/runner.js';
import { loadConfig } from '../store/config.js';
import { accountFor } from './account.js';
import { knownForm, rememberForm } from './adapter-forms.js';
import { type Adapter, adapterFor, agentWordsProblem } from './adapters.js';
import { type AgentSaid, agentReport } from './agent-report.js';
import { outputScrub } from './output-scrub.js';
import type { Performer, PerformRequest, RunDeps, RunIdentity } from './performer.js';
import { dirProblem, programFor, targetDir } from './startable.js';
import { type EnvLayers, targetEnv } from './target-env.js';
import { type Ended, HEAD_BYTES, notStarted, TAIL_BYTES, timeoutOf, toldEnd } from './told-end.js';

/** A refusal of a flag comes at once; what took longer has worked, and is not repeated (loops spec 9). */
const REFUSED_WITHIN_MS = 10_000;
/** Exit code of command lines that a program does not understand. */
const USAGE_ERROR = 2;

export const performAgent: Performer<AgentTarget> = async (deps, request) => {
  const { target, identity, token } = request;
  const problem = agentWordsProblem(target);
  if (problem !== undefined) return notStarted(`Cannot run ${target.provider}: ${problem}`);
  const runner = runnerOf(target);
  const layers: EnvLayers = {
    identity,
    token,
    sessionId: sessionOf(identity),
    quiet: quietEnv(runner, 'work'),
    target: target.env,
  };
  const account = await accountFor(deps, { ...request, layers });
  if (account && 'problem' in account) return notStarted(account.problem);
  const told = account ? { accountProfile: account.profile, accountTool: account.tool } : {};
  const env = targetEnv(deps, { ...layers, ...(account ? { account } : {}) });
  return { ...(await start(deps, request, { env, runner })), ...told };
};

/** The runner that reads what a provider prints. */
function runnerOf({ provider }: AgentTarget): Runner {
  const runner = runnerNamed(provider === 'cursor' ? 'cursor-agent' : provider);
  if (!runner) throw new Error(`there is no runner for the provider ${provider}`);
  return runner;
}

/** Who an agent asks as, and what refuses it the verbs of its human. */
function sessionOf({ loopId, workflowId }: RunIdentity): string {
  if (loopId !== undefined) return `loop-${loopId}`;
  return workflowId === undefined ? 'agent' : `workflow-${workflowId}`.slice(0, 64);
}

interface Setting {
  env: Record<string, string>;
  runner: Runner;
}

async function start(deps: RunDeps, request: PerformRequest<AgentTarget>, setting: Setting): Promise<Ended> {
  const { target } = request;
  const cwd = targetDir(target.cwd, setting.env);
  const { adapters } = loadConfig(deps.profile.configPath).config;
  const adapter = adapterFor(target.provider, { ...target, cwd: target.cwd === undefined ? undefined : cwd }, adapters);
  const program = programFor(adapter.command, setting.env, cwd);
  const problem = dirProblem(cwd) ?? ('problem' in program ? program.problem : undefined);
  if (problem !== undefined || 'problem' in program) return notStarted(problem ?? '');
  const timeoutMs = timeoutOf(request.timeoutMs, target.timeoutMs);
  const idleMs = idleOf({ ...deps.env, ...target.env });
  const run = { ...setting, adapter, program: program.path, cwd, timeoutMs, idleMs };
  const { end, said } = await runForms(deps, request, run);
  const scrub = outputScrub(setting.env, deps.profile.configPath);
  const ended = toldEnd(end, { timeoutMs, idleMs, program: adapter.command, scrub });
  const usage = said.usage ? { usage: said.usage } : {};
  if (ended.status === 'succeeded' && said.problem !== undefined)
    return { ...ended, ...usage, status: 'failed', error: scrub(said.problem) };
  return { ...ended, ...usage };
}

/** After which silence an agent is ended, by the user's or the target's variables. Absent, or no number of milliseconds: never. */
function idleOf(env: RunDeps['env']): number | undefined {
  const ms = Number(env['TEND_AGENT_IDLE_TIMEOUT_MS'] ?? env['LOOPS_AGENT_IDLE_TIMEOUT_MS']);
  return Number.isInteger(ms) && ms > 0 ? ms : undefined;
}

interface FormsRun extends Setting {
  adapter: Adapter;
  /** Absolute path. */
  program: string;
  cwd: string;
  timeoutMs: number;
  idleMs: number | undefined;
}

/** One attempt: the form that is known to work, and the others as long as the program refuses the flag that they place differently. */
async function runForms(
  deps: RunDeps,
  request: PerformRequest<AgentTarget>,
  run: FormsRun,
): Promise<{ end: BoundedResult; said: AgentSaid }> {
  const { forms, touchy } = run.adapter;
  const known = forms.length > 1 ? knownForm(deps.disk, run.program) : 0;
  const order = [...new Set([known < forms.length ? known : 0, ...forms.keys()])];
  for (let at = 0; ; at++) {
    const form = order[at]!;
    const once = await runOnce(request, run, forms[form] ?? []);
    const isRefused = touchy !== undefined && refuses(once.end, touchy);
    if (isRefused && at < order.length - 1) continue;
    if (!isRefused && form !== known) rememberForm(deps.disk, run.program, form);
    return once;
  }
}

const refuses = (end: BoundedResult, flag: string): boolean =>
  end.exitCode === USAGE_ERROR &&
  end.durationMs < REFUSED_WITHIN_MS &&
  end.stdout.bytes === 0 &&
  end.stderr.text.includes(flag);

async function runOnce(
  request: PerformRequest<AgentTarget>,
  { adapter, runner, env, cwd, program, timeoutMs, idleMs }: FormsRun,
  words: readonly string[],
): Promise<{ end: BoundedResult; said: AgentSaid }> {
  const { target, signal } = request;
  const { model } = target;
  const report = agentReport(runner, {
    nowS: Math.floor(now() / 1_000),
    ...(model === undefined ? {} : { model }),
    printsJson: adapter.printsJson,
  });
  const end = await runBounded({
    argv: [program, ...words],
    cwd,
    env,
    input: promptOf(request),
    timeoutMs,
    ...(idleMs === undefined ? {} : { idleMs }),
    signal,
    tailBytes: TAIL_BYTES,
    headBytes: HEAD_BYTES,
    onChild: (pid) => request.onChild?.(identityOf(pid)),
    onStdout: report.write,
  });
  return { end, said: report.end(end) };
}

const promptOf = ({ target, promptSuffix }: PerformRequest<AgentTarget>): string =>
  promptSuffix === undefined ? target.prompt : `${target.prompt}\n\n---\n\n${promptSuffix}`;
