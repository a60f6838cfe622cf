/** An objective at the limit of the day: what the pulse runs waits and asks once, what a human runs by hand is refused in words. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureBudgetAsk } from '../../../src/decide/budget-ask.js';
import { localDay } from '../../../src/model/instant.js';
import type { Target } from '../../../src/model/loop.js';
import type { Objective } from '../../../src/model/objective.js';
import type { DayLimit } from '../../../src/runs/day-money.js';
import { performTarget } from '../../../src/runs/perform-target.js';
import { idsIn } from '../../../src/store/asks.js';
import { objectiveIds } from '../../../src/store/objectives.js';
import { raiseSpend, readSpend } from '../../../src/store/spend.js';
import { until } from '../workflow/rig.js';
import { ACHIEVED, IDENTITY, isAudit, type ModelServer, modelServer, plan, type Setting, setting } from './setting.js';

let s: Setting;
let server: ModelServer;
beforeEach(async () => {
  server = await modelServer((asked) =>
    isAudit(asked)
      ? { json: ACHIEVED, cost: 0.05 }
      : { json: plan({ key: 'a' }, { key: 'b', dependsOn: ['a'] }), cost: 0.05 },
  );
  s = setting(server.url);
});
afterEach(() => {
  server.close();
  s.close();
});

const today = () => localDay(Date.now());
const spentRuns = () => readSpend(s.disk, today()).rows.filter(({ kind }) => kind === 'settle').length;
const asks = () => idsIn(s.disk, 'asks');
const goal = () => s.read<Objective>(`objectives/${objectiveIds(s.disk)[0]}/goal.json`);
const raise = (ask: string, usd: number) => raiseSpend(s.disk, { day: today(), ask, usd, tokens: 0 }, Date.now());
/** The pulse's: each call is one more look at a limit that was not asked for yet. */
function asPulse(): void {
  s.more.askForMoney = ({ verdict, spend }: DayLimit) => ensureBudgetAsk(s.disk, verdict, spend, Date.now());
}

test('between its nodes and its audit the money is used up: one ask, it says that it waits, and goes on after the raise with no node twice', async () => {
  s.env['TEND_MAX_DAILY_USD'] = '0.09';
  asPulse();
  const running = s.run();
  await until(() => asks().length > 0);
  expect(s.ran.map(({ goalNodeKey }) => goalNodeKey)).toEqual(['a', 'b']);
  expect(goal()).toMatchObject({ status: 'active', reason: expect.stringContaining('it waits for money') });
  raise(asks()[0]!, 1);
  expect(await running).toMatchObject({ status: 'succeeded' });
  expect(goal()).toMatchObject({ status: 'complete' });
  expect(goal().reason).toBeUndefined();
  expect(s.ran).toHaveLength(2);
  expect(server.asked).toHaveLength(2);
  expect(asks()).toEqual(['budget-1']);
});

test('a raise that is not enough is another limit, and has an ask of its own', async () => {
  s.env['TEND_MAX_DAILY_USD'] = '0.01';
  asPulse();
  const running = s.run();
  await until(() => asks().length === 1);
  raise('budget-1', 0.01);
  await until(() => asks().length === 2);
  raise('budget-2', 1);
  expect(await running).toMatchObject({ status: 'succeeded' });
  expect(asks()).toEqual(['budget-1', 'budget-2']);
});

test('told to stop while it waits it ends, and the next attempt goes on where it was', async () => {
  s.env['TEND_MAX_DAILY_USD'] = '0.09';
  asPulse();
  const stop = new AbortController();
  const running = s.run({}, { signal: stop.signal });
  await until(() => asks().length > 0);
  stop.abort();
  expect(await running).toMatchObject({ status: 'failed', error: expect.stringContaining('waited for money') });
  raise(asks()[0]!, 1);
  expect(await s.run({}, { token: 'token-2' })).toMatchObject({ status: 'succeeded' });
  expect(s.ran).toHaveLength(2);
  expect(server.asked.filter((asked) => !isAudit(asked))).toHaveLength(1);
});

const AGENT: Target = { type: 'agent', provider: 'claude', prompt: 'do it' };

test('an agent in a node is not begun at the limit either: its node stays pending until there is money', async () => {
  s.env['TEND_MAX_DAILY_USD'] = '0.09';
  asPulse();
  const running = s.run({}, { target: AGENT });
  await until(() => asks().length > 0);
  expect(s.ran).toEqual([]);
  raise(asks()[0]!, 1);
  expect(await running).toMatchObject({ status: 'succeeded' });
  expect(s.ran).toHaveLength(2);
});

test('by hand it is refused in words that name the next command, before the model is called; told to pass the limit it runs', async () => {
  s.env['TEND_MAX_DAILY_USD'] = '0.01';
  expect(await s.run()).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/budget of the day has no room.*tend spend.*TEND_MAX_DAILY_USD/),
  });
  expect(server.asked).toEqual([]);
  expect(asks()).toEqual([]);
  s.more.mayOverspend = true;
  expect(await s.run({}, { token: 'token-2' })).toMatchObject({ status: 'succeeded' });
  expect(spentRuns()).toBe(2);
});

test('a loop of an agent with a goal: by hand the limit stops it in the middle, and nothing is begun beyond it', async () => {
  s.env['TEND_MAX_DAILY_USD'] = '0.09';
  const spec = { target: AGENT, goal: { objective: 'o', model: 'm' } } as Parameters<typeof performTarget>[1];
  const signal = new AbortController().signal;
  const request = { target: AGENT, identity: IDENTITY, token: 't', signal };
  const performed = await performTarget(s.deps(), spec, request);
  expect(performed).toMatchObject({ status: 'failed', error: expect.stringContaining('budget of the day') });
  expect(spentRuns()).toBe(1);
  expect(goal().status).toBe('blocked');
});
