import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineDiff } from '../../src/lib/line-diff.js';

test.each([
  ['', '', ''],
  ['a\n', 'a\n', ''],
  ['a\n', 'b\n', '-a\n+b'],
  ['', 'a\n', '+a'],
  ['a\nb\nc\n', 'a\nc\n', ' a\n-b\n c'],
  ['1\n2\n3\n4\n5\n6\n7\n8\n9\n', '1\n2\n3\n4\nX\n6\n7\n8\n9\n', ' 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8'],
])('%j → %j', (before, after, expected) => {
  expect(lineDiff(before, after)).toBe(expected);
});

test('far changes are shown with a gap between them', () => {
  const lines = Array.from({ length: 30 }, (_, n) => `${n}`);
  const after = lines.map((line) => (line === '2' || line === '25' ? 'X' : line));
  expect(lineDiff(lines.join('\n'), after.join('\n'))).toContain('\n…\n');
});

test('what is marked "-" and what is marked "+" are lines of the two texts, and equal texts differ in nothing', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.map((l) => `${l}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = lineDiff(before, after);
      expect(diff === '').toBe(before === after);
      const count = (mark: string) => diff.split('\n').filter((line) => line.startsWith(mark)).length;
      const lines = (body: string) => body.split('\n').length - 1;
      expect(count('+') - count('-')).toBe(lines(after) - lines(before));
    }),
  );
});

test('two long texts that share nothing end quickly', () => {
  const long = (mark: string) => Array.from({ length: 5_000 }, (_, n) => `${mark}${n}`).join('\n');
  expect(lineDiff(long('a'), long('b')).split('\n')).toHaveLength(10_000);
});
