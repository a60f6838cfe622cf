/**
 * The door: whatever tend does to the world comes through here, from the pulse, from an approved ask (approvals.ts), or from a human's verb.
 * Nothing else executes a move or writes the journal. The order: verdict of the gate → write-ahead → effect → journal.
 */
import { nonce } from '../lib/hash.js';
import type { Ask } from '../model/ask.js';
import { badInput } from '../model/error.js';
import { type Instant, localDay, unixSeconds } from '../model/instant.js';
import { moveSchema } from '../model/move.js';
import { check } from '../model/record.js';
import type { Intent } from '../model/run.js';
import { logEvent } from '../store/events.js';
import { intentRun, readIntents } from '../store/intents.js';
import { readPolicy, sensorKey } from '../store/policy.js';
import { quarantine } from '../store/quarantine.js';
import { type RunRef, runRef } from '../store/runs.js';
import type { Given, Settled } from './approvals.js';
import { type ActResult, begin, type Proposal, stampOf } from './begin.js';
import { loosenedBudget } from './loosened-budget.js';
import type { ActDeps } from './move-kind.js';
import { type Performed, perform } from './perform.js';

export type { Settled } from './approvals.js';
export type { ActResult, Origin, Proposal } from './begin.js';
export type { ActDeps } from './move-kind.js';

/** Lets a move happen, or asks the human, or says why not. Throws only when the machine or the data dir fails. */
export async function act(deps: ActDeps, proposal: Proposal, now: Instant): Promise<ActResult> {
  const checked = check(moveSchema, proposal.move);
  if (checked.problems) throw badInput(`Cannot act on a "${proposal.move.action}": ${checked.problems.join('; ')}`);
  const clean = { ...proposal, move: checked.value };
  if (proposal.origin.by === 'pulse') {
    // The shell parser is loaded only where something is judged.
    const { judge } = await import('../policy/gate.js');
    const verdict = judge(clean.move, deps.config.gate);
    const gate = { verdict: verdict.verdict, reason: verdict.reason };
    if (verdict.verdict === 'refuse') {
      logEvent(deps.disk, now, 'gate.refused', { move: clean.move, reason: verdict.reason, part: verdict.part });
      return { state: 'refused', code: 'gate-refused', reason: `The gate refused it: ${verdict.reason}`, gate };
    }
    const spends = await loosenedBudget(deps.disk, clean.move);
    if (spends !== undefined || (verdict.verdict === 'ask' && !isUnchanged(deps, clean.move))) {
      const { requestApproval } = await import('./approvals.js');
      const reason = spends ?? verdict.reason;
      return { ...(await requestApproval(deps.disk, clean, { reason, now })), gate: { verdict: 'ask', reason } };
    }
    return { ...(await begin(deps, clean, { run: runOf(clean, now), now })), gate };
  }
  return begin(deps, clean, { run: runOf(clean, now), now });
}

/** A sensor that is written as it already stands: there is nothing to say yes to. */
function isUnchanged({ disk }: ActDeps, move: Proposal['move']): boolean {
  if (move.action !== 'write_sensor') return false;
  const read = readPolicy(disk, sensorKey(move.name));
  return read.state === 'present' && read.text.trimEnd() === move.script.trimEnd();
}

/** A shell move has a directory of its own, named after the beat that wants it; other moves leave their outcome in the beat's. */
function runOf({ move, run }: Proposal, now: Instant): RunRef {
  const stamp = stampOf(now);
  const day = /^[a-z]+-(\d{4})(\d\d)(\d\d)-/.exec(run ?? '');
  const rest = run === undefined || !day ? `${stamp}-${nonce(2)}` : run.slice(run.indexOf('-') + 1);
  const prefix =
    move.action === 'run_shell' ? 'shell' : run === undefined || !day ? 'move' : run.slice(0, run.indexOf('-'));
  return runRef(day ? day.slice(1).join('-') : localDay(now), `${prefix}-${rest}`);
}

/**
 * Acts on the answer to an approval: yes runs the stored move once, if `given.world` (`World.approvalHash`) is still the one it was
 * proposed in. Safe to repeat and to do side by side, after any death; the answer is consumed at the end, after `given.ended`.
 */
export async function settleApproval(deps: ActDeps, ask: Ask, given: Given, now: Instant): Promise<Settled> {
  const { settle } = await import('./approvals.js');
  return settle(deps, ask, given, now);
}

export interface Recovered {
  run: string;
  result: Performed;
  /** `pulse`, `human` or `approval:<ask>`. */
  origin: string;
  /** Shell text of a shell move, else the action's name. */
  cmd: string;
}

/**
 * Completes what somebody died in: every intent without an end is performed to its end, adopted or reported. A command of the
 * pulse that still runs is waited for. What a living human's verb is at is left to it. Call it at start and between beats.
 */
export async function recover(deps: ActDeps, now: Instant): Promise<Recovered[]> {
  const recovered: Recovered[] = [];
  for (const intent of readIntents(deps.disk, now)) {
    const checked = check(moveSchema, intent.move);
    if (checked.problems) {
      quarantine(deps.disk, `intents/${intent.run}.json`, checked.problems.join('; '), now);
      continue;
    }
    if (intent.origin === 'human' && (await isInHands(deps, intent, now))) continue;
    const result = await perform(deps, { intent, move: checked.value, repeated: true }, now);
    logEvent(deps.disk, now, 'move.recovered', { run: intent.run, state: result.state, origin: intent.origin });
    const cmd = checked.value.action === 'run_shell' ? checked.value.cmd : checked.value.action;
    recovered.push({ run: intent.run, result, origin: intent.origin, cmd });
  }
  return recovered;
}

/** A verb's file move takes milliseconds; past this its process is surely gone. */
const VERB_S = 10;

async function isInHands(deps: ActDeps, intent: Intent, now: Instant): Promise<boolean> {
  if (intent.action !== 'run_shell') return Math.abs(unixSeconds(now) - intent.ts) < VERB_S;
  const { isShellRunning } = await import('../host/supervised-shell.js');
  return isShellRunning(deps.disk.path(intentRun(intent).dir));
}
