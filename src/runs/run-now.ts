/**
 * One attempt at once, at a person's word (loops spec 5.7): the due slot or the due retry when there is one, which then counts as
 * planned; else an ad-hoc slot, which moves nothing. It is claimed like any other, so it never runs beside itself.
 */
import type { AttemptRef } from '../store/live.js';
import { readLoop, type SoundLoop } from '../store/loops.js';
import { sealedThrough } from '../store/slots.js';
import { type AttemptEnd, performAttempt } from './attempt.js';
import type { AttemptDeps } from './attempt-deps.js';
import { limitByHand, limitWords } from './await-money.js';
import { claimAttempt, claimSkip } from './claim-attempt.js';
import { chooseRunNow, type RunNowChoice } from './rules/run-now.js';
import { seenSlots } from './seen-slots.js';
import { tendUnfinished } from './unfinished.js';

export type RunNow =
  /** `hint`: the next command, where it is not the list of the loop's runs. */
  | { state: 'not-claimed'; why: string; hint?: string }
  | {
      state: 'claimed';
      ref: AttemptRef;
      source: 'ad_hoc' | 'due_slot' | 'retry_slot';
      advancesLoop: boolean;
      end: AttemptEnd | { state: 'skipped'; why: string };
    };

/** An ad-hoc slot that somebody took a moment before us is exchanged for the next one; more than this is no crowd but a defect. */
const TRIES = 10_000;

/** `force`: beside a run that is active, whatever the loop's overlap says. */
export async function runNow(
  deps: AttemptDeps,
  entry: SoundLoop,
  how: { force: boolean; signal: AbortSignal },
): Promise<RunNow> {
  await tendUnfinished(deps, { id: entry.id, spec: entry.spec }, deps.now());
  for (let tries = 0; tries < TRIES; tries++) {
    const fresh = readLoop(deps.disk, entry.id);
    const loop = fresh?.state === 'ok' ? fresh : entry;
    const choice = choose(deps, loop, how.force);
    if (choice.kind === 'refused') return { state: 'not-claimed', why: choice.reason };
    const { slot, source, advancesLoop } = choice;
    const job = { spec: loop.spec, slot, attempt: choice.kind === 'run' ? choice.attempt : 1, source };
    const told = {
      state: 'claimed',
      ref: { loop: loop.id, slot, attempt: job.attempt },
      source,
      advancesLoop,
    } as const;
    if (choice.kind === 'skip') {
      if (claimSkip(deps, job, choice.reason)) return { ...told, end: { state: 'skipped', why: choice.reason } };
      continue;
    }
    const limit = await limitByHand(deps, loop.spec);
    if (limit) return { state: 'not-claimed', why: limitWords(limit), hint: 'tend spend' };
    const claimed = claimAttempt(deps, job);
    if (claimed) return { ...told, end: await performAttempt(deps, claimed, how.signal) };
    if (source !== 'ad_hoc')
      return { state: 'not-claimed', why: 'could not claim the due slot: somebody else was first' };
  }
  return { state: 'not-claimed', why: `could not claim a slot in ${TRIES} tries` };
}

function choose({ disk, now, zone }: AttemptDeps, { id, spec, loopState }: SoundLoop, force: boolean): RunNowChoice {
  const at = now();
  const seen = seenSlots({ disk }, spec, loopState, at);
  const sealed = sealedThrough(disk, id);
  return chooseRunNow(spec, loopState, { now: at, zone: zone(), seen, sealedThrough: sealed, force });
}
