import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
const spendRows = (): { kind: string; worker?: string; job?: string }[] =>
  house
    .text(`spend-${today()}.ndjson`)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const today = () => new Date().toLocaleDateString('sv');
const events = () =>
  house
    .text(`events-${today()}.ndjson`)
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

interface Sum {
  name: string;
  usd: number;
  metered_usd: number;
}
const spend = () => house.json<{ workers: Sum[]; kinds: Sum[]; goals: Sum[] }>(['spend', '--since', '1d', '--json']);
const budgetAsk = (text: string) =>
  until(`a budget ask with ${text}`, async () =>
    (await house.asks()).find((one) => one.id.startsWith('budget-') && one.prompt.includes(text)),
  );
const usage = (usd: number) => `echo '{"type":"usage","input_tokens":7,"output_tokens":3,"cost_usd":${usd}}'`;

/** States of all processes of this house, as the kernel tells them: `T` is stopped. */
const stopped = (): number =>
  house.inhabitants().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ');
    } catch {
      return false;
    }
  }).length;
const worker = (...lines: string[]) => ['do it', '#!script', ...lines].join('\n');

test('a worker at its budget is held with one ask, goes on after a raise, and is ended by a stop; what it said stands in the ledger', async () => {
  await house.init();
  await house.up();
  const gate = join(house.base, 'gate');
  const brief = worker(
    usage(0.6),
    `until [ -e ${gate} ]; do sleep 0.05; done`,
    usage(0.7),
    'while :; do sleep 0.05; done',
  );
  await house.must(['worker', 'start', 'api', '--budget-usd', '0.5', brief]);
  const first = await budgetAsk('$0.60 of $0.50');
  await shows('its budget is used up: $0.60 of $0.50; it is held');
  await until('it stands still', () => stopped() > 0);
  await house.must(['answer', first.id, 'raise']);
  await until('it goes on', () => stopped() === 0 && house.text('workers/api/held.json') === '');
  writeFileSync(gate, '');
  const second = await budgetAsk('$1.30 of $1.00');
  expect((await house.asks()).filter((one) => one.id.startsWith('budget-'))).toHaveLength(1);
  await until('it stands still again', () => stopped() > 0);
  await house.must(['answer', second.id, 'stop it']);
  await until('its end', () => house.text('workers/api/status.json').includes('"killed"'));
  await until('the last row', () => spendRows().some((row) => row.kind === 'settle' && row.worker === 'api'));
  expect(await spend()).toMatchObject({
    workers: [{ name: 'api', usd: 1.3, metered_usd: 1.3, tokens: 20, open: 0 }],
    kinds: [{ name: 'worker', usd: 1.3 }, { name: 'beat' }],
    goals: [],
  });
  // Looked at again and again, what has ended is written once.
  const rows = spendRows().filter((row) => row.worker === 'api').length;
  await house.must(['down']);
  await house.up();
  await house.settled();
  expect(spendRows().filter((row) => row.worker === 'api')).toHaveLength(rows);
});

test('a worker of another CLI than the decider is held by what that CLI reports while it runs', async () => {
  const bin = join(house.base, 'bin');
  mkdirSync(bin);
  const step = {
    type: 'step_finish',
    part: { id: 'p1', reason: 'tool-calls', tokens: { input: 7, output: 3 }, cost: 0.6 },
  };
  writeFileSync(join(bin, 'opencode'), `#!/bin/sh\necho '${JSON.stringify(step)}'\nwhile :; do sleep 0.05; done\n`);
  chmodSync(join(bin, 'opencode'), 0o755);
  house.env['PATH'] = `${bin}:${house.env['PATH']}`;
  await house.init();
  await house.up();
  const command = 'opencode run --format json <{{prompt_file}}';
  await house.must(['worker', 'start', 'api', '--budget-usd', '0.5', '--command', command, 'do it']);
  await budgetAsk('$0.60 of $0.50');
  await until('it stands still', () => stopped() > 0);
  await house.must(['kill', 'api']);
  await until('its account', () => spendRows().some((row) => row.kind === 'settle' && row.worker === 'api'));
  expect((await spend()).workers).toMatchObject([{ name: 'api', usd: 0.6, metered_usd: 0.6, tokens: 10 }]);
});

test('a goal at its budget lets no worker begin and asks once; raised for good in its file, the worker begins and counts for it', async () => {
  await house.init();
  house.next({ action: 'write_goal', id: 'api', body: '---\nbudget_usd: 0.1\n---\nKeep the API alive.\n' });
  await house.up();
  await until('the goal', () => house.text('goals/api.md') !== '');
  await house.must(['worker', 'start', 'api', worker('echo done')]);
  const ask = await budgetAsk('The budget of goal "api"');
  await shows('fleet/api: waiting · the budget of goal "api"');
  expect(house.text('workers/api/status.json')).toBe('');
  await house.must(['answer', ask.id, 'raise for good 5']);
  await until('it ran', () => house.text('workers/api/status.json').includes('"exited"'));
  expect(house.text('goals/api.md')).toBe('---\nbudget_usd: 5\n---\nKeep the API alive.\n');
  await until('the last row', () => spendRows().some((row) => row.kind === 'settle' && row.worker === 'api'));
  // The decision that wrote the goal, and an hour begun of a worker that reports nothing.
  expect((await spend()).goals).toMatchObject([{ name: 'api', usd: 0.25, metered_usd: 0, runs: 2 }]);
});
