import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clip, clipWithNotice, flat, oneLine, tailBytes } from '../../src/lib/clip.js';

test.each([
  ['short', 5, 'short'],
  ['longer', 5, 'long…'],
  ['', 0, ''],
  ['a😀b', 3, 'a…'],
  ['a😀b', 4, 'a😀b'],
])('clip %j to %d', (text, max, wanted) => {
  expect(clip(text, max)).toBe(wanted);
});

test('a clipped text is never longer than allowed and never ends in half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 50 }), (text, max) => {
      expect(clip(text, max).length).toBeLessThanOrEqual(max);
      const clipped = clip(text, max);
      expect(Buffer.from(clipped).toString()).toBe(clipped);
    }),
  );
});

test('a notice says how much is missing and where it is', () => {
  expect(clipWithNotice('abcdef', 4, 'goals/x.md')).toBe('abcd\n[… clipped: 2 more characters, read goals/x.md]');
  expect(clipWithNotice('abcd', 4, 'x')).toBe('abcd');
});

test('one line is one line', () => {
  expect(oneLine('  a\n\tb\r\n c ', 10)).toBe('a b c');
  expect(flat('a\u001b[2Jb\nc\u0085\u007f')).toBe('a[2Jb c');
});

test('a tail of bytes begins at a character', () => {
  expect(tailBytes(Buffer.from('aé😀'), 5)).toBe('😀');
  expect(tailBytes(Buffer.from('aé😀'), 6)).toBe('é😀');
  expect(tailBytes(Buffer.from('abc'), 9)).toBe('abc');
});
