import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, end, type House, isAtRest, LIMIT_MS, openStreet, type Street, until } from './house.js';
import { breaches, mailOf } from './invariants.js';
import { choose, eachOf, type Point, pointsOf, report } from './rounds.js';

// A verb is killed at every durable step, and typed again as its user would: done once, nothing half, nothing lost.
let street: Street;
let home: House;
beforeAll(async () => {
  street = await openStreet();
  home = street.house();
  await home.must('init', '--runner', 'embedded', '--yes');
  home.write('../effect.sh', 'echo "$1" >>../effects\n');
});
afterAll(() => street.close());

interface Typed {
  /** The verb as it is typed; both times the same. */
  line: string[];
  input?: string;
  prepare?(house: House): void | Promise<void>;
  /** What must be true when it was typed again; `again`: how that ended. */
  check(house: House, again: Ended): string[];
  /** Exit code of the second time; default 0. 1 where "that is done already" is the answer. */
  codes?: number[];
}

const unless = (isSo: boolean, what: string): string[] => (isSo ? [] : [what]);
const versions = (house: House, key: string): string[] =>
  house.names(`history/${key}`).map((stamp) => house.text(`history/${key}/${stamp}`));

const VERBS: Typed[] = [
  {
    line: ['answer', 'setup-1', 'tend', 'the', 'roses'],
    codes: [0, 1],
    check: (house, again) => [
      ...unless(house.text('answers/setup-1.md').includes('tend the roses'), 'the answer is not there'),
      ...unless(
        again.code === 0 || again.err.includes('tend the roses'),
        `it does not say what was answered: ${again.err}`,
      ),
    ],
  },
  {
    line: ['ask', 'me', '--prompt', 'Which roses?', '--timeout', '0'],
    // No answer yet: it waits no longer than it was told.
    codes: [124, 1, 2, 3, 4],
    check: (house) =>
      unless(house.names('asks').filter((name) => name.startsWith('me-')).length === 1, `asks: ${house.names('asks')}`),
  },
  {
    line: ['ask', 'close', 'setup-1', '--reason', 'not now'],
    codes: [0, 1],
    check: (house) => unless(/outcome: "closed"/.test(house.text('answers/setup-1.md')), 'it is not closed'),
  },
  {
    line: ['goal', 'write', 'setup', '-'],
    input: 'Tend the roses.\n',
    check: (house) => [
      ...unless(house.text('goals/setup.md') === 'Tend the roses.\n', 'the goal is another'),
      ...unless(versions(house, 'goals/setup.md').length > 0, 'the version before is not kept'),
    ],
  },
  {
    line: ['goal', 'archive', 'setup'],
    codes: [0, 1],
    check: (house) => [
      ...unless(house.text('goals/setup.md') === '', 'the goal is still there'),
      ...unless(house.names('goals/archive').join() === 'setup.md', `archive: ${house.names('goals/archive')}`),
    ],
  },
  {
    line: ['playbook', 'write', '-'],
    input: 'Be kind.\n',
    check: (house) => [
      ...unless(house.text('PLAYBOOK.md') === 'Be kind.\n', 'the PLAYBOOK is another'),
      ...unless(versions(house, 'PLAYBOOK.md').length > 0, 'the version before is not kept'),
    ],
  },
  {
    line: ['sensor', 'write', 's', '-'],
    input: '#!/bin/bash\necho 1\n',
    check: (house) => unless(house.disk.stat('sensors/s.sh').state === 'present', 'there is no sensor'),
  },
  {
    line: ['sensor', 'remove', 'today'],
    codes: [0, 1],
    check: (house) => [
      ...unless(house.text('sensors/today.sh') === '', 'the sensor is still there'),
      ...unless(versions(house, 'sensors/today.sh').length > 0, 'its last version is not kept'),
    ],
  },
  {
    line: ['history', 'restore', 'PLAYBOOK.md', '2'],
    prepare: async (house) => {
      house.write('PLAYBOOK.md', 'Be old.\n');
      await house.must('playbook', 'write', 'Be', 'new.');
    },
    // Typed again, "2" may mean two versions: the one that was restored, and the one that the first time kept.
    codes: [0, 1, 2],
    check: (house) => [
      ...unless(['Be old.\n', 'Be new.\n'].includes(house.text('PLAYBOOK.md')), 'the PLAYBOOK is neither'),
      ...unless(
        [...versions(house, 'PLAYBOOK.md'), house.text('PLAYBOOK.md')].includes('Be new.\n'),
        'a version is lost',
      ),
      ...unless(versions(house, 'PLAYBOOK.md').includes('Be old.\n'), 'the old version is lost'),
    ],
  },
  {
    line: ['schedule', 'write', 'tea', '--every', '1h'],
    check: (house) => unless(house.text('schedules/tea.json').includes('3600'), 'there is no schedule'),
  },
  {
    line: ['schedule', 'rm', 'tea'],
    prepare: (house) => house.must('schedule', 'write', 'tea', '--every', '1h').then(() => undefined),
    check: (house) => unless(house.text('schedules/tea.json') === '', 'the schedule is still there'),
  },
  {
    line: ['claim', 'repo', '--session', 'me'],
    check: (house) => unless(house.text('leases/repo.json').includes('"me"'), 'there is no lease'),
  },
  {
    line: ['unclaim', 'repo', '--session', 'me'],
    prepare: (house) => house.must('claim', 'repo', '--session', 'me').then(() => undefined),
    codes: [0, 1],
    check: (house) => unless(house.text('leases/repo.json') === '', 'the lease is still there'),
  },
  {
    line: ['worker', 'start', 'w', '-'],
    input: '#!script\ntrue\n',
    prepare: (house) => house.config({ runner: 'embedded', worker_command: 'bash {{prompt_file}}' }),
    codes: [0, 1],
    check: (house) => unless(house.text('workers/w/spec.json').includes('"running"'), 'no worker is wanted'),
  },
  {
    line: ['init', '--runner', 'embedded', '--yes'],
    prepare: (house) => rmSync(house.root, { recursive: true }),
    check: (house) => [
      ...unless(house.text('config.json').includes('embedded'), 'there is no config'),
      ...unless(house.text('PLAYBOOK.md') !== '' && house.names('asks').join() === 'setup-1.md', 'it is not seeded'),
    ],
  },
];

