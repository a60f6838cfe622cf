/**
 * The write-ahead around every move: intent → effect → outcome → journal → intent removed. The outcome is a name that can be
 * created once, and only its creator writes the journal, so a move that several processes finish is told once. Dying at any
 * point leaves an intent, and performing the same intent again completes it: file moves are repeated unless the file was
 * edited meanwhile, shell moves are adopted from their supervisor.
 */
import { monotonicMs } from '../host/clock.js';
import { oneLine } from '../lib/clip.js';
import { digest } from '../lib/hash.js';
import { messageOf, TendError } from '../model/error.js';
import { type Instant, unixSeconds } from '../model/instant.js';
import { LIMITS } from '../model/limits.js';
import type { Action, Move } from '../model/move.js';
import type { Intent, OutcomeRecord, ShellOutput } from '../model/run.js';
import { withDirLock } from '../store/dir-lock.js';
import type { Disk } from '../store/disk.js';
import { logEvent } from '../store/events.js';
import { intentRun, publishOutcome, readIntent, readOutcome, removeIntent } from '../store/intents.js';
import { appendJournal, countJournalLines } from '../store/journal.js';
import { newestRuns, type RunRef, recordRun } from '../store/runs.js';
import type { ActDeps, Effect, MoveKind, Target } from './move-kind.js';
import { kindOf } from './registry.js';

export type Performed =
  | { state: 'done'; summary: string; output?: ShellOutput; goal?: string }
  /** Nothing happened. */
  | { state: 'refused'; code: string; reason: string; hint?: string }
  /** An effect was tried. `hint` is the next command to type. */
  | { state: 'failed'; code: string; reason: string; hint?: string; output?: ShellOutput }
  /** We were told to end while a shell command runs: its supervisor goes on, `recover` adopts it. */
  | { state: 'left-running'; run: string };

/** Digest of the policy file that a move changes, as it is now: what a repeat compares with. Undefined: it changes none. */
export async function baseOf(disk: Disk, move: Move): Promise<string | undefined> {
  const target = (await kindAny(move)).target?.(move);
  return target === undefined ? undefined : digestOf(disk, target.key);
}

/** Performs an intent that is on disk, or the rest of one that somebody died in, and ends it. Safe to repeat, and side by side. */
export async function perform(
  deps: ActDeps,
  work: { intent: Intent; move: Move; repeated: boolean },
  now: Instant,
): Promise<Performed> {
  const { intent } = work;
  const run = intentRun(intent);
  const known = readOutcome(deps.disk, run);
  const begun = monotonicMs();
  let created = false;
  if (known.state !== 'present') {
    const effect = await effectOf(deps, work, run);
    if (effect.state === 'left-running') return { state: 'left-running', run: run.id };
    const ended = now + Math.round(monotonicMs() - begun);
    const outcome = await outcomeOf(work, effect, ended);
    created = publish(deps.disk, run, { ...outcome, ...toldBefore(deps.disk, outcome) });
  }
  const outcome = readOutcome(deps.disk, run);
  if (outcome.state !== 'present')
    throw new TendError('environment', `Cannot tell how run "${run.id}" ended`, {
      code: 'no-outcome',
      cause: new Error(outcome.state === 'absent' ? 'its outcome is gone' : outcome.reason),
      hint: 'tend status',
    });
  const { ledger } = await kindAny(work.move);
  underLock(deps.disk, run, () => tellOnce(deps, run, { outcome: outcome.value, ledger, created }));
  return resultOf(outcome.value);
}

/** A disk that refuses the lock leaves the intent, and with it the telling to a later look. */
function underLock(disk: Disk, run: RunRef, work: () => void): void {
  try {
    withDirLock(disk.path(run.dir), work);
  } catch (error) {
    if (error instanceof TendError) throw error;
    throw new TendError('environment', `Cannot write down how run "${run.id}" ended`, {
      code: 'io-error',
      cause: error,
      hint: 'tend status',
    });
  }
}

