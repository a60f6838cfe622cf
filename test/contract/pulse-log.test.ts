import { expect, test } from 'vitest';
import { isForPeople, parseEvent, pulseLine, pulseText } from '../../src/contract/views/pulse-log.js';

const ts = new Date(2026, 10, 21, 7, 42, 0).toISOString();
const event = (name: string, fields: object = {}) => parseEvent(JSON.stringify({ event: name, ts, ...fields }))!;

const ROWS: [string, object, string, string][] = [
  ['beat.decided', { action: 'noop', said: 'noop · quiet', by: 'model', ms: 1_240 }, 'ok', 'noop · quiet · 1.2s'],
  [
    'beat.decided',
    { action: 'run_shell', said: 'tidied', by: 'rule', goal: 'disk' },
    'ok',
    'run_shell · tidied · rule of goal disk',
  ],
  [
    'beat.failed',
    { code: 'auth', error: 'no login', run: 'beat-20261121-074200-ab12' },
    'error',
    'auth · no login · see runs/2026-11-21/beat-20261121-074200-ab12',
  ],
  ['beat.failed', { code: 'x', error: 'y', run: '../../etc' }, 'error', 'x · y'],
  [
    'worker.verify',
    { id: 'api', ok: false, exit_code: 2 },
    'error',
    'verify of api failed with 2 · see workers/api/verdict.json',
  ],
  ['sun.rose', { at: 'east', n: 3 }, 'info', 'sun rose · at east · n 3'],
  ['moon.failed', {}, 'error', 'moon failed'],
];

test.each(ROWS)('%s %j', (name, fields, level, text) =>
  expect(pulseLine(event(name, fields))).toEqual({ level, text }),
);

test('what a stranger said cannot add a line, move the cursor or hide its words', () => {
  const said = 'ok\n[00:00:00] forged\u001b[2J\u202ecod';
  const text = pulseText(event('beat.decided', { action: 'noop', said }), false);
  expect(text).toBe('[07:42:00] noop · ok [00:00:00] forged[2J<U+202E>cod');
});

test.each(['', '{', '[]', '{"event":"x"}', `{"event":3,"ts":"${ts}"}`, '{"event":"x","ts":"soon"}'])(
  '%j is no event',
  (line) => expect(parseEvent(line)).toBeUndefined(),
);

test("the end of a beat's own move is said by its decision, that of a person's by itself", () => {
  expect(isForPeople(event('move.done', { run: 'beat-20261121-074200-ab12' }))).toBe(false);
  expect(isForPeople(event('move.done', { run: 'move-20261121-074200-ab12' }))).toBe(true);
});