describe.concurrent('a verb that is killed and typed again', () => {
  test.each(VERBS.map((verb) => ({ verb, name: verb.line.join(' ') })))(
    '$name',
    async ({ verb, name }) => {
      const prepared = street.house(home);
      await verb.prepare?.(prepared);
      const programs = [verb.line.slice(0, 2).join(' ')];
      const dry = street.house(prepared);
      const untouched = await dry.start(verb.line, { programs }, verb.input).ended;
      expect(verb.check(dry, untouched), `without a death: ${untouched.err}`).toEqual([]);
      const points = pointsOf(dry.trace());
      expect(points.length).toBeGreaterThan(0);
      const verdicts = await eachOf(choose(points, 6), (point) =>
        typeTwice(street.house(prepared), verb, { programs, point }),
      );
      report(name, points, verdicts);
    },
    LIMIT_MS,
  );
});

async function typeTwice(house: House, verb: Typed, at: { programs: string[]; point: Point }): Promise<string[]> {
  const first = await house.start(verb.line, { programs: at.programs, die: at.point }, verb.input).ended;
  if (first.signal !== 'SIGKILL') return [`it did not die there: it ended with ${first.code}: ${first.err}`];
  const before = await mailOf(house.disk);
  const again = await house.start(verb.line, undefined, verb.input).ended;
  const broken = await breaches({ disk: house.disk, effects: house.effects(), before, deaths: 1, atRest: false });
  return [
    ...unless((verb.codes ?? [0]).includes(again.code ?? -1), `the second time ended with ${again.code}: ${again.err}`),
    ...verb.check(house, again),
    // Who types a command twice has done it twice, and finds it in the journal twice.
    ...broken.filter((what) => !what.startsWith('no move is journaled twice')),
  ];
}

test(
  'a command of `tend run` whose verb is killed runs once, and the pulse tells of it',
  async () => {
    const line = ['run', 'bash ../effect.sh token-1'];
    const dry = street.house(home);
    await dry.start(line, { programs: ['run'] }).ended;
    const points = pointsOf(dry.trace());
    const verdicts = await eachOf(choose(points, 4), async (point) => {
      const house = street.house(home);
      const first = await house.start(line, { programs: ['run'], die: point }).ended;
      if (first.signal !== 'SIGKILL') return [`it did not die there: it ended with ${first.code}: ${first.err}`];
      const wasBegun = house.names('intents').length > 0 || house.text('journal.md').includes('token-1');
      const life = house.start(['__pulse']);
      await until(
        () => `rest after ${point.label}`,
        () => house.text('pulse/memory.json') !== '' && isAtRest(house),
      );
      await end(life);
      return [
        ...unless(house.effects().length === (wasBegun ? 1 : 0), `it ran ${house.effects().length} times`),
        ...(await breaches({ disk: house.disk, effects: house.effects(), deaths: 1, atRest: true })),
      ];
    });
    report('run', points, verdicts);
  },
  LIMIT_MS,
);

test('what a killed verb had begun never undoes what its user did after it', async () => {
  const house = street.house(home);
  const first = house.start(['schedule', 'write', 'tea', '--every', '1h'], {
    programs: ['schedule write'],
    die: { name: 'unlink intents/.tmp', nth: 1 },
  });
  expect((await first.ended).signal).toBe('SIGKILL');
  await house.must('schedule', 'write', 'tea', '--every', '2h');
  const life = house.start(['__pulse']);
  // The intent of a human's verb is left to that verb for 10 s.
  await until(
    () => 'the intent is ended',
    () => house.names('intents').length === 0,
  );
  await end(life);
  expect(house.text('schedules/tea.json')).toContain('7200');
});
