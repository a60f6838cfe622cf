import { rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { end, type House, isAtRest, LIMIT_MS, openStreet, type Street, until } from './house.js';
import { killAtPoints, type Scenario } from './rounds.js';

// The pulse is killed at every durable step of a beat; the next life must leave nothing lost, nothing twice, nothing half.
let street: Street;
let home: House;
beforeAll(async () => {
  street = await openStreet();
  home = street.house();
  await home.must('init', '--runner', 'embedded', '--yes');
  for (const name of ['sensors/today.sh', 'goals/setup.md', 'goals/playbook-daily.md']) home.remove(name);
  home.config(CONFIG);
  home.write('../effect.sh', 'echo "$1" >>../effects\n');
  await live(home, () => true);
});
afterAll(() => street.close());

const CONFIG = {
  runner: 'embedded',
  gate: { allow: ['bash ../effect.sh *'], sensors: 'allow' },
  worker_command: `sed '1,/^#!script$/d' {{prompt_file}} > {{prompt_file}}.sh; exec bash {{prompt_file}}.sh`,
};

/** A whole life of a pulse, in which something comes to its end. */
async function live(house: House, isDone: () => boolean): Promise<void> {
  const life = house.start(['__pulse']);
  await until(
    () => `rest; journal ${house.text('journal.md')}`,
    async () => isDone() && (await isAtRest(house)),
  );
  await end(life);
}

const journaled = (house: House, text: string): boolean => house.text('journal.md').includes(text);
const gateAsks = (house: House): string[] =>
  [...house.names('asks'), ...house.names('asks/archive')].filter((name) => name.startsWith('gate-'));
/** `what` unless it is so. */
const unless = (isSo: boolean, what: string): string[] => (isSo ? [] : [what]);

/** A rule of goal `a` wants a command that the gate asks about. */
const ASKED = { action: 'run_shell', cmd: 'bash ../effect.sh token-1 && true > ../asked' };

const MAIN: Scenario[] = [
  {
    name: 'a command that may run unasked',
    arrange: (house) => house.rule('a', { action: 'run_shell', cmd: 'bash ../effect.sh token-1' }),
    isDone: (house) => journaled(house, 'token-1'),
    check: (house) => unless(house.effects().length === 1, 'it never ran'),
  },
  {
    name: 'a command that is asked about',
    arrange: (house) => house.rule('a', ASKED),
    isDone: (house) => house.names('asks').includes('gate-1.md') || house.names('asks/archive').includes('gate-1.md'),
    check: (house) => [
      ...unless(gateAsks(house).length === 1, `it was asked as ${gateAsks(house)}`),
      ...unless(house.effects().length === 0, 'it ran without a yes'),
    ],
  },
  {
    name: 'a yes',
    prepare: async (house) => {
      house.rule('a', ASKED);
      await live(house, () => house.names('asks').includes('gate-1.md'));
      await house.must('answer', 'gate-1', 'yes');
    },
    isDone: (house) => house.names('asks/archive').includes('gate-1.md'),
    check: (house) => [
      ...unless(house.effects().length === 1, `the yes was lost: ${house.text('journal.md')}`),
      ...unless(gateAsks(house).length === 1, `it was asked again: ${gateAsks(house)}`),
    ],
  },
  {
    name: 'a no, and a decider that is told of it',
    prepare: async (house) => {
      house.rule('a', ASKED);
      await live(house, () => house.names('asks').includes('gate-1.md'));
      await house.must('answer', 'gate-1', 'no', 'not on a Friday');
    },
    arrange: (house) => {
      house.config({ ...CONFIG, runner: 'custom', tick_command: house.decider });
      for (const n of [1, 2, 3, 4, 5]) house.say(n, { action: 'noop', journal: `nothing to do, ${n}` });
    },
    isDone: (house) => house.names('asks/archive').includes('gate-1.md') && house.prompts().length > 0,
    check: (house) => [
      ...unless(house.effects().length === 0, 'it ran after a no'),
      ...unless(
        house.prompts().some((prompt) => prompt.includes('effect: no: not on a Friday')),
        'no decision was told of the no',
      ),
    ],
  },
  {
    name: 'a decision of a model about an answer',
    prepare: (house) => house.must('answer', 'setup-1', 'tend the roses').then(() => undefined),
    arrange: (house) => {
      house.config({ ...CONFIG, runner: 'custom', tick_command: house.decider });
      for (const n of [1, 2])
        house.say(n, { action: 'run_shell', cmd: `bash ../effect.sh token-${n}`, journal: `tending, token-${n}` });
    },
    isDone: (house) => journaled(house, 'tending') && house.names('asks/archive').includes('setup-1.md'),
    check: (house) => [
      ...unless(house.names('consumed').includes('setup-1.json'), 'the answer was not consumed'),
      ...unless(
        house.prompts().some((prompt) => prompt.includes('tend the roses')),
        'no decision saw the answer',
      ),
      ...unless(house.effects().length > 0, 'nothing came of it'),
    ],
  },
];

describe.concurrent('every point of', () => {
  test.each(MAIN)('$name', (scenario) => killAtPoints(street, home, scenario), LIMIT_MS);
});

const kind = (move: { action: string }, more: Partial<Scenario> = {}): Scenario => ({
  name: move.action,
  // True once: a move that changes policy makes a new world, in which "true" would be true anew.
  arrange: (house) => house.rule('a', { ...move, journal: `did ${move.action}` }, "'goal:a' in changed"),
  isDone: (house) => journaled(house, `did ${move.action}`),
  ...more,
});

const SENSOR = '#!/bin/bash\n# tend:interval=3600\necho 1\n';
const WORK = '#!script\necho worked >> ../worked';

/** Starts a worker in this very house: a copy of a living one would be somebody else's. */
async function hire(house: House, script: string): Promise<void> {
  house.rule('a', { action: 'start_worker', id: 'w', prompt: `#!script\n${script}` });
  await live(house, () => house.text('workers/w/status.json').includes('"running"'));
  house.remove('goals/a.md');
}

/** Whole rows of the ledger about workers, each as often as it stands there. */
const lives = (house: House): string[] =>
  house
    .names('runs')
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => house.text(`runs/${name}`).split('\n'))
    .flatMap((line) => /^\{.*"id":"(worker-[0-9a-f]+)".*\}$/.exec(line)?.[1] ?? []);
