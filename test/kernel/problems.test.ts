import { expect, test } from 'vitest';
import { problemList } from '../../src/kernel/problems.js';

test('what is still wrong is shown in every moment of a round; what was not said again is forgotten at its end', () => {
  const problems = problemList();
  const first = problems.begin();
  problems.say('a');
  problems.say('b');
  first();
  const second = problems.begin();
  expect(problems.shown()).toEqual(['a', 'b']);
  problems.say('b');
  problems.say('c');
  expect(problems.shown()).toEqual(['a', 'b', 'c']);
  second();
  expect(problems.shown()).toEqual(['b', 'c']);
});

test('what is said between two rounds stands until the next has ended without it', () => {
  const problems = problemList();
  problems.begin()();
  problems.say('late');
  expect(problems.shown()).toEqual(['late']);
  const round = problems.begin();
  expect(problems.shown()).toEqual(['late']);
  round();
  expect(problems.shown()).toEqual([]);
});
