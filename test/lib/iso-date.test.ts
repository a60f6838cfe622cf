import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseIsoDate } from '../../src/lib/iso-date.js';

const iso = (text: string): string | undefined => {
  const at = parseIsoDate(text);
  return at === undefined ? undefined : new Date(at).toISOString();
};

test.each([
  ['2026-11-21T07:42:00Z', '2026-11-21T07:42:00.000Z'],
  ['2026-11-21t07:42:00.1239z', '2026-11-21T07:42:00.123Z'],
  ['2026-11-21T07:42+02:00', '2026-11-21T05:42:00.000Z'],
  ['2026-11-21 07:42 -0330', '2026-11-21T11:12:00.000Z'],
  ['2026-11-21T00:30+14', '2026-11-20T10:30:00.000Z'],
])('%s is %s', (text, wanted) => expect(iso(text)).toBe(wanted));

test.each([
  ['2026-11-21T07:42', new Date(2026, 10, 21, 7, 42)],
  ['2026-07-01 23:59:58.5', new Date(2026, 6, 1, 23, 59, 58, 500)],
  ['2026-07-01', new Date(2026, 6, 1)],
])('%s, without an offset, is meant in the zone of the machine', (text, wanted) => {
  expect(parseIsoDate(text)).toBe(wanted.getTime());
});

test.each([
  ...['', 'now', '2026', '2026-11', '2026-13-01', '2026-02-30', '2025-02-29', '2026-11-21T24:00', '2026-11-21T07'],
  ...[
    '2026-11-21T07:60',
    '2026-11-21T07:42:60',
    '2026-11-21T07:42+16:00',
    '2026-11-21T07:42Europe/Berlin',
    '1700000000',
    '0001-01-01T00:00Z',
    '0099-12-31',
    '9999-12-31T23:59-10:00',
  ],
])('%j is no date', (text) => expect(parseIsoDate(text)).toBeUndefined());

test('what a date prints is read back as that date', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(parseIsoDate(date.toISOString())).toBe(date.getTime());
    }),
  );
});
