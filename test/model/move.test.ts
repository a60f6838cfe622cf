import { expect, test } from 'vitest';
import { ACTIONS, checkDecision, type Move } from '../../src/model/move.js';

const GOOD: Move[] = [
  { action: 'noop', reason: 'nothing to do' },
  { action: 'run_shell', cmd: 'git status' },
  { action: 'write_goal', id: 'x', body: 'text' },
  { action: 'archive_goal', id: 'x' },
  { action: 'write_sensor', name: 'x', script: 'echo' },
  { action: 'remove_sensor', name: 'x' },
  { action: 'write_playbook', body: 'text' },
  { action: 'start_worker', id: 'x', prompt: 'text', verify: 'true' },
  { action: 'resume_worker', id: 'x', prompt: 'text', reason: 'text' },
  { action: 'kill_worker', id: 'x' },
  { action: 'tell_worker', id: 'x', message: 'text' },
  { action: 'ask_human', prompt: 'text', options: ['a', 'b'], urgency: 'high' },
  { action: 'write_schedule', name: 'x', in_s: 5 },
  { action: 'drop_schedule', name: 'x' },
];

test('every kind of move has a valid example here', () => {
  expect(GOOD.map((move) => move.action).sort()).toEqual([...ACTIONS].sort());
});

test.each(GOOD)('$action is read back as it is, with journal and interval beside it', (move) => {
  expect(checkDecision({ ...move, journal: 'why', next_interval_s: 30, unknown: 1 })).toEqual({
    value: { move, journal: 'why', nextIntervalS: 30 },
  });
});

test.each<[about: string, data: unknown, problem: RegExp]>([
  ['nothing', null, /^action: missing, expected one of noop, run_shell/],
  ['a list', [], /^action: missing/],
  ['another action', { action: 'rm' }, /^action: unknown "rm", expected one of/],
  ['an action of Object', { action: 'constructor' }, /^action: unknown "constructor"/],
  ['a missing field', { action: 'run_shell' }, /^cmd: missing, expected string$/],
  ['a wrong type', { action: 'run_shell', cmd: ['git'] }, /^cmd: expected string$/],
  ['a blank command', { action: 'run_shell', cmd: ' \n' }, /^cmd: may not be blank$/],
  ['a command that no argument can hold', { action: 'run_shell', cmd: 'x'.repeat(30_001) }, /^cmd: longer than 30000/],
  ['an id that leaves its directory', { action: 'write_goal', id: '../x', body: 'b' }, /^id: it contains ".."$/],
  [
    'a schedule with both times',
    { action: 'write_schedule', name: 'x', in_s: 5, every_s: 60 },
    /exactly one of in_s and every_s/,
  ],
  ['a schedule with none', { action: 'write_schedule', name: 'x' }, /exactly one/],
  [
    'a period below a minute',
    { action: 'write_schedule', name: 'x', every_s: 59 },
    /^every_s: too small, at least 60$/,
  ],
  [
    'a loop with two times',
    { action: 'write_schedule', name: 'x', cmd: 'ls', cron: '@daily', every_s: 60 },
    /exactly one of cron/,
  ],
  ['a loop after a while', { action: 'write_schedule', name: 'x', cmd: 'ls', in_s: 60 }, /exactly one of cron/],
  ['a reminder by cron', { action: 'write_schedule', name: 'x', every_s: 60, cron: '@daily' }, /for a loop with cmd/],
  [
    'a zone without cron',
    { action: 'write_schedule', name: 'x', cmd: 'ls', every_s: 60, timezone: 'UTC' },
    /timezone is for cron/,
  ],
  ['a schedule in the past', { action: 'write_schedule', name: 'x', in_s: -5 }, /^in_s: too small/],
  [
    'too many options',
    { action: 'ask_human', prompt: 'p', options: Array(21).fill('x') },
    /^options: too large, at most 20$/,
  ],
])('refused with its field: %s', (_about, data, problem) => {
  const checked = checkDecision(data);
  expect(checked.value).toBeUndefined();
  expect(checked.problems).toEqual([expect.stringMatching(problem)]);
});

test.each<[unknown, number | undefined]>([
  [0, 0],
  [30, 30],
  [-1, undefined],
  [1.5, undefined],
  ['30', undefined],
  [1e12, 1_000_000_000_000],
])('next_interval_s %j is taken as %s', (given, wanted) => {
  expect(checkDecision({ action: 'noop', next_interval_s: given }).value?.nextIntervalS).toBe(wanted);
});
