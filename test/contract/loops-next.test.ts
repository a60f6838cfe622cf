import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeProfile, type Profile } from './tend-process.js';

let home: Profile;
beforeEach(() => {
  home = makeProfile();
});
afterEach(() => home.remove());

const SPRING = ['--timezone', 'America/New_York', '--from', '2026-03-07T12:00:00Z'];

test('loops next prints the coming times of an expression, for scripts as an array, for people with zone and changes of the clocks', async () => {
  expect(await home.json(['loops', 'next', '--cron', '30 2 * * *', ...SPRING, '-n', '2', '--json'])).toEqual([
    '2026-03-08T07:00:00.000Z',
    '2026-03-09T06:30:00.000Z',
  ]);
  const { stdout } = await home.tend(['loops', 'next', '--cron', '30 2 * * *', ...SPRING]);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toContain('Sun 2026-03-08 03:00 -04:00 America/New_York');
  expect(lines[0]).toContain('the clocks go ahead by 60 min');
  expect(lines[1]).not.toContain('clocks');
  expect(home.disk.stat('').state, 'it only reads').toBe('absent');
});

test('a bad expression, zone or time ends loops next with 2, a reason and what is wanted, and prints nothing on stdout [loops 2]', async () => {
  const bad: [string[], string, string][] = [
    [['--cron', '5/10 * * * *'], 'step but no range', '5-59/10'],
    [['--cron', '0 0 30 2 *'], 'no day ever matches', '28'],
    [['--cron', '@daily', '--timezone', 'Mars/X'], 'Mars/X', 'IANA'],
    [['--cron', '@daily', '--from', 'soon'], 'soon', 'ISO 8601'],
    [[], 'neither a loop nor --cron', '--cron'],
  ];
  for (const [args, reason, wanted] of bad) {
    const { code, stdout, stderr } = await home.tend(['loops', 'next', ...args, '--json']);
    expect([code, stdout]).toEqual([2, '']);
    const { error } = JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as { error: { message: string } };
    expect(error.message).toContain(reason);
    expect(error.message).toContain(wanted);
  }
});

test('the zone of the process counts when none is given, and --timezone wins over it [loops 11]', async () => {
  const args = ['loops', 'next', '--cron', '0 8 * * *', '--from', '2026-01-01T00:00:00Z', '-n', '1', '--json'];
  const first = async (zone: string, more: string[] = []) =>
    (JSON.parse((await home.tend([...args, ...more], { env: { TZ: zone } })).stdout) as string[])[0];
  expect(await first('America/New_York')).toBe('2026-01-01T13:00:00.000Z');
  expect(await first('UTC')).toBe('2026-01-01T08:00:00.000Z');
  expect(await first('America/New_York', ['--timezone', 'UTC'])).toBe('2026-01-01T08:00:00.000Z');
});

test('loops next of a loop begins at its own next time; a loop that is not active has none', async () => {
  const { nextRunAt } = await home.json<{ nextRunAt: string }>([
    'loops',
    'create',
    'command',
    'x',
    '--every',
    '1h',
    '--cmd',
    'true',
    '--json',
  ]);
  const next = await home.json<string[]>(['loops', 'next', 'x', '-n', '3', '--json']);
  expect(next).toEqual([0, 1, 2].map((n) => new Date(Date.parse(nextRunAt) + n * 3_600_000).toISOString()));
  await home.tend(['loops', 'pause', 'x']);
  expect(await home.json(['loops', 'next', 'x', '--json'])).toEqual([]);
  expect((await home.tend(['loops', 'next', 'nobody'])).code).toBe(1);
});
