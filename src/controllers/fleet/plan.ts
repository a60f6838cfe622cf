/** Facts about one worker → the one next step and when to look again. Pure; every line of the table is tested. */
import { isEnded } from '../../model/fleet.js';
import type { Instant } from '../../model/instant.js';
import { later, type Outcome, settled, stalled, waiting } from '../../model/outcome.js';
import { cutOf } from '../../model/worker-cut.js';
import type { FleetFacts } from './observe.js';

export type FleetStep =
  | { do: 'nothing' }
  | { do: 'quarantine'; key: string; reason: string }
  /** Spawn a supervisor for the unclaimed generation. */
  | { do: 'launch' }
  /** Nobody has claimed it and nobody shall: claim it for nobody and record the end. */
  | { do: 'cancel'; why: string }
  | { do: 'stop' }
  /** A budget is used up: stand still, keep everything. */
  | { do: 'hold'; why: string }
  | { do: 'release' }
  /** The supervisor is gone without a word: end what it left, then record that. */
  | { do: 'mend'; why: string }
  /** Write what has ended into the ledger. */
  | { do: 'record' }
  | { do: 'verify' }
  /** Remove the worktree if it holds no work. */
  | { do: 'tidy' }
  | { do: 'remove' };

export interface FleetPlan {
  step: FleetStep;
  outcome: Outcome;
}

export interface FleetTerms {
  now: Instant;
  /** Knob `workerTtlS`. */
  ttlS: number;
  /** Supervisors that this pulse has spawned for the present generation. */
  launches: number;
  /** When the last of them was spawned. */
  launchedAt: Instant | undefined;
  /** Why it may not go on: a budget is used up. */
  over?: string | undefined;
  /** Its processes are stopped, or were about to be. */
  held?: boolean;
  /** Why nothing may begin now. */
  barred?: string | undefined;
}

/** A supervisor claims its generation within a second; a loaded machine gets this long before another is spawned. */
export const CLAIM_MS = 10_000;
/** Supervisors that never claim are broken in a way that another try does not mend. */
export const LAUNCHES_MAX = 3;
/** The death of a supervisor is no file event: its beacon is asked this often. */
export const LOOK_MS = 5_000;

/** A worktree that holds work is looked at again after the retention, but not more often than this. */
const TIDY_AGAIN_S = 3_600;

const nothing = (outcome: Outcome): FleetPlan => ({ step: { do: 'nothing' }, outcome });

export function planWorker(facts: FleetFacts, terms: FleetTerms): FleetPlan {
  const { record, life } = facts;
  const { problem } = record;
  if (problem?.corrupt) {
    const { key, reason } = problem;
    return { step: { do: 'quarantine', key, reason }, outcome: later(terms.now, `"${key}" was put into quarantine`) };
  }
  if (problem) return nothing(stalled(`"${problem.key}" can be read: ${problem.reason}`));
  if (isEnded(record.status)) return planEnded(facts, terms);
  if (life === 'unknown') return nothing(later(terms.now + LOOK_MS, 'its control socket cannot be asked'));
  if (life === undefined) return planUnclaimed(facts, terms);
  const isWanted = record.spec?.desired !== 'stopped';
  if (life === 'dead') {
    const why = isWanted ? 'its supervisor died (crash or reboot)' : 'it was told to stop and its supervisor died';
    return { step: { do: 'mend', why }, outcome: later(terms.now, 'its end was recorded') };
  }
  if (isWanted && terms.over !== undefined)
    return {
      step: { do: 'hold', why: terms.over },
      outcome: waiting(`you: ${terms.over}; it is held`, terms.now + LOOK_MS),
    };
  if (isWanted && terms.held) return { step: { do: 'release' }, outcome: later(terms.now, 'it goes on') };
  if (isWanted) return nothing(waiting('the worker', terms.now + LOOK_MS));
  return { step: { do: 'stop' }, outcome: later(terms.now, 'it was stopped') };
}

function planUnclaimed({ record }: FleetFacts, terms: FleetTerms): FleetPlan {
  const { now, launches, launchedAt } = terms;
  // A status without a spec and without a claim: nothing was asked of us.
  if (!record.spec) return nothing(stalled(`workers/${record.id}/spec.json is there again`));
  if (record.spec.desired === 'stopped')
    return {
      step: { do: 'cancel', why: 'it was stopped before it began' },
      outcome: later(now, 'its end was recorded'),
    };
  // A clock that was set back must not keep a worker from starting.
  const since = launchedAt === undefined ? CLAIM_MS : Math.abs(now - launchedAt);
  if (since < CLAIM_MS) return nothing(waiting('its supervisor to begin', now + CLAIM_MS - since));
  if (terms.barred !== undefined) return nothing(waiting(terms.barred, now + CLAIM_MS));
  if (launches >= LAUNCHES_MAX) {
    const why = `its supervisor did not begin in ${launches} attempts, see workers/${record.id}/supervisor.log`;
    return { step: { do: 'cancel', why }, outcome: later(now, 'its end was recorded') };
  }
  return { step: { do: 'launch' }, outcome: waiting('its supervisor to begin', now + CLAIM_MS) };
}

function planEnded({ record, worktree, isUntold }: FleetFacts, terms: FleetTerms): FleetPlan {
  const { status, spec, verdict, claim } = record;
  // Before anything that takes long, and before anything goes.
  if (isUntold) return { step: { do: 'record' }, outcome: later(terms.now, 'its end stands in the ledger') };
  const hasRun = claim === undefined || claim.socket !== '';
  if (spec?.verify !== undefined && !verdict && hasRun)
    return { step: { do: 'verify' }, outcome: later(terms.now, 'verify has judged it') };
  const until = ((status?.ended_ts ?? status?.started_ts ?? 0) + terms.ttlS) * 1000;
  const isOver = terms.now >= until;
  if (worktree && worktree.state !== 'removed' && (isOver || spec?.desired === 'stopped')) {
    const judgedUntil = worktree.state === 'kept' ? (worktree.ts + Math.max(terms.ttlS, TIDY_AGAIN_S)) * 1000 : 0;
    if (terms.now >= judgedUntil)
      return { step: { do: 'tidy' }, outcome: later(terms.now, 'its worktree was looked at') };
    return nothing(later(judgedUntil, `its worktree holds work: ${worktree.why ?? ''}`));
  }
  if (isOver) return { step: { do: 'remove' }, outcome: settled('past its retention') };
  const cut = cutOf(record);
  if (!cut) return nothing(later(until, 'kept until its retention ends'));
  const again = cut.resumed === 0 ? '' : `, resumed ${cut.resumed} times`;
  return nothing(
    later(until, `its session was cut (${cut.why}${again}); it goes on with: tend worker resume ${record.id}`),
  );
}
