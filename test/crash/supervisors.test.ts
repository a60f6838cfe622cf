import { afterAll, beforeAll, expect, test } from 'vitest';
import { end, type House, isAtRest, LIMIT_MS, openStreet, type Street, until } from './house.js';
import { killAtPoints, type Scenario } from './rounds.js';

// The processes that outlive a pulse are killed at every durable step of theirs. What a command or a worker did meanwhile nobody can
// know, so it is at most once, and the human is told of it: never run again, never silent.
let street: Street;
let home: House;
beforeAll(async () => {
  street = await openStreet();
  home = street.house();
  await home.must('init', '--runner', 'embedded', '--yes');
  for (const name of ['sensors/today.sh', 'goals/setup.md', 'goals/playbook-daily.md']) home.remove(name);
  home.config({
    runner: 'embedded',
    gate: { allow: ['bash ../effect.sh *', 'bash ../suicide.sh *'] },
    worker_command: `sed '1,/^#!script$/d' {{prompt_file}} > {{prompt_file}}.sh; exec bash {{prompt_file}}.sh`,
  });
  home.write('../effect.sh', 'echo "$1" >>../effects\n');
  home.write('../suicide.sh', 'echo "$1" >>../effects; kill -9 $$\n');
  const life = home.start(['__pulse']);
  await until(
    () => 'the first rest',
    () => isAtRest(home),
  );
  await end(life);
});
afterAll(() => street.close());

const unless = (isSo: boolean, what: string): string[] => (isSo ? [] : [what]);
const ONCE = "'goal:a' in changed";

/** What the human finds: the journal, and why the last beat failed. */
const told = (house: House): string =>
  `${house.text('journal.md')}${/"lastFailure": \{[^}]*\}/.exec(house.text('pulse/memory.json'))?.[0] ?? ''}${house.text(`events-${day()}.ndjson`)}`;
const day = (): string => new Date().toLocaleDateString('sv');

const SHELL: Scenario = {
  name: 'the shell supervisor',
  programs: ['__shell'],
  arrange: (house) => house.rule('a', { action: 'run_shell', cmd: 'bash ../effect.sh token-1' }, ONCE),
  isDone: (house) => /"event":"move\.(?:done|failed)"/.test(told(house)),
  check: (house) => {
    const [ran, said] = [house.effects().length === 1, told(house)];
    return [
      // A command of which nothing is known, and one that never ran, are told in words of their own.
      ...unless(
        ran || /The command was not run|what it did is not known/.test(said),
        `it did not run, and that is said as: ${said}`,
      ),
      ...unless(
        !/"state":"failed"|move\.failed/.test(said) || /not run|not known/.test(said),
        `it is said to have failed as: ${said}`,
      ),
    ];
  },
};

test(
  'the shell supervisor dies at any step: the command runs at most once, and what is not known is told',
  () => killAtPoints(street, home, SHELL),
  LIMIT_MS,
);

const WORKER: Scenario = {
  name: 'the supervisor of a worker',
  programs: ['__worker'],
  arrange: (house) =>
    house.rule(
      'a',
      { action: 'start_worker', id: 'w', prompt: '#!script\necho worked >> ../worked', journal: 'hired' },
      ONCE,
    ),
  isDone: (house) => /"state": "(?:exited|failed|killed)"/.test(house.text('workers/w/status.json')),
  check: (house) => {
    const [worked, status] = [house.text('../worked'), house.text('workers/w/status.json')];
    return [
      ...unless(worked === 'worked\n' || worked === '', `it worked: ${worked}`),
      ...unless(
        (status.includes('"exited"') && worked !== '') || /its supervisor died/.test(status),
        `its end is told as ${status}`,
      ),
      ...unless(
        house.names('workers/w').filter((name) => name.endsWith('.claim')).length === 1,
        'there is more than one claim',
      ),
    ];
  },
};

test(
  'the supervisor of a worker dies at any step: the worker runs at most once, and its end is told',
  () => killAtPoints(street, home, WORKER, 3),
  LIMIT_MS,
);

test('a command that is killed under its supervisor is told as failed, once, and does not run again', async () => {
  const house = street.house(home);
  house.rule('a', { action: 'run_shell', cmd: 'bash ../suicide.sh token-1' }, ONCE);
  const life = house.start(['__pulse']);
  await until(
    () => `the end of it: ${house.text('journal.md')}`,
    async () => house.text('journal.md').includes('failed') && (await isAtRest(house)),
  );
  await end(life);
  expect(house.effects()).toEqual(['token-1']);
  expect(house.text('journal.md').match(/token-1/g)).toHaveLength(1);
});
