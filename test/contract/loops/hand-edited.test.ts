/** A spec.json that a person edited to numbers that no clock can hold: the loop is shown as invalid with the field, and nothing else suffers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LoopsCli, makeLoopsCli } from './loops-cli.js';

let tend: LoopsCli;
beforeEach(() => {
  tend = makeLoopsCli();
});
afterEach(() => tend.remove());

const YEARS_100 = 100 * 365 * 86_400_000;

test.each([
  ['schedule.everyMs', { schedule: { type: 'interval', anchor: 'fixed_rate', everyMs: 1e300 } }],
  ['schedule.everyMs', { schedule: { type: 'interval', anchor: 'fixed_rate', everyMs: 0.001 } }],
  ['schedule.minIntervalMs', { schedule: { type: 'dynamic', minIntervalMs: YEARS_100 + 1 } }],
  ['retryDelayMs', { retryDelayMs: 8.64e15 }],
  ['leaseMs', { leaseMs: 1e300 }],
  ['catchUpWindowMs', { catchUpWindowMs: 1.5 }],
  ['target.timeoutMs', { target: { type: 'command', command: 'true', timeoutMs: 1e300 } }],
])('%s %j in spec.json makes the loop invalid, and the others run', async (field, change) => {
  const edited = await tend.create('edited', '--every', '1h', '--attempts', '2');
  const other = await tend.create('other', '--at', '2020-01-01T00:00Z');
  const path = join(tend.disk.root, 'schedules', edited, 'spec.json');
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), ...change }));
  expect((await tend.cli('loops', 'list')).out).toContain(`${edited}  invalid  next=-  edited  (spec.json: ${field}: `);
  const ran = await tend.cli('loops', 'run-now', 'edited', '--json');
  expect(ran).toMatchObject({ exit: 1, out: '' });
  expect(JSON.parse(ran.err.split('\n')[1]!)).toMatchObject({ error: { code: 'INVALID' } });
  expect(await tend.cli('loops', 'tick')).toMatchObject({ exit: 0, out: 'completed=1 skipped=0 recovered=0\n' });
  expect(tend.loop(other).loopState.status).toBe('stopped');
});

test.each(['nextRunAt', 'retryScheduledFor', 'heldFrom', 'updatedAt'])(
  'a revision whose %s is no date is passed over for the one before it [loops 103]',
  async (field) => {
    const id = await tend.create('edited', '--every', '1h');
    tend.setState(id, { [field]: 'garbage' });
    expect(tend.loop(id).loopState).not.toHaveProperty(field, 'garbage');
    expect(await tend.json('loops', 'show', id)).toMatchObject({
      status: 'active',
      nextRunAt: expect.stringMatching(/Z$/) as string,
    });
    expect(await tend.cli('loops', 'tick')).toMatchObject({ exit: 0, err: '' });
    expect(await tend.cli('loops', 'pause', id)).toMatchObject({ exit: 0, out: `${id} paused\n` });
  },
);

test('100 years are still a duration', async () => {
  const id = await tend.create('rare', '--every', '36500d', '--retry-delay', '36500d', '--lease', '36500d');
  expect(await tend.json('loops', 'show', 'rare')).toMatchObject({ id, status: 'active' });
});
