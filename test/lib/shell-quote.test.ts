import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillTemplate, shellJoin, shellQuote } from '../../src/lib/shell-quote.js';

const word = fc.string({ unit: fc.constantFrom(...'ab \'"$`\\!*?#~&|;<>(){}[]=%\n\t-é'.split('')), maxLength: 12 });

test('a real shell gives back every word as it was', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 20 }), (words) => {
      const out = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${shellJoin(words)}`], { encoding: 'utf8' });
      expect(out.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: 60 },
  );
});

test('one word is shell text, several are words', () => {
  expect(shellJoin(['git status | cat'])).toBe('git status | cat');
  expect(shellJoin(['git', 'commit', '-m', 'a b'])).toBe("git commit -m 'a b'");
  expect(shellQuote('')).toBe("''");
});

test.each([
  ['run {{prompt_file}}', "run '/a b/p'"],
  ['run "{{prompt_file}}"', "run '/a b/p'"],
  ["run '{{prompt_file}}'", "run '/a b/p'"],
  ['run {{unknown}} {{model}}', "run {{unknown}} '{{prompt_file}}'"],
  ['run {{prompt_file}}{{prompt_file}}', "run '/a b/p''/a b/p'"],
])('%s', (template, wanted) => {
  expect(fillTemplate(template, { prompt_file: '/a b/p', model: '{{prompt_file}}' })).toBe(wanted);
});
