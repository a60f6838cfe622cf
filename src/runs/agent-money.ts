/**
 * What an agent's attempt costs, in the ledger of the day: reserved before its process starts, settled by what it reports. A death
 * in between leaves the reservation counting. Commands cost nothing; workflows and objectives account for their own parts.
 */
import { localDay } from '../model/instant.js';
import { resolveKnobs } from '../model/knobs.js';
import { loadConfig } from '../store/config.js';
import { type Reservation, reserveSpend, settleSpend } from '../store/spend.js';
import type { AttemptDeps } from './attempt-deps.js';
import { type ClaimedAttempt, runIdOf } from './claim-attempt.js';
import type { Performed } from './performer.js';

export interface AgentMoney {
  /** Throws when it cannot be written down: then nothing may be spent. */
  reserve(): void;
  settle(usage: Extract<Performed, { usage?: unknown }>['usage']): void;
}

export function agentMoney(deps: AttemptDeps, { spec, ref, attempt }: ClaimedAttempt): AgentMoney {
  if (spec.target.type !== 'agent' || spec.goal) return { reserve: () => undefined, settle: () => undefined };
  const reservation: Reservation = {
    day: localDay(deps.now()),
    run: `${runIdOf(ref)}.${attempt}`,
    runner: spec.target.provider,
    job: 'loop',
    loop: spec.id,
    loop_name: spec.name,
    estimateUsd: estimate(deps),
  };
  return {
    reserve: () => reserveSpend(deps.disk, reservation, deps.now()),
    settle(usage) {
      const told = {
        ...(usage?.costUsd === undefined ? {} : { usd: usage.costUsd }),
        ...(usage?.inputTokens === undefined ? {} : { input_tokens: usage.inputTokens }),
        ...(usage?.outputTokens === undefined ? {} : { output_tokens: usage.outputTokens }),
      };
      try {
        settleSpend(deps.disk, reservation, told, deps.now());
      } catch {
        // The reservation stands; what the agent did must still be recorded.
      }
    },
  };
}

function estimate({ env, profile }: AttemptDeps): number {
  try {
    return resolveKnobs(env, loadConfig(profile.configPath)?.raw ?? {}).knobs.runEstimateUsd;
  } catch {
    // A broken config: whoever needs it says so.
    return resolveKnobs(env, {}).knobs.runEstimateUsd;
  }
}
