/**
 * One attempt of one slot from its claim to its row: perform → outputs → result → cursor → row → mark away (loops spec 6.3). Each
 * arrow is a durable step that a death may follow; what it leaves is mended by the next look (look-at-loop.ts). An attempt that is
 * not ours any more is stopped, and nothing of it is recorded.
 */
import { pause } from '../host/clock.js';
import { messageOf, TendError } from '../model/error.js';
import type { AttemptResult } from '../model/loop.js';
import { FORMAT } from '../model/record.js';
import { specKey } from '../store/loops.js';
import { hasResult, keepLateResult, publishResult, writeOutputs, writeParked } from '../store/slots.js';
import { agentMoney } from './agent-money.js';
import type { AttemptDeps } from './attempt-deps.js';
import { type ClaimedAttempt, iso, runIdOf } from './claim-attempt.js';
import { isDiskFull, releaseReserve } from './disk-room.js';
import { finishAttempt } from './finish-attempt.js';
import { keepLease, type LeaseKeeper } from './lease-keeper.js';
import type { Performed, RunIdentity } from './performer.js';

export type AttemptEnd =
  | { state: 'finished'; result: AttemptResult; stdout: string; stderr: string }
  | { state: 'parked'; workflowRunId: string }
  /** It was lost to somebody else, or could not be recorded: what it did counts for nothing. */
  | { state: 'dropped'; why: string };

type Ended = Exclude<Performed, { status: 'parked' }>;

/** Performs what was claimed. `signal` aborts the run; it is then recorded as failed, `cancelled`. Throws only on our own defects. */
export async function performAttempt(
  deps: AttemptDeps,
  claimed: ClaimedAttempt,
  signal: AbortSignal,
): Promise<AttemptEnd> {
  const keeper = keepLease(deps, claimed);
  const startedAt = iso(deps.now());
  try {
    // Whoever stood still since the claim, for longer than the lease, may have been given up: then nothing is started.
    keeper.check();
    const early = keeper.why();
    if (early !== undefined) return notStarted(deps, claimed, early);
    const performed = await perform(deps, claimed, { keeper, signal });
    keeper.check();
    const why = keeper.why();
    if (performed.status === 'parked') {
      if (why === undefined)
        writeParked(deps.disk, claimed.ref, { workflowRunId: performed.workflowRunId, at: iso(deps.now()) });
      return { state: 'parked', workflowRunId: performed.workflowRunId };
    }
    const result = resultOf(deps, claimed, { startedAt, performed });
    if (why !== undefined) return drop(deps, claimed, result, why);
    return await record(deps, claimed, { result, performed, keeper });
  } finally {
    keeper.stop();
    deps.inFlight.delete(claimed.claim.token);
  }
}

async function perform(
  deps: AttemptDeps,
  claimed: ClaimedAttempt,
  { keeper, signal }: { keeper: LeaseKeeper; signal: AbortSignal },
): Promise<Performed> {
  const { spec, claim } = claimed;
  const money = agentMoney(deps, claimed);
  const request = {
    target: spec.target,
    identity: identityOf(claimed),
    token: claim.token,
    signal: AbortSignal.any([signal, keeper.lost]),
    onChild: keeper.onChild,
  };
  try {
    money.reserve();
    const performed = await deps.perform(deps, spec, request);
    if (performed.status !== 'parked') money.settle(performed.usage);
    return performed;
  } catch (error) {
    return { status: 'failed', durationMs: 0, stdout: '', stderr: '', error: messageOf(error) };
  }
}

function identityOf({ spec, ref, slot, attempt }: ClaimedAttempt): RunIdentity {
  return {
    loopId: spec.id,
    loopName: spec.name,
    runId: runIdOf(ref),
    scheduledFor: iso(slot),
    attempt,
    ...(spec.goal ? { goalObjective: spec.goal.objective } : {}),
  };
}

