import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitPlain } from '../../../src/clients/cli/plain-line.js';
import { splitFor } from '../../../src/clients/cli/split-line.js';
import { claim, goalWrite, list, note, run, tell } from './sample-verbs.js';

const word = fc.oneof(
  fc.constantFrom('--all', '--force', '--session', '--limit', '--since', '--state', '--help', '-h', '--', '-', '-5'),
  fc.constantFrom('--no-json', '--json=true', '--session=x', '--sess', 'true', '007', 'a.b', '"q"', '', '—', '--a b'),
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
);

test('a line that is split without yargs-parser is split as yargs-parser splits it', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.constantFrom(claim, goalWrite, list, note), fc.array(word, { maxLength: 6 }), (verb, argv) => {
      const plain = splitPlain(verb, argv);
      if (!plain) return;
      taken += 1;
      const { flags, words } = splitFor(verb, argv);
      expect(words).toEqual(plain.words);
      expect(Object.fromEntries(plain.flags)).toEqual(Object.fromEntries(flags));
    }),
    { numRuns: 5_000 },
  );
  expect(taken, 'too few lines were plain: the test is blind').toBeGreaterThan(500);
});

test('lines of scripts are plain; verbatim words and everything with a doubt are not', () => {
  expect(splitPlain(list, ['--all', '--limit', '5'])).toEqual({
    flags: new Map<string, unknown>([
      ['all', [true]],
      ['limit', ['5']],
    ]),
    words: [],
  });
  for (const argv of [['-h'], ['--'], ['-'], ['--session'], ['--session', '--json'], ['--session=w'], ['--zzz']])
    expect(splitPlain(claim, argv), argv.join(' ')).toBeUndefined();
  expect(splitPlain(run, ['here', 'ls'])).toBeUndefined();
  expect(splitPlain(tell, ['w1', 'see'])).toBeUndefined();
});
