/** Facts of one loop → what to do, and when to look again. Pure. Nothing is written and nothing started while nothing is due. */
import type { Instant } from '../../model/instant.js';
import { later, type Outcome, settled, stalled, waiting } from '../../model/outcome.js';
import type { AttemptJob } from '../../runs/attempt-deps.js';
import { isBroken } from '../../runs/loop-asks.js';
import type { SoundLoop } from '../../store/loops.js';
import type { LoopFacts } from './observe.js';

export type Step =
  | { do: 'start'; job: AttemptJob }
  /** Its lane is full: it is called when a place is free. */
  | { do: 'queue'; job: AttemptJob }
  /** The disk is nearly full: the human is asked, nothing is started. */
  | { do: 'ask-for-room' }
  /** The money of the day is used up: the human is asked, no agent is started. */
  | { do: 'ask-for-money'; limit: NonNullable<LoopFacts['money']> }
  | { do: 'ask-breaker'; loop: SoundLoop }
  | { do: 'end-asks'; loop?: SoundLoop }
  | { do: 'none' };

export interface Plan {
  step: Step;
  outcome: Outcome;
}

/** Between two looks at a disk that is nearly full, or at the money of the day; loops spec 6.7: once a minute in the log. */
const ROOM_MS = 60_000;
/** A place that is given back calls the loop; this look is for the call that came before the loop waited. */
const LANE_MS = 5_000;

export function planLoop({ look, hasPlace, room, money }: LoopFacts, now: Instant): Plan {
  const { entry, start } = look;
  if (!entry) return again({ do: 'end-asks' }, look.at, settled());
  if (entry.state !== 'ok') {
    const outcome = stalled(`loop "${entry.name ?? entry.id}" can be used: ${entry.reason}`);
    return again({ do: 'none' }, look.at, outcome);
  }
  if (start && room === 'nearly-full')
    return {
      step: { do: 'ask-for-room' },
      outcome: later(now + ROOM_MS, 'less than 4 MiB are free: nothing is started'),
    };
  if (start && money)
    return {
      step: { do: 'ask-for-money', limit: money },
      outcome: later(now + ROOM_MS, `no agent is started: ${money.verdict.reason}`),
    };
  if (start && !hasPlace)
    return { step: { do: 'queue', job: start }, outcome: waiting('a free place in its lane', now + LANE_MS) };
  if (start) return { step: { do: 'start', job: start }, outcome: later(now, 'started') };
  if (isBroken(entry))
    return again({ do: 'ask-breaker', loop: entry }, look.at, waiting('the human to resume or stop it'));
  const { cause } = entry.loopState;
  const isEased = cause === 'resume' || cause === 'stop';
  const step: Step = isEased ? { do: 'end-asks', loop: entry } : { do: 'none' };
  return again(step, look.at, settled());
}

const again = (step: Step, at: Instant | undefined, otherwise: Outcome): Plan => ({
  step,
  outcome: at === undefined ? otherwise : later(at, 'its next planned time'),
});
