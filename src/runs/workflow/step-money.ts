/**
 * What the agents of steps cost, in the ledger of the day: reserved before the process starts, settled by what it reports. A death in
 * between leaves the reservation counting. Each node of a step's objective is a run of its own there.
 */
import { now } from '../../host/clock.js';
import { messageOf } from '../../model/error.js';
import { localDay } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import { loadConfig } from '../../store/config.js';
import { type Reservation, reserveSpend, settleSpend } from '../../store/spend.js';
import { stepRunId } from '../../store/workflow-runs.js';
import { limitWords } from '../await-money.js';
import { dayLimit } from '../day-money.js';
import type { Performed, PerformRequest, RunDeps } from '../performer.js';
import { notStarted } from '../told-end.js';
import type { FlowDeps } from './flow-deps.js';
import type { StepRequest } from './run-step.js';

/** Performs the target of a step; an agent only after its cost is reserved. */
export async function performPaid(
  deps: FlowDeps,
  { run, at }: Pick<StepRequest, 'run' | 'at'>,
  request: PerformRequest,
): Promise<Performed> {
  if (request.target.type !== 'agent') return deps.perform(deps, request);
  // What the pulse drives was held back before the step began (start-brake.ts); here stands a human who can be told.
  const limit = deps.askForMoney || deps.mayOverspend ? undefined : dayLimit(deps, now());
  if (limit) return notStarted(`Cannot start the agent: ${limitWords(limit)}`);
  const began = now();
  const node = request.identity.goalNodeKey;
  const reservation: Reservation = {
    day: localDay(began),
    run: `${stepRunId(run.id, at.step)}.${at.n}${node === undefined ? '' : `.${node}`}`,
    runner: request.target.provider,
    job: 'step',
    workflow: run.workflow.id,
    workflow_name: run.workflow.name,
    ...(run.loopId === undefined ? {} : { loop: run.loopId }),
    ...(run.loopName === undefined ? {} : { loop_name: run.loopName }),
    estimateUsd: estimate(deps),
  };
  try {
    reserveSpend(deps.disk, reservation, began);
  } catch (error) {
    return notStarted(`Cannot note what the agent will cost: ${messageOf(error)}`);
  }
  const performed = await deps.perform(deps, request);
  settle(deps, reservation, performed);
  return performed;
}

function settle(deps: RunDeps, reservation: Reservation, performed: Performed): void {
  const usage = performed.status === 'parked' ? undefined : performed.usage;
  const told = {
    ...(usage?.costUsd === undefined ? {} : { usd: usage.costUsd }),
    ...(usage?.inputTokens === undefined ? {} : { input_tokens: usage.inputTokens }),
    ...(usage?.outputTokens === undefined ? {} : { output_tokens: usage.outputTokens }),
  };
  try {
    settleSpend(deps.disk, reservation, told, now());
  } catch (error) {
    // The reservation stands; what the agent did must still be recorded.
    deps.log('warn', 'workflow.spend', `${reservation.run}: ${messageOf(error)}`);
  }
}

function estimate({ env, profile }: RunDeps): number {
  try {
    return resolveKnobs(env, loadConfig(profile.configPath).raw).knobs.runEstimateUsd;
  } catch {
    // A broken config: whoever needs it itself says so.
    return resolveKnobs(env, {}).knobs.runEstimateUsd;
  }
}
