import { expect, test } from 'vitest';
import { endOfRange, parseDayRange } from '../../src/lib/day-range.js';

test.each([
  ['22:00-07:00', { fromMin: 1320, untilMin: 420 }],
  [' 9:05 – 17:30 ', { fromMin: 545, untilMin: 1050 }],
  ['22-7', undefined],
  ['24:00-07:00', undefined],
  ['22:60-07:00', undefined],
  ['08:00-08:00', undefined],
  ['', undefined],
])('%j', (text, range) => {
  expect(parseDayRange(text)).toEqual(range);
});

test.each([
  ['22:00-07:00', [23, 0], [22, 7, 0]],
  ['22:00-07:00', [3, 0], [21, 7, 0]],
  ['22:00-07:00', [12, 0], undefined],
  ['09:00-17:00', [9, 0], [21, 17, 0]],
  ['09:00-17:00', [17, 0], undefined],
] as const)('%s at %j ends at %j', (text, [hour, minute], end) => {
  const found = endOfRange(parseDayRange(text)!, new Date(2026, 10, 21, hour, minute, 30).getTime());
  expect(found).toEqual(end === undefined ? undefined : new Date(2026, 10, end[0], end[1], end[2]).getTime());
});