const status = (house: House): string => /"state": "(\w+)"/.exec(house.text('workers/w/status.json'))?.[1] ?? 'none';

const REST: Scenario[] = [
  kind({ action: 'noop' }),
  kind({ action: 'write_goal', id: 'g', body: 'Be green.' } as never, {
    check: (house) => unless(house.text('history/goals/g.md') === '', 'history'),
  }),
  kind({ action: 'archive_goal', id: 'old' } as never, {
    prepare: (house) => house.write('goals/old.md', 'An old goal.\n'),
    check: (house) =>
      unless(house.names('goals/archive').join() === 'old.md', `archive: ${house.names('goals/archive')}`),
  }),
  kind({ action: 'write_sensor', name: 's', script: SENSOR } as never, {
    check: (house) => unless(house.text('sensors/s.sh') === SENSOR, 'the sensor is not there'),
  }),
  kind({ action: 'remove_sensor', name: 's' } as never, {
    prepare: (house) => house.write('sensors/s.sh', SENSOR, 0o700),
    check: (house) => [
      ...unless(house.text('sensors/s.sh') === '', 'the sensor is still there'),
      ...unless(house.names('history/sensors/s.sh').length > 0, 'its last version is not kept'),
    ],
  }),
  kind({ action: 'write_playbook', body: 'Be kind.' } as never, {
    check: (house) => [
      ...unless(house.text('PLAYBOOK.md') === 'Be kind.\n', 'the PLAYBOOK is another'),
      ...unless(house.names('history/PLAYBOOK.md').length > 0, 'the version before is not kept'),
    ],
  }),
  kind({ action: 'ask_human', prompt: 'Shall I?' } as never, {
    isDone: (house) => journaled(house, 'did ask_human') && house.names('asks').includes('pulse-1.md'),
    check: (house) => unless(!house.names('asks').includes('pulse-2.md'), 'it was asked twice'),
  }),
  kind({ action: 'write_schedule', name: 'tea', every_s: 3600 } as never, {
    check: (house) => unless(house.text('schedules/tea.json').includes('3600'), 'there is no schedule'),
  }),
  kind({ action: 'drop_schedule', name: 'tea' } as never, {
    prepare: (house) => house.must('schedule', 'write', 'tea', '--every', '1h').then(() => undefined),
    check: (house) => unless(house.text('schedules/tea.json') === '', 'the schedule is still there'),
  }),
  kind({ action: 'start_worker', id: 'w', prompt: WORK } as never, {
    name: 'start_worker, and its end',
    isDone: (house) => journaled(house, 'did start_worker') && status(house) === 'exited' && lives(house).length > 0,
    check: (house) => [
      ...unless(house.text('../worked') === 'worked\n', `it worked: ${house.text('../worked')}`),
      ...unless(lives(house).length === 1, `its end is in the ledger: ${lives(house).join(', ')}`),
    ],
  }),
  {
    name: 'kill_worker',
    arrange: async (house) => {
      await hire(house, 'while :; do sleep 0.1; done');
      house.rule('b', { action: 'kill_worker', id: 'w', journal: 'did kill_worker' });
    },
    isDone: (house) => journaled(house, 'did kill_worker') && status(house) === 'killed' && lives(house).length > 0,
    check: (house) => unless(lives(house).length === 1, `its end is in the ledger: ${lives(house).join(', ')}`),
  },
  {
    name: 'tell_worker',
    arrange: async (house) => {
      await hire(house, 'while [ ! -e ../told ]; do sleep 0.1; done; echo told >> ../worked');
      house.rule('b', { action: 'tell_worker', id: 'w', message: 'hurry', journal: 'did tell_worker' });
    },
    isDone: (house) => journaled(house, 'did tell_worker'),
    check: (house) => {
      house.write('../told', '');
      const tells = ['tells', 'tells/consumed', 'tells/discarded']
        .flatMap((dir) => house.names(dir))
        .filter((name) => name.endsWith('.md'));
      return unless(tells.length === 1, `tells: ${tells}`);
    },
  },
  {
    name: 'an approval whose world moved on',
    prepare: async (house) => {
      house.rule('a', ASKED);
      await live(house, () => house.names('asks').includes('gate-1.md'));
    },
    arrange: (house) => house.write('goals/b.md', 'The world moved on.\n'),
    isDone: (house) => gateAsks(house).length === 2 && house.names('asks/archive').includes('gate-1.md'),
    check: (house) => [
      ...unless(gateAsks(house).length === 2, `it was asked as ${gateAsks(house)}`),
      ...unless(house.effects().length === 0, 'it ran without a yes'),
    ],
  },
  {
    name: 'a schedule that is due',
    prepare: async (house) => {
      await house.must('schedule', 'write', 'tea', '--in', '1h');
      await live(house, () => true);
      const schedule = JSON.parse(house.text('schedules/tea.json')) as object;
      house.write('schedules/tea.json', JSON.stringify({ ...schedule, due_ts: 1_000_000_000 }));
    },
    arrange: (house) =>
      house.rule('a', { action: 'drop_schedule', name: 'tea', journal: 'tea time' }, "sys.schedules['tea'] == 'due'"),
    isDone: (house) => journaled(house, 'tea time'),
    check: (house) => unless(house.text('schedules/tea.json') === '', 'the schedule is still there'),
  },
  {
    name: 'records that are no records',
    arrange: (house) => {
      for (const key of ['asks/x-1.md', 'intents/shell-20260101-000000-aaaa.json']) {
        house.write(key, '---\nnothing of ours');
        utimesSync(join(house.root, key), 1_000_000_000, 1_000_000_000);
      }
    },
    isDone: (house) => house.names('quarantine').length >= 2,
    quarantined: ['asks__x-1.md.1', 'intents__shell-20260101-000000-aaaa.json.1'],
  },
  {
    name: 'the first life of a data dir',
    only: /./,
    prepare: (house) => {
      rmSync(house.root, { recursive: true });
      house.config(CONFIG);
    },
    isDone: (house) => house.text('PLAYBOOK.md') !== '' && house.names('asks').includes('setup-1.md'),
    check: (house) => [
      ...unless(house.names('asks').filter((name) => name.startsWith('setup')).length === 1, 'asked twice'),
      ...unless(house.text('sensors/today.sh') !== '', 'no sensor'),
    ],
  },
];

describe.concurrent('points of', () => {
  test.each(REST)('$name', (scenario) => killAtPoints(street, home, scenario, 20), LIMIT_MS);
});
