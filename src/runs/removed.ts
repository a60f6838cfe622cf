/**
 * Attempts whose loop was removed: its directory lies in `trash/`, where it is read and never written. A runner that lives records
 * its row itself; of one that died, or that waits for a human without a process, the row is written here. Nothing else follows.
 */
import { stopTree } from '../host/kill.js';
import type { Instant } from '../model/instant.js';
import { type AttemptResult, type Claim, type LoopSpec, loopSpecSchema } from '../model/loop.js';
import { FORMAT } from '../model/record.js';
import { readJson } from '../store/codec.js';
import type { Disk } from '../store/disk.js';
import { type AttemptRef, unmarkLive } from '../store/live.js';
import { removedDirs } from '../store/loops.js';
import { type AttemptFiles, readAttempt } from '../store/slots.js';
import type { AttemptDeps } from './attempt-deps.js';
import { iso } from './claim-attempt.js';
import { runnerOf } from './finish-attempt.js';
import { ledgerRow } from './ledger-row.js';
import { judge } from './orphan.js';
import { endOfParked } from './parked.js';

/** Between two looks at one that is not over; whoever ends it tells nobody. */
const LOOK_MS = 5_000;

/** `told`: its row is there and its mark away. Undefined: no claim of it is found, or none that can be read. */
export async function tendRemoved(
  deps: AttemptDeps,
  ref: AttemptRef,
  now: Instant,
): Promise<{ state: 'told' } | { state: 'open'; at: Instant } | undefined> {
  const found = findRemoved(deps.disk, ref);
  if (!found) return undefined;
  const { files, claim, spec } = found;
  if (deps.inFlight.has(claim.token)) return { state: 'open', at: now + LOOK_MS };
  const end = claim.kind === 'skip' ? {} : await endOf(deps, { files, claim, spec }, now);
  if (end === 'open') return { state: 'open', at: now + LOOK_MS };
  const runner = spec ? runnerOf(spec) : 'loop';
  ledgerRow(deps, { ref, loopName: spec?.name ?? ref.loop, claim, runner, ...end, isLastTrace: true }, true);
  unmarkLive(deps.disk, ref);
  return { state: 'told' };
}

interface Found {
  files: AttemptFiles;
  claim: Claim;
  spec: LoopSpec | undefined;
}

/** A decided loop has its id from its name, so that there may be several of one id: the newest that knows the attempt. */
function findRemoved(disk: Disk, ref: AttemptRef): Found | undefined {
  for (const dir of removedDirs(disk, ref.loop)) {
    const files = readAttempt(disk, ref, dir);
    if (files?.claim.state !== 'present') continue;
    const read = readJson(disk, `${dir}/spec.json`, loopSpecSchema);
    return { files, claim: files.claim.value, spec: read.state === 'present' ? read.value : undefined };
  }
  return undefined;
}

async function endOf(
  deps: AttemptDeps,
  { files, claim, spec }: Found,
  now: Instant,
): Promise<'open' | { result: AttemptResult }> {
  if (files.result) return { result: files.result };
  if (files.parked) return endOfWaiting(deps, { files, claim, spec });
  const { runner, token } = claim;
  const isSelf = runner.pid === deps.self.pid && runner.start === deps.self.start && runner.host === deps.self.host;
  // It does not renew the lease of a loop that is gone, and writes the row itself.
  if (!isSelf && deps.life(runner) === 'alive') return 'open';
  const verdict = await judge(deps, files, spec, now);
  if (verdict.do === 'leave') return 'open';
  if (verdict.kill !== undefined) await stopTree(verdict.kill, token, 2_000);
  return { result: given(deps, claim, `lease expired: ${verdict.why}`) };
}

async function endOfWaiting(deps: AttemptDeps, { files, claim }: Found): Promise<'open' | { result: AttemptResult }> {
  const state = await endOfParked(deps, files);
  if (state === 'waits') return 'open';
  const { performedRun } = await import('./workflow/perform.js');
  const workflowRunId = files.parked?.workflowRunId ?? '';
  const performed = state === 'ended' ? performedRun(deps.disk, workflowRunId) : undefined;
  if (!performed || performed.status === 'parked')
    return { result: given(deps, claim, 'lease expired: its workflow run is gone') };
  const { status, durationMs, error } = performed;
  const told = { ...given(deps, claim, error), status, durationMs, workflowRunId };
  return { result: told };
}

/** Abandoned, unless it is known how it ended. */
const given = (deps: AttemptDeps, { token, createdAt }: Claim, error: string | undefined): AttemptResult => ({
  format: FORMAT,
  token,
  status: 'abandoned',
  startedAt: createdAt,
  finishedAt: iso(deps.now()),
  outBytes: 0,
  errBytes: 0,
  ...(error === undefined ? {} : { error }),
});