/** The registry's kind, seen as one that takes any move: the pairing of move and kind is the registry's own. */
const kindAny = (move: Move): Promise<MoveKind<Action> & { summary(move: Move): string }> =>
  kindOf(move.action) as unknown as Promise<MoveKind<Action>>;

/** Best effort: without it two runs with one line in one minute may be told once after a crash. */
function toldBefore(
  disk: Disk,
  { journal, ts }: Pick<OutcomeRecord, 'journal' | 'ts'>,
): Pick<OutcomeRecord, 'journal_before'> {
  try {
    const before = journal === undefined ? 0 : countJournalLines(disk, ts * 1000, journal);
    return before === 0 ? {} : { journal_before: before };
  } catch {
    return {};
  }
}

type Failure = { state: 'refused' | 'failed'; code: string; reason: string; hint?: string };

async function effectOf(
  deps: ActDeps,
  { intent, move, repeated }: { intent: Intent; move: Move; repeated: boolean },
  run: RunRef,
): Promise<Effect | Failure> {
  const kind = await kindAny(move);
  const by = intent.origin === 'human' ? `human:${intent.user ?? 'unknown'}` : intent.origin;
  try {
    const settled = repeated ? settledBefore(deps.disk, intent, kind.target?.(move)) : undefined;
    return settled ?? (await kind.execute({ deps, run, at: intent.ts * 1000, repeated, by }, move));
  } catch (error) {
    return failureOf(error);
  }
}

/** A repeat finds its own effect, or an edit that came after it: neither is overwritten. */
function settledBefore(disk: Disk, intent: Intent, target: Target | undefined): Effect | undefined {
  if (!target) return undefined;
  const current = digestOf(disk, target.key);
  if (current === intent.base) return undefined;
  if (isAsWanted(disk, target, current)) return { state: 'done' };
  const reason = `"${target.key}" was edited after the move had been interrupted; the edit stays`;
  return { state: 'failed', code: 'superseded', reason };
}

function isAsWanted(disk: Disk, { key, wanted }: Target, current: string): boolean {
  if (wanted === undefined) return current === 'absent';
  if (typeof wanted === 'string') return current === digest(ended(wanted));
  const read = disk.read(key);
  return read.state === 'present' && wanted(read.text);
}

const ended = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

function digestOf(disk: Disk, key: string): string {
  const read = disk.read(key);
  if (read.state === 'absent') return 'absent';
  if (read.state === 'present') return digest(read.text);
  throw new TendError('environment', `Cannot read "${key}" before changing it: ${read.reason}`, {
    code: 'unreadable',
    hint: 'tend status',
  });
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof TendError)) return { state: 'failed', code: 'unexpected', reason: messageOf(error) };
  const state = error.kind === 'input' || error.kind === 'refused' ? 'refused' : 'failed';
  return { state, code: error.code, reason: messageOf(error), ...(error.hint ? { hint: error.hint } : {}) };
}

async function outcomeOf(
  { intent, move }: { intent: Intent; move: Move },
  effect: Exclude<Effect, { state: 'left-running' }> | Failure,
  now: Instant,
): Promise<Omit<OutcomeRecord, 'format'>> {
  const kind = await kindAny(move);
  const note = effect.state === 'done' ? effect.note : undefined;
  const summary = oneLine(`${kind.summary(move)}${note ? ` (${note})` : ''}`, LIMITS.journalLineChars);
  const { state } = effect;
  const goal = kind.goal?.(move);
  const output = 'output' in effect ? effect.output : undefined;
  const duration = 'durationMs' in effect ? effect.durationMs : undefined;
  const journal = journalOf(intent, effect, summary);
  return {
    run: intent.run,
    state,
    summary,
    ...(effect.state === 'done' ? {} : { code: effect.code, reason: effect.reason }),
    ...('hint' in effect && effect.hint ? { hint: effect.hint } : {}),
    ...(goal === undefined ? {} : { goal }),
    ...(journal === undefined ? {} : { journal }),
    ...(output === undefined ? {} : { output }),
    ...(duration === undefined ? {} : { duration_ms: duration }),
    ts: unixSeconds(now),
  };
}

