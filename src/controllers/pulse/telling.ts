/**
 * What a beat says of itself: the log for who watches, one event that answers `tend explain`, and the row of the ledger. The event
 * has why it looked, what it saw, what was decided, what the gate said and what it cost, because nobody can reckon that afterwards.
 */
import type { ActResult } from '../../act/act.js';
import type { DecideResult } from '../../decide/decide.js';
import { changeLines } from '../../decide/prompt/world-sections.js';
import { flat, oneLine } from '../../lib/clip.js';
import { unixSeconds } from '../../model/instant.js';
import { LIMITS } from '../../model/limits.js';
import type { Memory } from '../../model/memory.js';
import type { World } from '../../model/world.js';
import { logEvent } from '../../store/events.js';
import { intentRuns } from '../../store/intents.js';
import { pruneRuns, recordRun } from '../../store/runs.js';
import { type Beat, now } from './beat.js';

/** Lines of an event: what does not fit is counted, and the prompt of the run has it all. */
const SAW_LINES = 12;

/** What differed from the world of the last decision, as the decider is shown it. */
export interface Seen {
  saw: string[];
  /** Lines that are left out. */
  saw_more?: number;
}

/** Of the first decision ever everything is new; its prompt says what there was. */
export function seenIn({ committed }: Memory, world: Pick<World, 'items'>): Seen {
  const lines = committed ? changeLines(committed.items, world.items) : [];
  const more = lines.length - SAW_LINES;
  return { saw: lines.slice(0, SAW_LINES), ...(more > 0 ? { saw_more: more } : {}) };
}

type Spoken = Exclude<DecideResult, { state: 'idle' }>;
type MoveResult = Extract<DecideResult, { state: 'move' }>;

/** What every telling of a beat has: its run, why it looked, what it saw and what it cost. */
export const aboutOf = ({ run, why }: Spoken, seen: Seen) => ({
  why,
  ...seen,
  ...(run
    ? { run: run.ref.id, beat: run.ref.id, runner: run.runner, calls: run.calls, ms: run.durationMs, ...run.usage }
    : {}),
});

export interface Told {
  result: MoveResult;
  effect: Exclude<ActResult, { state: 'left-running' }>;
  /** The run that the door knows the move by: it names a beat that called no model. */
  run: string;
  seen: Seen;
}

export function tellMove(beat: Beat, { result, effect, run: acted, seen }: Told): void {
  const { action } = result.decided.move;
  const said =
    effect.state === 'done'
      ? (result.decided.journal ?? effect.summary)
      : effect.state === 'asked'
        ? `asked as ${effect.ask} · ${effect.reason}`
        : effect.reason;
  account(beat, result, effect.state === 'done' || effect.state === 'asked', `${action} · ${said}`);
  if (result.by === 'embedded') return;
  const about = {
    beat: acted,
    ...aboutOf(result, seen),
    action,
    by: result.by,
    goal: result.goal,
    effect: effect.state,
    move_run: acted,
    ...(effect.gate ? { gate: effect.gate.verdict, gate_reason: effect.gate.reason } : {}),
    ...(effect.state === 'asked' ? { ask: effect.ask } : {}),
  };
  if (effect.state === 'refused' || effect.state === 'failed') {
    tellFailure(beat, { code: effect.code, error: `${action}: ${effect.reason}`, ...about });
    return;
  }
  const line = said.startsWith(action) ? said : `${action} · ${said}`;
  const run = result.run?.ref.id;
  beat.log('ok', 'beat.decided', `${line}${result.goal ? ` · rule of goal ${result.goal}` : ''}`, {
    run,
    action,
    by: result.by,
  });
  logEvent(beat.disk, now(), 'beat.decided', { ...about, said: flat(said) });
}

/** A failed beat, on the log and as an event. */
export function tellFailure(beat: Beat, failure: { code: string; error: string; run?: string; why: string }): void {
  const { code, error, run } = failure;
  beat.log('error', 'beat.failed', `${code} · ${error}${run ? ` · see runs/…/${run}` : ''}`, { run, code });
  logEvent(beat.disk, now(), 'beat.failed', { ...failure, error: flat(error) });
}

/** A decision that called a model gets its row in the ledger; one by rule cost nothing and stands in the journal. */
export function account(beat: Beat, result: Spoken, ok: boolean, summary: string): void {
  const { run } = result;
  if (!run) return;
  const { usage } = run;
  recordRun(beat.disk, run.ref, {
    kind: 'beat',
    ts: unixSeconds(beat.at),
    duration_ms: run.durationMs,
    ok,
    summary: oneLine(summary, LIMITS.journalLineChars),
    runner: run.runner,
    ...(usage.usd === undefined ? {} : { usd: usage.usd }),
    ...(usage.input_tokens === undefined ? {} : { input_tokens: usage.input_tokens }),
    ...(usage.output_tokens === undefined ? {} : { output_tokens: usage.output_tokens }),
  });
  pruneRuns(beat.disk, beat.settings.knobs.runsKeep, {
    inUse: new Set(intentRuns(beat.disk)),
    now: now(),
  });
}
