/**
 * What an agent costs that works on one node of a loop's objective: reserved before its process starts, settled by what it reports. A
 * death in between leaves the reservation counting. Steps of workflows account for themselves.
 */
import { now } from '../../host/clock.js';
import { nonce } from '../../lib/hash.js';
import { localDay } from '../../model/instant.js';
import { resolveKnobs } from '../../model/knobs.js';
import type { LoopSpec } from '../../model/loop.js';
import type { ObjectiveSource } from '../../model/objective.js';
import { loadConfig } from '../../store/config.js';
import { type Reservation, reserveSpend, settleSpend } from '../../store/spend.js';
import type { Performed, RunDeps, RunIdentity } from '../performer.js';

/** Whose the money is, as rows of the account say it. */
export function whoseMoney(
  of: Pick<ObjectiveSource, 'loopId' | 'loopName' | 'workflowId' | 'workflowName'>,
): Pick<Reservation, 'loop' | 'loop_name' | 'workflow' | 'workflow_name'> {
  return {
    ...(of.loopId === undefined ? {} : { loop: of.loopId }),
    ...(of.loopName === undefined ? {} : { loop_name: of.loopName }),
    ...(of.workflowId === undefined ? {} : { workflow: of.workflowId }),
    ...(of.workflowName === undefined ? {} : { workflow_name: of.workflowName }),
  };
}

/** `work` with its money. A target that is no agent costs nothing by itself. */
export async function withNodeMoney(
  deps: RunDeps,
  { target }: LoopSpec,
  identity: RunIdentity,
  work: () => Promise<Performed>,
): Promise<Performed> {
  if (target.type !== 'agent') return work();
  const at = now();
  const reservation: Reservation = {
    day: localDay(at),
    // A node may run more than once in one attempt.
    run: `${identity.runId}.${identity.attempt}.${identity.goalNodeKey}.${nonce(3)}`,
    runner: target.provider,
    job: 'loop',
    estimateUsd: resolveKnobs(deps.env, loadConfig(deps.profile.configPath).config).knobs.runEstimateUsd,
    ...whoseMoney(identity),
  };
  reserveSpend(deps.disk, reservation, at);
  const performed = await work();
  const { costUsd, inputTokens, outputTokens } = performed.status === 'parked' ? {} : (performed.usage ?? {});
  const told = {
    ...(costUsd === undefined ? {} : { usd: costUsd }),
    ...(inputTokens === undefined ? {} : { input_tokens: inputTokens }),
    ...(outputTokens === undefined ? {} : { output_tokens: outputTokens }),
  };
  settleSpend(deps.disk, reservation, told, now());
  return performed;
}
