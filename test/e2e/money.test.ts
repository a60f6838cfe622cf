import { afterEach, beforeEach, expect, test } from 'vitest';
import { type House, openHouse, until } from './house.js';

// What the loop does when its model cannot be had, and what it costs: seen from outside, with a decider that fails as told.
let house: House;
beforeEach(() => {
  house = openHouse({ env: { TEND_BREAKER_FAILS: '1' } });
});
afterEach(() => house.close());

const fails = (text: string) => `echo ${JSON.stringify(text)} >&2; exit 1`;
const asked = async () => (await house.asks()).filter((one) => !one.id.startsWith('setup-'));
const status = () => house.must(['status']);
const shows = (text: string) => until(`status with ${text}`, async () => (await status()).includes(text));
const events = () =>
  house
    .text(`events-${new Date().toLocaleDateString('sv')}.ndjson`)
    .split('\n')
    .filter((line) => line.includes('"event"'));

test('a runner that is not logged in pauses the loop with one ask; the answer sets it going, and success takes nothing back', async () => {
  await house.init();
  house.next(fails('Not logged in · Please run /login'));
  await house.up();
  await shows('paused after 1 failed beat');
  expect(await status()).toMatch(
    /waiting · paused .*answer pulse-1, or edit the config or the PLAYBOOK: .*Not logged in/,
  );
  expect(await asked()).toMatchObject([
    { id: 'pulse-1', kind: 'escalation', prompt: expect.stringContaining('not logged in') },
  ]);
  await house.must(['answer', 'pulse-1', 'try again']);
  await until('a decision', () => house.calls() === 2);
  await house.settled();
  expect(await asked()).toEqual([]);
  // Another pause ends by an edit, and takes its own question away.
  house.next(fails('401 Unauthorized'));
  house.write('goals/more.md', 'More.\n');
  await shows('answer pulse-2');
  house.write('PLAYBOOK.md', `${house.text('PLAYBOOK.md')}\nAgain.\n`);
  await until('a decision', () => house.calls() === 4);
  await until('no question', async () => (await asked()).length === 0);
});

test('a quota with a reset time is waited out visibly, whatever is edited; a new pulse looks at once', async () => {
  await house.init();
  house.next(fails('You have hit your usage limit. Try again in 3 hours.'));
  await house.up();
  await shows("the provider's quota is used up until");
  house.write('goals/more.md', 'More.\n');
  await until('the goal was seen', () => house.text('pulse/memory.json').includes('"quota"'));
  await shows('usage limit');
  expect(house.calls()).toBe(1);
  await house.must(['down']);
  await house.up();
  await until('a call', () => house.calls() === 2);
  await house.settled();
  expect(await status()).not.toContain('quota');
});

test('what fails for a moment is called again within the beat, and a stop does not wait for the pause', async () => {
  await house.init();
  house.next(fails('connect ECONNREFUSED 127.0.0.1:1'));
  await house.up();
  await until('the second call', () => house.calls() === 2);
  await house.settled();
  expect(house.text('pulse/memory.json')).not.toContain('backoff');
  for (let n = 0; n < 3; n++) house.next(fails('529 overloaded'));
  house.write('goals/more.md', 'More.\n');
  await until('a pause', () => events().filter((line) => line.includes('call.retry')).length === 2);
  const ended = await house.json<{ pulse: string }>(['down', '--json']);
  expect(ended).toMatchObject({ pulse: expect.not.stringContaining('kill') });
  const { total } = await house.json<{ total: { runs: number; estimated_usd: number } }>(['spend', '--json']);
  expect(total.runs).toBe(house.calls());
  expect(total.estimated_usd).toBeCloseTo(0.05 * house.calls());
});
