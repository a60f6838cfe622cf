import { expect, test } from 'vitest';
import { planPushes } from '../../../src/clients/notify/plan.js';
import type { AskView } from '../../../src/contract/views/asks.js';
import { parseDayRange } from '../../../src/lib/day-range.js';
import type { Urgency } from '../../../src/model/ask.js';

const ask = (id: string, urgency: Urgency = 'normal', ts = 0): AskView => ({
  id,
  worker: 'w',
  prompt: 'p',
  ts,
  kind: 'question',
  urgency,
});
const TERMS = { again: { low: 1_000, normal: 100, high: 10 }, pushes: 4 };
/** `w-1:0 urgency` of what is due at `second`, when `pushed` (id → step, seconds of the first) was. */
function due(asks: AskView[], pushed: Record<string, [number, number]>, second: number, quiet?: string): string[] {
  const before = new Map(Object.entries(pushed).map(([id, [step, firstTs]]) => [id, { step, firstTs }]));
  const range = quiet === undefined ? {} : { quiet: parseDayRange(quiet)! };
  const plan = planPushes(asks, before, { ...TERMS, ...range, now: second * 1000 });
  return plan.due.map(({ ask: { id }, step, urgency }) => `${id}:${step} ${urgency}`);
}

const local = (hour: number, minute: number): number => new Date(2026, 10, 21, hour, minute).getTime() / 1000;

test.each<[string, string[], string[]]>([
  ['what was never pushed is due, however old', due([ask('w-1')], {}, 1_000_000), ['w-1:0 normal']],
  ['what was pushed is not', due([ask('w-1')], { 'w-1': [0, 50] }, 60), []],
  [
    'the urgent first, then in their order',
    due([ask('w-1'), ask('w-2', 'low'), ask('w-3', 'high')], {}, 0),
    ['w-3:0 high', 'w-1:0 normal', 'w-2:0 low'],
  ],
  ['again after the wait of its urgency', due([ask('w-1')], { 'w-1': [0, 50] }, 150), ['w-1:1 high']],
  ['an urgent one sooner', due([ask('w-1', 'high')], { 'w-1': [0, 50] }, 60), ['w-1:1 high']],
  ['the third after twice the wait', due([ask('w-1', 'low')], { 'w-1': [1, 0] }, 1_999), []],
  ['and then it is', due([ask('w-1', 'low')], { 'w-1': [1, 0] }, 2_000), ['w-1:2 high']],
  ['after a long pause only the newest step', due([ask('w-1', 'high')], { 'w-1': [0, 0] }, 35), ['w-1:2 high']],
  ['never more pushes than allowed', due([ask('w-1', 'high')], { 'w-1': [3, 0] }, 1_000_000), []],
  ['nor past the last step after a pause', due([ask('w-1', 'high')], { 'w-1': [0, 0] }, 1_000_000), ['w-1:3 high']],
  ['quiet hours hold back', due([ask('w-1')], {}, local(23, 30), '22:00-07:00'), []],
  ['past midnight as well', due([ask('w-1')], {}, local(6, 59), '22:00-07:00'), []],
  ['until they end', due([ask('w-1')], {}, local(7, 0), '22:00-07:00'), ['w-1:0 normal']],
  ['but not what is urgent', due([ask('w-1', 'high')], {}, local(23, 30), '22:00-07:00'), ['w-1:0 high']],
  [
    'waiting makes nothing urgent enough for the night',
    due([ask('w-1')], { 'w-1': [0, local(20, 0)] }, local(23, 30), '22:00-07:00'),
    [],
  ],
])('%s', (_what, found, wanted) => {
  expect(found).toEqual(wanted);
});

test('an urgency whose wait is 0 is pushed once', () => {
  const plan = planPushes([ask('w-1')], new Map([['w-1', { step: 0, firstTs: 0 }]]), {
    again: { low: 0, normal: 0, high: 0 },
    pushes: 9,
    now: 1e12,
  });
  expect(plan.due).toEqual([]);
});
