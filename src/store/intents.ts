/**
 * The write-ahead of moves: `intents/<run>.json` exists from before an effect until its outcome is journaled, and
 * `runs/<day>/<run>/outcome.json` says how it ended, once. An intent without an outcome is a move that somebody died in.
 */
import { stableJson } from '../lib/json.js';
import type { Instant } from '../model/instant.js';
import { type Intent, intentSchema, type OutcomeRecord, outcomeRecordSchema } from '../model/run.js';
import { jsonRecord, type Loaded, readJson } from './codec.js';
import type { Disk } from './disk.js';
import { quarantine } from './quarantine.js';
import { type RunRef, runRef } from './runs.js';
import { requireSeal, sealJson } from './seal.js';
import { cannotRead } from './unreadable.js';

const intentKey = (run: string): string => `intents/${run}.json`;
const outcomeKey = (run: RunRef): string => `${run.dir}/outcome.json`;

/** Writes the intent down. False when this run has one already: another process is at it, or died in it. */
export const publishIntent = (disk: Disk, intent: Intent): boolean =>
  disk.publish(intentKey(intent.run), jsonRecord(sealJson(disk, intentKey(intent.run), intent)));

/** Ends an intent. Only after its outcome is published and journaled. */
export const removeIntent = (disk: Disk, run: string): void => disk.remove(intentKey(run));

/** An intent without our seal is `corrupt`: recovery performs what stands here, and nobody else may put it there. */
export const readIntent = (disk: Disk, run: string): Loaded<Intent> =>
  requireSeal(disk, intentKey(run), readJson(disk, intentKey(run), intentSchema));

/** Every open intent, oldest first. One that is no intent goes to quarantine; one that cannot be read now is left, see `intentProblems`. */
export function readIntents(disk: Disk, at: Instant): Intent[] {
  const intents: Intent[] = [];
  for (const run of intentRuns(disk)) {
    const read = readIntent(disk, run);
    if (read.state === 'present') intents.push({ ...read.value, run });
    else if (read.state === 'corrupt') quarantine(disk, intentKey(run), read.reason, at);
  }
  return intents.sort((a, b) => a.ts - b.ts || (a.run < b.run ? -1 : 1));
}

/** Intents that cannot be read now, in words: a move may be open in each, and nobody can tell which. */
export const intentProblems = (disk: Disk): string[] =>
  intentRuns(disk).flatMap((run) => {
    const read = readIntent(disk, run);
    const isKnown = read.state === 'present' || read.state === 'absent' || read.state === 'corrupt';
    return isKnown ? [] : [`a move may be open and cannot be told: "${intentKey(run)}": ${read.reason}`];
  });

/** Runs that have an open intent: their directories may not be pruned. */
export function intentRuns(disk: Disk): string[] {
  const listed = disk.list('intents');
  if (listed.state === 'absent') return [];
  if (listed.state === 'unreadable')
    throw cannotRead(disk, 'list "intents"', { key: 'intents', reason: listed.reason });
  return listed.names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}

/** Publishes how a run ended. False when it was published before: that record stands. */
export const publishOutcome = (disk: Disk, run: RunRef, record: Omit<OutcomeRecord, 'format'>): boolean =>
  disk.publish(outcomeKey(run), jsonRecord(record));

export const readOutcome = (disk: Disk, run: RunRef): Loaded<OutcomeRecord> =>
  readJson(disk, outcomeKey(run), outcomeRecordSchema);

export const intentRun = (intent: Intent): RunRef => runRef(intent.day, intent.run);

/** True when the two intents are about the same move. */
export const isSameMove = (a: Intent, b: Intent): boolean => stableJson(a.move) === stableJson(b.move);
