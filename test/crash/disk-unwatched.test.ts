import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BIN, type Ended, type House, openHouse, until } from '../e2e/house.js';

// A machine without file watches: inotify's table of this user is full. Events come late, by a poll, and nothing else changes.
let house: House;
beforeEach(() => {
  house = openHouse();
});
afterEach(() => house.close());

/** The kernel counts inotify instances per user namespace as well, so a full table needs nobody else's. */
const LIMIT = '/proc/sys/user/max_inotify_instances';
const starve = (script: string, words: string[]) => [
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  `echo 0 >${LIMIT} && ${script}`,
  'sh',
  ...words,
];

function tendStarved(args: string[]): Promise<Ended> {
  const child = spawn('unshare', starve('exec "$@"', [process.execPath, BIN, ...args]), {
    env: house.env,
    cwd: house.base,
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
}

function canStarve(): boolean {
  try {
    execFileSync('unshare', starve('true', []), { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('with a full inotify table the pulse, a wait and an ask go on by polling, status says so, and stops saying so when there is room', async ({
  skip,
}) => {
  if (!canStarve()) return skip('no user namespaces here: a full inotify table is not tested');
  await house.init();
  const up = await tendStarved(['up', '--json']);
  expect(up).toMatchObject({ code: 0 });
  const { pid } = JSON.parse(up.stdout) as { pid: number };
  await until('status says that nothing is watched', async () =>
    /! Cannot watch .*looking now and then/.test(await house.must(['status'])),
  );
  await house.settled();

  const { cursor } = await house.json<{ cursor: string }>(['state', '--json']);
  const waiting = tendStarved(['wait', '--json', '--since', cursor, '--timeout', '60']);
  const asking = tendStarved(['ask', 'me', '--prompt', 'Anybody there?']);
  const woken = await waiting;
  expect([woken.code, (JSON.parse(woken.stdout) as { changed: string[] }).changed]).toEqual([
    0,
    expect.arrayContaining(['asks']),
  ]);
  await house.must(['answer', 'me-1', 'I am']);
  expect(await asking).toMatchObject({ code: 0, stdout: 'I am\n' });
  await house.must(['answer', 'setup-1', 'seen without a watch']);
  await until('the pulse reads the answer', () => house.lastPrompt().includes('seen without a watch'));
  await until('the pair is archived', () => house.text('answers/archive/me-1.md'));
  await house.must(['worker', 'start', 'w', '#!script\nexit 7\n']);
  await until('a worker runs and ends', () => house.text('workers/w/status.json').includes('"exit_code": 7'));

  execFileSync('nsenter', ['--user', '-t', String(pid), '--preserve-credentials', 'sh', '-c', `echo 1000 >${LIMIT}`]);
  await until('files are watched again', async () => !/Cannot watch/.test(await house.must(['status'])));
  expect(house.text('pulse/pulse.log')).toContain('watched again');
});

test('with a full inotify table loops run at their times, a loop that is made runs, and one that is paused stops [loops 100]', async ({
  skip,
}) => {
  if (!canStarve()) return skip('no user namespaces here: a full inotify table is not tested');
  await house.init();
  expect(await tendStarved(['up', '--json'])).toMatchObject({ code: 0 });
  const make = (name: string) =>
    house.must(['loops', 'create', 'command', name, '--cmd', `echo x >> ${house.base}/${name}`, '--every', '1s']);
  const ran = (name: string): number => {
    const path = join(house.base, name);
    return existsSync(path) ? readFileSync(path, 'utf8').length : 0;
  };
  await make('one');
  await until('it runs at its times', () => ran('one') >= 4);
  await house.must(['loops', 'pause', 'one']);
  await make('two');
  await until('the other runs', () => ran('two') >= 2);
  const before = ran('one');
  await until('it goes on', () => ran('two') >= 6);
  expect(ran('one')).toBe(before);
  expect(await house.must(['status'])).toMatch(/! Cannot watch/);
});
