import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { recover } from '../../src/act/act.js';
import { baseOf } from '../../src/act/perform.js';
import { prettyJson } from '../../src/lib/json.js';
import type { Move } from '../../src/model/move.js';
import { consumeAnswer, idsIn, raiseAsk, recordAnswer } from '../../src/store/asks.js';
import { publishIntent } from '../../src/store/intents.js';
import { journalTail } from '../../src/store/journal.js';
import { writeSchedule } from '../../src/store/schedules.js';
import { consumeTells, writeTell } from '../../src/store/tells.js';
import { specKey, statusKey } from '../../src/store/workers.js';
import { buildProgram, openStage, removeProgram, type Stage } from './stage.js';

// Somebody died after the effect and before its record, and the world went on. The repeat sees that it has happened, and undoes nothing.
const AT = Date.parse('2026-11-21T07:42:00Z');
const LATER = AT + 3_600_000;
let bin = '';
let stage: Stage;
beforeAll(async () => {
  bin = await buildProgram();
  return () => removeProgram(bin);
});
beforeEach(() => {
  stage = openStage(bin);
});
afterEach(() => stage.close());

const RUN = 'move-20261121-074200-aaaa';
const journal = () => journalTail(stage.deps.disk, 50).map((line) => line.replace(/^- \S+ \S+ /, ''));

/** The intent of a move that somebody is about to make. */
async function intend(move: Move): Promise<void> {
  const base = await baseOf(stage.deps.disk, move);
  const more = base === undefined ? {} : { base };
  publishIntent(stage.deps.disk, {
    format: 1,
    run: RUN,
    day: '2026-11-21',
    action: move.action,
    move,
    origin: 'pulse',
    ts: AT / 1000,
    ...more,
  });
}

function worker({ desired, state, ts }: { desired: string; state: string; ts: number }): void {
  const generation = 'aaaaaaaaaaaaaaaa';
  const common = { format: 1, id: 'w', generation };
  stage.deps.disk.replace(specKey('w'), prettyJson({ ...common, desired, ts }));
  const seen = { socket: '', nonce: '', supervisor_pid: 0, child_pid: null, columns: 0, rows: 0, started_ts: ts };
  stage.deps.disk.replace(statusKey('w'), prettyJson({ ...common, ...seen, state, exit_code: null }));
}

test('a question that was raised, answered and acted on meanwhile is not asked anew', async () => {
  await intend({ action: 'ask_human', prompt: 'Shall I?' });
  const ask = raiseAsk(
    stage.deps.disk,
    { worker: 'pulse', kind: 'question', urgency: 'normal', prompt: 'Shall I?' },
    AT,
  );
  recordAnswer(stage.deps.disk, { id: ask.id, outcome: 'answered', answer: 'yes', by: 'ada', channel: 'cli' }, LATER);
  consumeAnswer(stage.deps.disk, ask.id, 'test', LATER);
  expect(await recover(stage.deps, LATER)).toMatchObject([{ result: { state: 'done' } }]);
  expect(idsIn(stage.deps.disk, 'asks')).toEqual([ask.id]);
  expect(journal()).toHaveLength(1);
});

test('a worker that was stopped, and has ended by now, counts as stopped', async () => {
  await intend({ action: 'kill_worker', id: 'w' });
  worker({ desired: 'stopped', state: 'killed', ts: AT / 1000 - 60 });
  expect(await recover(stage.deps, LATER)).toMatchObject([{ result: { state: 'done' } }]);
  expect(journal()).toEqual(['kill-worker w']);
});

test('a worker that was started anew after it was to be stopped stays', async () => {
  await intend({ action: 'kill_worker', id: 'w' });
  worker({ desired: 'running', state: 'running', ts: AT / 1000 + 60 });
  expect(await recover(stage.deps, LATER)).toMatchObject([{ result: { state: 'refused', code: 'superseded' } }]);
  expect(stage.deps.disk.read(specKey('w'))).toMatchObject({ text: expect.stringContaining('"running"') });
});

test('a tell that was read by a worker that has ended counts as told', async () => {
  await intend({ action: 'tell_worker', id: 'w', message: 'hurry' });
  worker({ desired: 'running', state: 'exited', ts: AT / 1000 - 60 });
  writeTell(stage.deps.disk, { worker: 'w', message: 'hurry', by: 'pulse' }, AT);
  expect((await consumeTells(stage.deps.disk, 'w', { now: AT })).messages).toEqual(['hurry']);
  expect(await recover(stage.deps, LATER)).toMatchObject([{ result: { state: 'done' } }]);
  expect(stage.deps.disk.list('tells/consumed')).toMatchObject({ names: ['w-1.md'] });
});

test.each<[string, Move]>([
  ['written', { action: 'write_schedule', name: 'tea', every_s: 3600 }],
  ['dropped', { action: 'drop_schedule', name: 'tea' }],
])('a schedule that was to be %s and was changed meanwhile stays as it is', async (_what, move) => {
  writeSchedule(stage.deps.disk, { name: 'tea', every_s: 600 }, AT - 60_000);
  await intend(move);
  writeSchedule(stage.deps.disk, { name: 'tea', every_s: 7200 }, LATER);
  expect(await recover(stage.deps, LATER)).toMatchObject([{ result: { state: 'failed', code: 'superseded' } }]);
  expect(stage.deps.disk.read('schedules/tea.json')).toMatchObject({ text: expect.stringContaining('7200') });
});
