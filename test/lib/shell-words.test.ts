import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellQuote } from '../../src/lib/shell-quote.js';
import { shellWords } from '../../src/lib/shell-words.js';

test('words that were quoted for a shell come back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
      expect(shellWords(words.map(shellQuote).join('  '))).toEqual(words);
    }),
  );
});

test.each([
  ['a"b c"d', ['ab cd']],
  ['"\\$x \\y"', ['$x \\y']],
  ['\t a \n b ', ['a', 'b']],
  ['', []],
  ["''", ['']],
])('%j is %j', (text, words) => expect(shellWords(text)).toEqual(words));

test.each(["'", '"', 'a\\', "it's", '"a'])('%j has an end that is missing', (text) =>
  expect(shellWords(text)).toBeUndefined(),
);
