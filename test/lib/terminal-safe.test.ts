import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactly, indented, terminalSafe } from '../../src/lib/terminal-safe.js';

test.each([
  ['clears the screen', '\u001b[2J', '␛[2J'],
  ['begins a sequence in one character', '\u009b31m', '<U+009B>31m'],
  ['writes over the line', 'rm\rls', 'rm␍ls'],
  ['turns the reading order', 'a\u202eb', 'a<U+202E>b'],
  ['takes no room', 'r\u200bm\u00ad', 'r<U+200B>m<U+00AD>'],
  ['is a tag', '\u{e0041}', '<U+E0041>'],
])('a character that %s is made visible', (_what, text, shown) => {
  expect(terminalSafe(text)).toBe(shown);
});

test('the writing of people stays: newlines, tabs, joined emoji, a space that does not break', () => {
  const text = 'Çà\tva ?\n👩‍👩‍👧 ❤️ می‌خواهم';
  expect(terminalSafe(text)).toBe(text);
});

test('nothing of a command is invisible to the one who says yes to it', () => {
  expect(exactly('rm -rf\u00a0/ \u200d\ufe0f\u3164;\u2028ls\n\tcat é')).toBe(
    'rm -rf<U+00A0>/ <U+200D><U+FE0F><U+3164>;<U+2028>ls\n\tcat é',
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(exactly(text)).toMatch(/^[^\p{C}\p{Zl}\p{Zp}\u00a0]*$|[\n\t]/u);
      expect(terminalSafe(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }),
  );
});

test('later lines are indented, so that a text cannot forge a line of the list it stands in', () => {
  expect(indented('a\n⚑ gate-9\r\nb', '  ')).toBe('a\n  ⚑ gate-9\n  b');
});
