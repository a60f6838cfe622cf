import fc from 'fast-check';
import { expect, test } from 'vitest';
import { styleOf, wrap } from '../../../src/clients/cli/layout.js';
import { replaceBetween } from '../../../src/clients/cli/reference.js';
import { nearest } from '../../../src/lib/nearest.js';

const VERBS = ['answer', 'ask', 'asks', 'claim', 'state', 'status', 'wait'];

test.each([
  ['anwser', ['answer']],
  ['stat', ['state', 'status']],
  ['wiat', ['wait']],
  ['ask', ['ask', 'asks']],
  ['deploy', []],
  ['x'.repeat(100_000), []],
])('a slip is corrected and nothing unrelated is proposed: %.10s', (word, wanted) => {
  expect(nearest(word, VERBS)).toEqual(wanted);
});

test('no line is wider than the width unless one word is, and no word is lost', () => {
  const word = fc.stringMatching(/^[a-z]{1,30}$/);
  fc.assert(
    fc.property(
      fc.array(word),
      fc.integer({ min: 40, max: 100 }),
      fc.integer({ min: 0, max: 8 }),
      (words, width, indent) => {
        const lines = wrap(words, { width, indent });
        expect(lines.join(' ').split(/\s+/).filter(Boolean)).toEqual(words);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test('colour is for terminals that want it', () => {
  expect(styleOf({}, { tty: true, columns: 500 })).toEqual({ colour: true, width: 100 });
  expect(styleOf({}, { tty: true, columns: 10 })).toEqual({ colour: true, width: 40 });
  expect(styleOf({ NO_COLOR: '1' }, { tty: true, columns: undefined })).toEqual({ colour: false, width: 80 });
  expect(styleOf({ TERM: 'dumb' }, { tty: true, columns: undefined }).colour).toBe(false);
  expect(styleOf({}, { tty: false, columns: undefined }).colour).toBe(false);
});

test('the text between the markers is replaced and the rest is kept; writing twice changes nothing', () => {
  const once = replaceBetween('a\n<!-- k -->\nold\n<!-- /k -->\nb', 'k', 'new $& text\n');
  expect(once).toBe('a\n<!-- k -->\nnew $& text\n<!-- /k -->\nb');
  expect(replaceBetween(once, 'k', 'new $& text')).toBe(once);
  expect(() => replaceBetween('no markers', 'k', 'x')).toThrow('<!-- k -->');
});
