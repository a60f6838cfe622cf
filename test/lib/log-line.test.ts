import { expect, test } from 'vitest';
import { humanLogLine, jsonLogLine, type LogLevel } from '../../src/lib/log-line.js';

const LEVELS: LogLevel[] = ['info', 'step', 'ok', 'warn', 'error'];
const at = Date.UTC(2026, 10, 21, 9, 5, 7);

test.each(LEVELS)('a line for programs has its four keys, and no field can forge them: %s', (level) => {
  const extra = { ts: 'x', level: 'y', event: 'z', msg: 'w', run: 'beat-1', none: undefined };
  const line = jsonLogLine({ at, level, event: 'beat.idle', text: 'one\ntwo', extra });
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toEqual({
    ts: '2026-11-21T09:05:07.000Z',
    level,
    event: 'beat.idle',
    msg: 'one two',
    run: 'beat-1',
  });
});

test('a line for people is one line, and its text moves no cursor', () => {
  const text = 'a\nb\u001b[2Jc\u0007';
  for (const colour of [false, true]) {
    const line = humanLogLine({ at, level: 'warn', event: 'x', text }, colour);
    expect(line).not.toMatch(/[\n\u0007]|\u001b\[2J/);
    expect(line).toMatch(/\[\d\d:\d\d:\d\d\] a b/);
  }
});

test('each level but the two quiet ones has a colour of its own, and without colour there is none', () => {
  const starts = LEVELS.map((level) => humanLogLine({ at, level, event: 'x', text: 't' }, true).split('[0')[0]);
  expect(new Set(starts).size).toBe(LEVELS.length - 1);
  expect(humanLogLine({ at, level: 'error', event: 'x', text: 't' }, false)).not.toContain('\u001b');
});
