import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMilliseconds } from '../../src/lib/milliseconds.js';

test.each([
  ['500ms', 500],
  ['2s', 2_000],
  ['3m', 180_000],
  ['1h', 3_600_000],
  ['1.5h', 5_400_000],
  ['0.25d', 21_600_000],
  ['250', 250],
  ['1.4', 1],
  ['1.5', 2],
  [' 10s ', 10_000],
])('%j is %d milliseconds [loops 13]', (text, ms) => expect(parseMilliseconds(text)).toBe(ms));

test.each(['', ' ', '5x', '-1s', '0', '0s', '0.2', '.5s', '1.', '1 s', '1e3', '1h30m', 'ms', '٣s', '99999999999d'])(
  '%j is none [loops 13]',
  (text) => expect(parseMilliseconds(text)).toBeUndefined(),
);

test('any text at all gives whole milliseconds above 0, or nothing', () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,6}(\.\d{1,4})?(ms|[smhd])?$/));
  fc.assert(
    fc.property(text, (typed) => {
      const ms = parseMilliseconds(typed);
      expect(ms === undefined || (Number.isSafeInteger(ms) && ms > 0)).toBe(true);
    }),
  );
});
