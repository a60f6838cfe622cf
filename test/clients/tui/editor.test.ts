/** The editor as a table: `|` is the cursor. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { caretOf, type Draft, EDITS, insert, rowsOf, typeable } from '../../../src/clients/tui/editor.js';

const from = (text: string): Draft => ({ text: text.replace('|', ''), cursor: text.indexOf('|') });
const show = ({ text, cursor }: Draft): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`;
const WIDTH = 10;

test.each([
  ['char-left', 'ab|c', 'a|bc'],
  ['char-left', '|abc', '|abc'],
  ['char-left', 'a\n|b', 'a|\nb'],
  ['char-left', 'x👩‍👩‍👧|y', 'x|👩‍👩‍👧y'],
  ['char-right', 'x|👩‍👩‍👧y', 'x👩‍👩‍👧|y'],
  ['char-right', 'e|e\u0301x', 'ee\u0301|x'],
  ['char-right', 'a|\nb', 'a\n|b'],
  ['word-left', 'one two-three|', 'one two-|three'],
  ['word-left', 'one   |', '|one   '],
  ['word-left', 'eins größer|', 'eins |größer'],
  ['word-right', '|one two', 'one| two'],
  ['word-right', 'one|  two', 'one  two|'],
  ['line-start', 'ab\ncd|e', 'ab\n|cde'],
  ['line-end', 'a|b\ncd', 'ab|\ncd'],
  ['text-start', 'ab\nc|d', '|ab\ncd'],
  ['text-end', '|ab\ncd', 'ab\ncd|'],
  ['newline', 'a|b', 'a\n|b'],
  ['delete-left', 'a🎉|b', 'a|b'],
  ['delete-left', '|b', '|b'],
  ['delete-right', 'a|🎉b', 'a|b'],
  ['cut-word-left', 'one two|', 'one |'],
  ['cut-word-right', 'one| two!', 'one|!'],
  ['cut-line-left', 'ab\ncd|e', 'ab\n|e'],
  ['cut-line-right', 'a|bc\nd', 'a|\nd'],
  ['cut-line-right', 'a|\nd', 'a|d'],
  ['row-up', 'abc\nde|f', 'ab|c\ndef'],
  ['row-up', '0123456789ab|', '01|23456789ab'],
  ['row-down', 'abcdef|\nxy', 'abcdef\nxy|'],
  ['row-down', '日本|語\nabcdef', '日本語\nabcd|ef'],
])('%s: %s → %s', (command, before, after) => expect(show(EDITS[command]!(from(before), WIDTH)!)).toBe(after));

test('up and down hold on to their column over a short row, and end where there is no row', () => {
  const down = EDITS['row-down']!;
  const first = down(from('abcd|e\nx\nabcde'), WIDTH)!;
  expect(show(first)).toBe('abcde\nx|\nabcde');
  expect(show(down(first, WIDTH)!)).toBe('abcde\nx\nabcd|e');
  expect(EDITS['row-up']!(from('a|b'), WIDTH)).toBeUndefined();
  expect(down(from('a|b'), WIDTH)).toBeUndefined();
});

test('what was cut can be put back, elsewhere', () => {
  const cut = EDITS['cut-word-left']!(from('one two|'), WIDTH)!;
  expect(show(EDITS['yank']!(EDITS['line-start']!(cut, WIDTH)!, WIDTH)!)).toBe('two|one ');
  expect(EDITS['yank']!(from('|'), WIDTH)).toBeUndefined();
});

test('rows are broken at newlines and at the width, and the caret stands on one of them', () => {
  expect(rowsOf('0123456789', WIDTH).map(({ text }) => text)).toEqual(['0123456789', '']);
  expect(rowsOf('', WIDTH)).toEqual([{ text: '', from: 0 }]);
  expect(rowsOf('日本語日本語', WIDTH).map(({ text }) => text)).toEqual(['日本語日本', '語']);
  expect(caretOf(from('0123456789|'), WIDTH)).toEqual({ row: 1, column: 0 });
  expect(caretOf(from('日本|語'), WIDTH)).toEqual({ row: 0, column: 4 });
  expect(caretOf(from('a\tb|'), WIDTH)).toEqual({ row: 0, column: 6 });
});

test('control characters of a paste are left out, tabs and newlines stay', () => {
  expect(typeable('a\u001b[31mb\tc\r\nd\u0000\u009be\ud800')).toBe('a[31mb\tc\nde');
});

const text = fc.string({
  unit: fc.constantFrom('a', ' ', '\n', '日', '🎉', 'e\u0301', '👩‍👩‍👧', '.', '9'),
  maxLength: 40,
});

test('any keys on any text: the cursor stays within it, rows join to it, and left undoes right', () => {
  fc.assert(
    fc.property(
      text,
      fc.nat(40),
      fc.array(fc.constantFrom(...Object.keys(EDITS)), { maxLength: 20 }),
      (body, at, commands) => {
        let draft = insert({ text: '', cursor: 0 }, body);
        for (let i = 0; i < at; i++) draft = EDITS['char-left']!(draft, WIDTH)!;
        for (const command of commands) draft = EDITS[command]!(draft, WIDTH) ?? draft;
        expect(draft.cursor).toBeGreaterThanOrEqual(0);
        expect(draft.cursor).toBeLessThanOrEqual(draft.text.length);
        const rows = rowsOf(draft.text, WIDTH);
        expect(rows.map((row) => draft.text.slice(row.from, row.from + row.text.length))).toEqual(
          rows.map((row) => row.text),
        );
        expect(rows.map((row) => row.text).join('')).toBe(draft.text.replaceAll('\n', ''));
        const { row, column } = caretOf(draft, WIDTH);
        expect(row).toBeLessThan(rows.length);
        expect(column).toBeLessThanOrEqual(WIDTH);
      },
    ),
  );
});
