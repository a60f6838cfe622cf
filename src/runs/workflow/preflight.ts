/** Could each step be started on this machine as it is now? Resolves accounts and looks programs up; starts no step. */
import { nonce } from '../../lib/hash.js';
import type { Step, Workflow } from '../../model/workflow.js';
import { loadConfig } from '../../store/config.js';
import { accountFor } from '../account.js';
import { adapterFor } from '../adapters.js';
import type { RunDeps } from '../performer.js';
import { dirProblem, programFor, targetDir } from '../startable.js';
import { targetEnv } from '../target-env.js';
import { stepOrder } from './order.js';

export interface Ready {
  stepId: string;
  /** Program that is started; `sh` for shell text, `ask` for a step that asks a human. */
  command: string;
  accountProfile?: string;
  accountTool?: string;
}

export type Preflight =
  | { steps: Ready[]; warnings: string[]; problem?: never }
  /** Of the first step, in the order of starts, that could not be started. */
  | { problem: string };

/** Runs `accounts` for steps that name one (10 s each at most). */
export async function preflight(
  deps: RunDeps,
  workflow: Pick<Workflow, 'steps' | 'name'>,
  signal: AbortSignal,
): Promise<Preflight> {
  const steps: Ready[] = [];
  const warnings: string[] = [];
  for (const step of stepOrder(workflow.steps)) {
    const ready = await stepReady(deps, step, signal);
    if ('problem' in ready) return { problem: `step ${step.id}: ${ready.problem}` };
    if (step.target.type === 'command' && step.target.shell)
      warnings.push(`step ${step.id}: a shell runs its text; whether that can run is not known before it does`);
    if (step.target.type !== 'ask' && isPlaceholder(step.target.cwd))
      warnings.push(`step ${step.id}: ${step.target.cwd} is a placeholder; put your own directory in its place`);
    steps.push({ stepId: step.id, ...ready });
  }
  return { steps, warnings };
}

/** What shipped files write where their user's own directory belongs. It is never there, and that is no news. */
const isPlaceholder = (cwd: string | undefined): boolean => cwd?.startsWith('/path/to/') === true;

async function stepReady(
  deps: RunDeps,
  step: Step,
  signal: AbortSignal,
): Promise<Omit<Ready, 'stepId'> | { problem: string }> {
  const { target } = step;
  if (target.type === 'ask') return { command: 'ask' };
  const token = nonce();
  const layers = { identity: {}, token, sessionId: 'shell', target: target.env };
  const own = step.account as { profile: string; tool?: string } | undefined;
  const account = await accountFor(deps, { target, token, signal, layers, ...(own ? { account: own } : {}) });
  if (account && 'problem' in account) return account;
  const env = targetEnv(deps, { ...layers, ...(account ? { account } : {}) });
  const cwd = targetDir(target.cwd, env);
  const bad = isPlaceholder(cwd) ? undefined : dirProblem(cwd);
  if (bad !== undefined) return { problem: bad };
  const command = programOf(deps, target, cwd);
  const program = programFor(command, env, cwd);
  if ('problem' in program) return program;
  return { command, ...(account ? { accountProfile: account.profile, accountTool: account.tool } : {}) };
}

function programOf(deps: RunDeps, target: Exclude<Step['target'], { type: 'ask' }>, cwd: string): string {
  if (target.type === 'command') return target.shell ? 'sh' : target.command;
  const { adapters } = loadConfig(deps.profile.configPath).config;
  return adapterFor(target.provider, { ...target, cwd: target.cwd === undefined ? undefined : cwd }, adapters).command;
}