/** What moved the world is journaled; what was refused, and a command of the human's own that failed, is told to the one who asked. */
function journalOf(intent: Intent, effect: Exclude<Effect, { state: 'left-running' }> | Failure, summary: string) {
  const ask = /^approval:(.+)$/.exec(intent.origin)?.[1];
  const approved = ask === undefined ? '' : ` · approved by ${intent.user ?? 'unknown'} in ${ask}`;
  if (effect.state === 'done') {
    // However long the decider's own line is, how to take the move back stays in the journal.
    const undo = effect.undo === undefined ? '' : ` · undo: ${effect.undo}`;
    const told = oneLine(intent.journal?.trim() || summary, LIMITS.journalLineChars - undo.length - approved.length);
    return `${told}${approved}${undo}`;
  }
  const ran = 'output' in effect && effect.output !== undefined;
  // A yes is accounted for whatever came of it, also when nothing ran.
  if (ask === undefined && (!ran || (intent.origin === 'human' && effect.code !== 'interrupted'))) return undefined;
  return `${summary}${approved} · failed: ${oneLine(effect.reason, LIMITS.journalLineChars)}`;
}

/** A refused or failed move that cannot even be recorded (the disk is full) must not come back by itself later. */
function publish(disk: Disk, run: RunRef, record: Omit<OutcomeRecord, 'format'>): boolean {
  try {
    return publishOutcome(disk, run, record);
  } catch (error) {
    if (record.state !== 'done' && record.output === undefined) removeIntent(disk, run.id);
    throw error;
  }
}

interface Telling {
  outcome: OutcomeRecord;
  ledger: 'shell' | undefined;
  /** We published the outcome: nobody can have told it before us. */
  created: boolean;
}

/**
 * Journal and ledger of an outcome, under the run's lock; the intent's end says that they are written. Who finds an outcome of
 * somebody who died looks for the lines first. A failure to write them never fails the move.
 */
function tellOnce(deps: ActDeps, run: RunRef, { outcome, ledger, created }: Telling): void {
  const { disk } = deps;
  if (readIntent(disk, run.id).state === 'absent') return;
  const at = outcome.ts * 1000;
  const { journal, journal_before: before = 0 } = outcome;
  // Outside of what is forgiven: while nobody can tell whether it was told, the intent stays and a later look tells it.
  const isUntold = journal !== undefined && (created || countJournalLines(disk, at, journal) <= before);
  try {
    if (isUntold) appendJournal(disk, at, journal, deps.knobs.logBytes);
    if (ledger && (created || !newestRuns(disk, RECENT_ROWS).some((row) => row.id === run.id)))
      recordRun(disk, run, ledgerRow(outcome, ledger));
    logEvent(disk, at, `move.${outcome.state}`, { run: run.id, summary: outcome.summary, code: outcome.code });
  } catch (error) {
    logEvent(disk, at, 'journal.failed', { run: run.id, reason: messageOf(error) });
  }
  removeIntent(disk, run.id);
}

const ledgerRow = (outcome: OutcomeRecord, kind: 'shell'): Parameters<typeof recordRun>[2] => ({
  kind,
  ts: outcome.ts,
  duration_ms: outcome.duration_ms ?? 0,
  ok: outcome.state === 'done',
  summary: outcome.summary,
  ...(outcome.goal === undefined ? {} : { goal: outcome.goal }),
});

/** Rows that may have come between an outcome and the recovery that tells it. */
const RECENT_ROWS = 50;

function resultOf(outcome: OutcomeRecord): Performed {
  const { state, summary, code = 'failed', reason = '', output, goal, hint } = outcome;
  switch (state) {
    case 'done':
      return { state, summary, ...(output ? { output } : {}), ...(goal === undefined ? {} : { goal }) };
    case 'refused':
      return { state, code, reason, ...(hint === undefined ? {} : { hint }) };
    case 'failed':
      return { state, code, reason, ...(hint === undefined ? {} : { hint }), ...(output ? { output } : {}) };
    default:
      throw state satisfies never;
  }
}
