import { expect, test } from 'vitest';
import { ago, parseDuration, shortDuration } from '../../src/lib/duration.js';

test.each<[string, number | undefined]>([
  ['90', 90],
  ['90s', 90],
  ['5m', 300],
  [' 12h ', 43_200],
  ['3d', 259_200],
  ['0', 0],
  ['', undefined],
  ['-5', undefined],
  ['1.5h', undefined],
  ['5 m', undefined],
  ['5w', undefined],
  ['1e3', undefined],
  ['m', undefined],
  ['36500d', 3_153_600_000],
  ['36501d', undefined],
  ['9999999999999', undefined],
])('%j is %s seconds', (text, wanted) => {
  expect(parseDuration(text)).toBe(wanted);
});

test.each<[number | null | undefined, string]>([
  [undefined, '-'],
  [null, '-'],
  [Number.NaN, '-'],
  [-3, '0s'],
  [59.9, '59s'],
  [60, '1m'],
  [3599, '59m'],
  [3600, '1h'],
  [86_399, '23h'],
  [86_400, '1d'],
])('%s is shown as %s', (seconds, wanted) => {
  expect(shortDuration(seconds)).toBe(wanted);
});

test.each([
  [0, 'just now'],
  [44, 'just now'],
  [45, '1m ago'],
  [89, '1m ago'],
  [90, '1m ago'],
  [150, '2m ago'],
  [7200, '2h ago'],
])('%d seconds back is %s', (seconds, wanted) => {
  expect(ago(seconds)).toBe(wanted);
});
