/** Files → what one beat knows: the world, its own memory, the approvals. Reads and senses; decides nothing. */

import { childEnv } from '../../host/children-env.js';
import type { Env } from '../../host/env.js';
import type { Profile } from '../../host/profile.js';
import { askLife } from '../../host/worker-life.js';
import { nonce } from '../../lib/hash.js';
import { messageOf } from '../../model/error.js';
import { type Fleet, WHOLE_FLEET } from '../../model/fleet.js';
import { type Instant, localDay } from '../../model/instant.js';
import type { Knobs } from '../../model/knobs.js';
import type { Memory } from '../../model/memory.js';
import type { DaySpend, SpendRow } from '../../model/spend.js';
import type { WorkerView } from '../../model/worker.js';
import type { World } from '../../model/world.js';
import { budget, daySpend } from '../../policy/budget.js';
import { envFor } from '../../runners/provider-keys.js';
import { collectFacts } from '../../sense/collect-facts.js';
import { senseWorld } from '../../sense/sense-world.js';
import { idsIn, isConsumed, readAnswer, readAsk, readMailbox } from '../../store/asks.js';
import type { Disk } from '../../store/disk.js';
import { readFleet } from '../../store/fleet.js';
import { intentProblems } from '../../store/intents.js';
import type { LoopEntry } from '../../store/loops.js';
import { readSpend } from '../../store/spend.js';
import type { ApprovalFact } from './plan.js';

export interface Machine {
  disk: Disk;
  profile: Profile;
  env: Env;
  bin: string;
  /** Provider keys that sensors inherit all the same: the config's `pass_keys`. */
  passKeys?: readonly string[];
  /** Ends a sensing under way. */
  abort: AbortSignal;
  /** The timed loops, remembered from beat to beat; absent: each is read. */
  loops?: () => readonly LoopEntry[];
}

export interface Observed {
  world: World;
  flaps: Memory['flaps'];
  spend: DaySpend;
  /** Rows of today's ledger. */
  spendRows: readonly SpendRow[];
  fleet: WorkerView[];
  /** Workers about whom nothing certain is known. */
  fleetProblems: Fleet['problems'];
  approvals: ApprovalFact[];
  problems: string[];
}

export async function observe(machine: Machine, knobs: Knobs, memory: Memory, now: Instant): Promise<Observed> {
  const { disk } = machine;
  const problems: string[] = intentProblems(disk);
  const ledger = readSpend(disk, localDay(now));
  const spend = daySpend(ledger.rows);
  const verdict = budget(spend, knobs);
  let fleet: Fleet = { views: [], problems: [] };
  const facts = async () => {
    fleet = await fleetOf(disk, knobs, now);
    return collectFacts(
      disk,
      {
        fleet: fleet.views,
        fleetProblems: fleet.problems,
        spend: { state: verdict.state, today: { ...spend } },
        goalActivity: memory.goalActivity,
        ...(machine.loops ? { loops: machine.loops } : {}),
      },
      now,
    );
  };
  const sensed = await senseWorld(
    { disk, knobs, facts, memory: memory.flaps, signal: machine.abort, sensorEnv: (name) => sensorEnv(machine, name) },
    now,
  );
  if (ledger.torn > 0) problems.push(`${ledger.torn} torn lines in today's spend ledger were not counted`);
  return {
    world: sensed.world,
    flaps: sensed.flaps,
    spend,
    spendRows: ledger.rows,
    fleet: fleet.views,
    fleetProblems: fleet.problems,
    approvals: await approvals(disk, problems),
    problems: [...problems, ...sensed.problems],
  };
}

/** The fleet as it is now, with what could not be told. Pending asks make `waiting-ask`. */
export async function fleetOf(disk: Disk, knobs: Knobs, now: Instant): Promise<Fleet> {
  try {
    return await readFleet(disk, { now, stuckS: knobs.workerStuckS, askLife, asks: (await readMailbox(disk)).pending });
  } catch (error) {
    return { views: [], problems: [{ id: WHOLE_FLEET, reason: messageOf(error) }] };
  }
}

function sensorEnv({ env, profile, bin, passKeys }: Machine, name: string): Record<string, string> {
  return childEnv(envFor(env, undefined, passKeys), profile, bin, {
    sessionId: 'sensor',
    mark: nonce(),
    extra: { TEND_SENSOR: name },
  });
}

/**
 * Approvals that nobody has acted on yet, answered or not. One that cannot be read stays with the human: it is in the mailbox's
 * problems. Where it cannot be told whether somebody has acted, nobody does.
 */
async function approvals(disk: Disk, problems: string[]): Promise<ApprovalFact[]> {
  const facts: ApprovalFact[] = [];
  for (const id of idsIn(disk, 'asks').filter((name) => name.startsWith('gate-'))) {
    const ask = await readAsk(disk, id);
    if (ask.state !== 'present' || !ask.value.proposal) continue;
    try {
      if (isConsumed(disk, id)) continue;
    } catch (error) {
      problems.push(`approval "${id}" is not acted on: ${messageOf(error)}`);
      continue;
    }
    const answer = await readAnswer(disk, id);
    if (answer.state === 'absent') facts.push({ ask: ask.value });
    else if (answer.state === 'present') facts.push({ ask: ask.value, answer: answer.value });
  }
  return facts;
}
