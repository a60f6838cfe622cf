import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Verb } from '../../../src/contract/verb.js';
import { parseLine } from './parse-line.js';
import { claim, goalWrite, list, note, run, tell } from './sample-verbs.js';

const takes = (verb: Verb, argv: string[]) => {
  const { args, flags, words } = parseLine(verb, argv);
  return { args, flags, words };
};

test.each<[string, Verb, string[], object]>([
  [
    'a flag value is never a positional',
    claim,
    ['--session', 'w1', 'repo'],
    { args: { name: 'repo' }, flags: { session: 'w1' } },
  ],
  ['a flag may stand behind', claim, ['repo', '--session', 'w1'], { args: { name: 'repo' }, flags: { session: 'w1' } }],
  ['a value may be joined by =', claim, ['repo', '--session=-x=y'], { flags: { session: '-x=y' } }],
  ['an empty value is a value', claim, ['repo', '--session', ''], { flags: { session: '' } }],
  ['a value keeps its quotes', claim, ['repo', '--session', '"q"'], { flags: { session: '"q"' } }],
  ['a value keeps its zeros', claim, ['007', '--session', '1e3'], { args: { name: '007' }, flags: { session: '1e3' } }],
  ['a lone hyphen is a value', claim, ['-', '--session', '-'], { args: { name: '-' }, flags: { session: '-' } }],
  ['a Markdown list is a value', claim, ['repo', '--session', '- a\n- b'], { flags: { session: '- a\n- b' } }],
  ['a negative number is a word', goalWrite, ['g', '-5'], { words: ['-5'] }],
  [
    'a switch takes no word away',
    goalWrite,
    ['--force', 'true', 'false', 'x'],
    { args: { id: 'true' }, flags: { force: true }, words: ['false', 'x'] },
  ],
  [
    'flags may stand within the body',
    goalWrite,
    ['g', 'a', '--journal', 'j', 'b'],
    { flags: { journal: 'j' }, words: ['a', 'b'] },
  ],
  ['-- ends the flags', goalWrite, ['g', '--', '--journal', '-', '--'], { flags: {}, words: ['--journal', '-', '--'] }],
  ['-- may come first', goalWrite, ['--', '-g', 'x'], { args: { id: '-g' }, words: ['x'] }],
  [
    'a command is verbatim from its first word',
    run,
    ['--reason', 'r', 'here', 'git', '--reason', 'x', '--help', '--'],
    { args: { where: 'here' }, flags: { reason: 'r' }, words: ['git', '--reason', 'x', '--help', '--'] },
  ],
  [
    'flags may stand before a command',
    run,
    ['here', '--reason=r', 'ls', '-l'],
    { flags: { reason: 'r' }, words: ['ls', '-l'] },
  ],
  ['-- before a command is ours', run, ['here', '--', '--reason', 'x'], { flags: {}, words: ['--reason', 'x'] }],
  [
    'a message is verbatim behind its positional',
    tell,
    ['w1', '--no', 'tests', '-x'],
    { words: ['--no', 'tests', '-x'] },
  ],
  ['-- in front of a message is ours', tell, ['w1', '--', '--help'], { words: ['--help'], args: { worker: 'w1' } }],
  ['durations are seconds', list, ['-s', '5m'], { flags: { since: 300 } }],
  ['a default counts as typed', list, [], { flags: { since: 3600 } }],
  ['counts are numbers', list, ['--limit', '0'], { flags: { limit: 0, since: 3600 } }],
  ['switches may be grouped', list, ['-ab'], { flags: { all: true, brief: true } }],
  ['a list repeats and splits', list, ['--only', 'a, b', '--only', 'c\\,d,,'], { flags: { only: ['a', 'b', 'c,d'] } }],
  ['a dotted word stays whole', list, ['--from', 'a.b.c'], { flags: { from: 'a.b.c' } }],
])('%s', (_, verb, argv, wanted) => {
  expect(takes(verb, argv)).toMatchObject(wanted);
});

test.each<[string, Verb, string[], RegExp]>([
  ['an unknown flag, with the nearest', claim, ['repo', '--sesion', 'x'], /no flag "--sesion", did you mean --session/],
  ['an unknown flag, with the known', claim, ['repo', '--zzz'], /no flag "--zzz".*--session, --json, --help/],
  ['an unknown flag in a body', goalWrite, ['g', 'a', '--b'], /no flag "--b"/],
  ['a prototype name', claim, ['repo', '--constructor'], /no flag "--constructor"/],
  ['a negated switch', goalWrite, ['g', 'x', '--no-force'], /no flag "--no-force"/],
  ['an unknown short flag', list, ['-x'], /no flag "-x"/],
  ['a missing value at the end', claim, ['repo', '--session'], /--session needs a value/],
  ['a missing value before a flag', claim, ['--session', '--json', 'repo'], /--session needs a value/],
  ['a missing value before --', claim, ['--session', '--', 'repo'], /--session needs a value/],
  ['a missing value in a group', list, ['-sa'], /--since needs a value/],
  ['a value for a switch', claim, ['repo', '--json=no'], /--json is a switch and takes no value/],
  ['a value twice', claim, ['repo', '--session', 'a', '--session', 'b'], /--session is given 2 times/],
  ['a missing positional', claim, [], /NAME is missing; usage: tend claim NAME/],
  ['a surplus word', claim, ['a', 'b'], /"b" is a word too many/],
  ['a bad choice', list, ['--state', 'x'], /"x" is no value for --state, wanted one of live, dead/],
  ['a bad positional choice', run, ['where', 'ls'], /"where" is no WHERE, wanted one of here, there/],
  ['a bad count', list, ['--limit', '-1'], /"-1" is no value for --limit, wanted a whole number/],
  ['a count past what is exact', list, ['--limit', '99999999999999999999'], /wanted a whole number/],
  ['a bad duration', list, ['--since', '5 min'], /wanted a duration such as/],
  ['a missing command', run, ['here'], /CMD is missing/],
])('%s is an input error', (_, verb, argv, message) => {
  expect(() => parseLine(verb, argv)).toThrow(message);
  try {
    parseLine(verb, argv);
  } catch (error) {
    expect(error).toMatchObject({ kind: 'input', exit: 2, hint: expect.stringMatching(/^tend .* --help$/) });
  }
});

test('an error of a verb with many flags keeps its words at the end of what is read: the usage behind them is short', () => {
  const flags = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) => [`setting-${n}`, { type: 'string', about: 'x' } as const]),
  );
  expect(() => parseLine({ ...claim, flags }, ['repo', '--seting-7', 'x'])).toThrow(
    /no flag "--seting-7", did you mean --setting-7.*; usage: tend claim NAME \[--…\]$/,
  );
});

test('help wins over every mistake in the line', () => {
  for (const argv of [['--help'], ['-h', '--zzz'], ['a', 'b', 'c', '--help']])
    expect(parseLine(claim, argv).help).toBe(true);
  expect(parseLine(note, ['--', '--help']).help).toBe(false);
  expect(parseLine(tell, ['w1', '--help']).help).toBe(true);
  expect(parseLine(tell, ['w1', 'see', '--help']).help).toBe(false);
});

test('whatever stands behind -- is the body, word for word', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0'))), (words) => {
      expect(parseLine(note, ['--', ...words]).words).toEqual(words);
    }),
  );
});

test('any text without hyphens in front is a value, unchanged', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
      (text) => {
        expect(parseLine(claim, ['n', `--session=${text}`]).flags['session']).toBe(text);
        if (!text.startsWith('-')) expect(parseLine(claim, ['n', '--session', text]).flags['session']).toBe(text);
      },
    ),
  );
});
