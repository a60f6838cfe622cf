/** The beginning of every move that may happen: its intent, written down once, then its performance. */
import { type Instant, localDay, unixSeconds } from '../model/instant.js';
import type { Move } from '../model/move.js';
import { FORMAT } from '../model/record.js';
import type { Intent } from '../model/run.js';
import { publishIntent, readIntent, readOutcome } from '../store/intents.js';
import type { RunRef } from '../store/runs.js';
import type { ActDeps } from './move-kind.js';
import { baseOf, type Performed, perform } from './perform.js';

export type Origin =
  | { by: 'pulse'; rule?: string }
  | { by: 'human'; user: string }
  | { by: 'approval'; ask: string; user: string };

export interface Proposal {
  move: Move;
  /** The line for the journal; absent: the move's summary. */
  journal?: string;
  origin: Origin;
  /** `World.approvalHash` it was proposed in: an approval is bound to it. */
  world?: string;
  /** The beat's run that proposed it. One run performs one move, however often it is asked to. */
  run?: string;
}

/** What the gate said of a move that the pulse proposed, for whoever asks later. Absent: it was not asked, or the move is a human's. */
export interface GateSaid {
  gate?: { verdict: 'allow' | 'ask' | 'refuse'; reason: string };
}

export type ActResult = GateSaid &
  (
    | Performed
    /** The human must say yes first: `ask` is pending. */
    | { state: 'asked'; ask: string; reason: string }
  );

/** Writes the intent unless it is there already, and performs it. */
export async function begin(deps: ActDeps, proposal: Proposal, at: { run: RunRef; now: Instant }): Promise<Performed> {
  const { move, journal, origin } = proposal;
  const base = await baseOf(deps.disk, move);
  const intent: Intent = {
    format: FORMAT,
    run: at.run.id,
    day: at.run.day,
    action: move.action,
    move,
    ...(journal === undefined ? {} : { journal }),
    origin: origin.by === 'approval' ? `approval:${origin.ask}` : origin.by,
    ...(origin.by === 'pulse' ? {} : { user: origin.user }),
    ...(base === undefined ? {} : { base }),
    ts: unixSeconds(at.now),
  };
  if (readOutcome(deps.disk, at.run).state === 'present' || publishIntent(deps.disk, intent))
    return perform(deps, { intent, move, repeated: false }, at.now);
  // Somebody is at this very run, or died in it: what is on disk is what counts.
  const known = readIntent(deps.disk, intent.run);
  return perform(deps, { intent: known.state === 'present' ? known.value : intent, move, repeated: true }, at.now);
}

/** `20261121-074200`, local time, as ids of runs carry it. */
export function stampOf(at: Instant): string {
  const time = new Date(at).toTimeString().slice(0, 8).replaceAll(':', '');
  return `${localDay(at).replaceAll('-', '')}-${time}`;
}
