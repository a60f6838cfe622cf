/** Finds a beat in the machine log, and what the ledger, the mailbox and the run directories know of its move. Reads only. */
import { isObject } from '../lib/json.js';
import { readAnswer, readArchivedAnswer, readAsk } from '../store/asks.js';
import type { Disk } from '../store/disk.js';
import { readOutcome } from '../store/intents.js';
import { runRef } from '../store/runs.js';
import { readSettlement } from '../store/settlements.js';
import { eventDays, eventsOf } from './pulse-events.js';
import type { BeatExplained } from './views/explain.js';
import { dayOfRun, type PulseEvent, pulseLine } from './views/pulse-log.js';

/** A day of 120 decisions an hour is under 6 MB; what stands before is not looked at. */
const DAY_BYTES = 16 * 1024 * 1024;

/** The beat of this id, or of this id of its run or move; without one the last that decided or failed. Undefined: none. */
export async function explainBeat(disk: Disk, id: string | undefined): Promise<BeatExplained | undefined> {
  const days = eventDays(disk);
  const named = id === undefined ? undefined : dayOfRun(id);
  // A decision that was begun before midnight is told after it: the days after the one in its name may have it as well.
  for (const day of named === undefined ? days : days.filter((one) => one >= named).reverse()) {
    const events = eventsOf(disk, day, DAY_BYTES);
    const found = events.findLast((event) => isBeat(event) && (id === undefined || idsOf(event).includes(id)));
    if (found) return explained(disk, found, events);
  }
  return undefined;
}

const isBeat = ({ event }: PulseEvent): boolean => event === 'beat.decided' || event === 'beat.failed';

const idsOf = ({ fields }: PulseEvent): string[] =>
  [fields['beat'], fields['run'], fields['move_run']].filter((one) => typeof one === 'string');

async function explained(disk: Disk, beat: PulseEvent, events: readonly PulseEvent[]): Promise<BeatExplained> {
  const { fields } = beat;
  const ids = idsOf(beat);
  const action = text(fields['action']);
  const verdict = text(fields['gate']);
  const ask = text(fields['ask']);
  const error = text(fields['error']);
  return {
    beat: ids[0] ?? '(without a run)',
    at: beat.at,
    state: beat.event === 'beat.decided' ? 'decided' : 'failed',
    why: text(fields['why']),
    saw: Array.isArray(fields['saw']) ? fields['saw'].map(String) : [],
    saw_more: number(fields['saw_more']) ?? 0,
    decided:
      action === null
        ? null
        : {
            action,
            said: text(fields['said']) ?? error ?? '',
            by: text(fields['by']) ?? '?',
            goal: text(fields['goal']),
          },
    gate: verdict === null ? null : { verdict, reason: text(fields['gate_reason']) ?? '' },
    failure: error === null ? null : { code: text(fields['code']) ?? 'failed', error },
    outcome: outcomeOf(disk, ids),
    ask: ask === null ? null : await askOf(disk, ask),
    cost: {
      runner: text(fields['runner']),
      calls: number(fields['calls']) ?? 0,
      ms: number(fields['ms']),
      usd: number(fields['usd']),
      input_tokens: number(fields['input_tokens']),
      output_tokens: number(fields['output_tokens']),
    },
    notes: events
      .filter((event) => event !== beat && !isBeat(event) && !event.event.startsWith('move.') && isAbout(event, ids))
      .map((event) => pulseLine(event).text),
    look: [...new Set(ids)].flatMap((run) => dirOf(disk, run)),
  };
}

const isAbout = (event: PulseEvent, ids: readonly string[]): boolean => idsOf(event).some((id) => ids.includes(id));

function outcomeOf(disk: Disk, runs: readonly string[]): BeatExplained['outcome'] {
  for (const run of new Set(runs)) {
    const day = dayOfRun(run);
    const read = day === undefined ? undefined : readOutcome(disk, runRef(day, run));
    if (read?.state !== 'present') continue;
    const { state, summary, reason = null, output } = read.value;
    return { state, summary, reason, exit_code: output?.exit_code ?? null };
  }
  return null;
}

async function askOf(disk: Disk, id: string): Promise<BeatExplained['ask']> {
  const settled = readSettlement(disk, id);
  const effect = settled.state === 'present' ? `${settled.value.verdict}: ${settled.value.reason}` : null;
  for (const read of [await readAnswer(disk, id), await readArchivedAnswer(disk, id)])
    if (read.state === 'present') return { id, state: 'answered', answer: read.value.answer.trim(), effect };
  const pending = await readAsk(disk, id);
  return { id, state: pending.state === 'present' ? 'pending' : 'gone', answer: null, effect };
}

function dirOf(disk: Disk, run: string): BeatExplained['look'] {
  const day = dayOfRun(run);
  if (day === undefined) return [];
  const { dir } = runRef(day, run);
  const listed = disk.list(dir);
  return listed.state === 'present' ? [{ dir, files: listed.names }] : [];
}

const text = (value: unknown): string | null =>
  typeof value === 'string' ? value : isObject(value) ? JSON.stringify(value) : null;
const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