function resultOf(
  deps: AttemptDeps,
  { claim }: ClaimedAttempt,
  { startedAt, performed }: { startedAt: string; performed: Ended },
): AttemptResult {
  const { status, exitCode, pid, durationMs, error } = performed;
  const { accountProfile, accountTool, workflowRunId, goalRunId } = performed;
  return {
    format: FORMAT,
    token: claim.token,
    status,
    startedAt,
    finishedAt: iso(deps.now()),
    durationMs: Math.max(0, Math.round(durationMs)),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(pid === undefined ? {} : { pid }),
    ...(error === undefined ? {} : { error }),
    outBytes: Buffer.byteLength(performed.stdout),
    errBytes: Buffer.byteLength(performed.stderr),
    ...(goalRunId === undefined ? {} : { goalRunId }),
    ...(workflowRunId === undefined ? {} : { workflowRunId }),
    ...(accountProfile === undefined ? {} : { accountProfile }),
    ...(accountTool === undefined ? {} : { accountTool }),
  };
}

/** Between two tries to record a result on a disk that refuses it. */
const RETRY_MS = 1_000;

/** Outputs, result, and what follows from it. A disk that refuses is asked again for as long as the lease is ours. */
async function record(
  deps: AttemptDeps,
  claimed: ClaimedAttempt,
  { result, performed, keeper }: { result: AttemptResult; performed: Ended; keeper: LeaseKeeper },
): Promise<AttemptEnd> {
  const { disk } = deps;
  const { ref } = claimed;
  for (let told = false; ; told = true) {
    try {
      // Removed while it ran: nothing makes its directory anew, the row in the ledger is all that is left to write.
      const isRemoved = disk.stat(specKey(ref.loop)).state === 'absent';
      const kept = isRemoved ? result : publishOutcome(deps, claimed, result, performed);
      if (!kept) return drop(deps, claimed, result, 'another process has ended it');
      const { usage } = performed;
      finishAttempt(
        deps,
        { ref, claim: claimed.claim, result: kept },
        { isFresh: true, spec: claimed.spec, ...(usage ? { usage } : {}) },
      );
      return { state: 'finished', result: kept, stdout: performed.stdout, stderr: performed.stderr };
    } catch (error) {
      const isFenced = error instanceof TendError && error.code === 'fenced';
      // With the result on record anybody can do the rest; the mark says that it is owed.
      if (!isFenced && hasResult(disk, ref)) throw error;
      if (!told) deps.log('error', 'loop.result', `loop "${claimed.spec.name}": ${messageOf(error)}`);
      await pause(RETRY_MS, keeper.lost);
      keeper.check();
      const why = isFenced ? 'another pulse has taken over' : keeper.why();
      if (why !== undefined) return { state: 'dropped', why };
    }
  }
}

/** Undefined when somebody else's result stands. On a full disk the reserve is spent, and the result alone is kept. */
function publishOutcome(
  { disk }: AttemptDeps,
  { ref }: ClaimedAttempt,
  result: AttemptResult,
  outputs: { stdout: string; stderr: string },
): AttemptResult | undefined {
  try {
    writeOutputs(disk, ref, outputs);
    return publishResult(disk, ref, result) ? result : undefined;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
  releaseReserve(disk);
  const lost = 'its output was lost: the disk was full';
  const poor = {
    ...result,
    outBytes: 0,
    errBytes: 0,
    error: result.error === undefined ? lost : `${result.error}; ${lost}`,
  };
  return publishResult(disk, ref, poor) ? poor : undefined;
}

function notStarted(deps: AttemptDeps, { ref, spec }: ClaimedAttempt, why: string): AttemptEnd {
  deps.log('warn', 'loop.dropped', `loop "${spec.name}", slot ${iso(ref.slot)}: not started, ${why}`);
  return { state: 'dropped', why };
}

function drop(deps: AttemptDeps, { ref, spec }: ClaimedAttempt, result: AttemptResult, why: string): AttemptEnd {
  deps.log('warn', 'loop.dropped', `loop "${spec.name}", slot ${iso(ref.slot)}: result dropped, ${why}`);
  try {
    keepLateResult(deps.disk, ref, result);
  } catch {
    // Kept for people only: who lost the attempt may have lost the disk, too.
  }
  return { state: 'dropped', why };
}
