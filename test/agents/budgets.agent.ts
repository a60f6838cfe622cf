import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Step } from '../fakes/agents/wire.js';
import {
  type AgentHouse,
  forEachAgent,
  living,
  openAgentHouse,
  runRows,
  settlements,
  until,
  workerStates,
} from './house.js';

/** Some thirty cents at the cheapest price of the four, far from any window that a CLI would compact. */
const DEAR = { input: 100_000, output: 10_000 };
const DEAR_TOKENS = 110_000;

// Money that is used up in the middle of a run of a real CLI: what it has cost is known, one human is asked once, and nothing is begun.
forEachAgent((agent) => {
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
    await house.must(['init', '--runner', agent, '--yes']);
  });
  afterEach(() => house.leave());

  const budgetAsks = async () => (await house.asks()).filter((ask) => ask.id.startsWith('budget-'));
  const decisions = () => house.model.seen.filter((one) => one.by === 'decider').length;
  const shows = (text: string) =>
    until(`status with ${text}`, async () => (await house.must(['status'])).includes(text));

  test('a decision that uses up the day: no repair call, one ask, nothing begins; a raise sets it going', async () => {
    const config = JSON.parse(house.text('config.json')) as object;
    house.write('config.json', JSON.stringify({ ...config, budget: { day_usd: 0.25 } }));
    house.model.decide({ text: 'This is no move.', usage: DEAR });
    await house.up();
    const ask = await until('the ask', async () => (await budgetAsks())[0]);
    expect(ask.prompt).toMatch(/of \$0\.25 are spent today/);
    expect(runRows(house).find((row) => row.kind === 'beat')).toMatchObject({
      ok: false,
      summary: expect.stringMatching(/no repair call: .* of \$0\.25 are spent today/),
    });
    const [call, ...more] = settlements(house);
    expect(more).toEqual([]);
    expect(call).toMatchObject({ runner: agent, metered: true });
    expect(call?.tokens).toBeGreaterThanOrEqual(DEAR_TOKENS);
    expect(call?.usd).toBeGreaterThan(0.25);
    // Neither another decision nor a worker begins, and nobody is asked a second time.
    const before = decisions();
    await house.must(['goal', 'write', 'more', 'More.']);
    await house.must(['worker', 'start', 'w', 'Work.']);
    await shows('the budget of the day');
    expect(await budgetAsks()).toHaveLength(1);
    expect(decisions()).toBe(before);
    expect(house.text('workers/w/status.json')).toBe('');
    house.model.decide({ action: 'ask_human', prompt: 'Green or black?' });
    await house.must(['answer', ask.id, 'raise for good 9']);
    await until('the next decision', async () => (await house.asks()).some((one) => one.prompt.includes('Green')));
    await house.must(['down']);
    expect(living(house)).toEqual([]);
  });

  test('a worker that uses up its budget is held with one ask, goes on after a raise, and is ended by a stop', async () => {
    const gate = (id: string) => join(house.base, `gate-${id}`);
    // More than the first hour, which counts from the start, where the CLI reports as it goes; less where it does not.
    const reports = agent === 'opencode' || agent === 'pi';
    const budget = reports ? '0.3' : '0.1';
    const wait = (id: string): Step => {
      const shell = `until [ -e ${gate(id)} ]; do sleep 0.1; done; echo through >reports/${id}`;
      // codex gives a command back to the model after ten seconds unless it is told to wait.
      return agent === 'codex'
        ? { tool: { name: 'exec_command', input: { cmd: shell, yield_time_ms: 30_000 } }, usage: DEAR }
        : { shell, usage: DEAR };
    };
    for (const id of ['w', 'v'])
      house.model.work(id, { shell: `echo begun >reports/${id}-begun`, usage: DEAR }, wait(id), { text: 'Done.' });
    await house.up();
    await house.must(['worker', 'start', 'w', '--budget-usd', budget, 'Work.']);
    const ask = await until('the ask', async () => (await budgetAsks())[0]);
    expect(ask.prompt).toMatch(/The budget of worker "w" is used up: \$\d+\.\d\d of \$0\.[13]0 /);
    await until('all of it stands still', () => {
      const states = workerStates(house);
      return states.length > 0 && states.every((state) => state === 'T');
    });
    if (reports) expect(house.text('reports/w-begun')).toBe('begun\n');
    writeFileSync(gate('w'), '');
    await shows('it is held');
    expect(house.text('reports/w')).toBe('');
    expect(await budgetAsks()).toHaveLength(1);
    await house.must(['answer', ask.id, 'raise to 50']);
    await until('it went through', () => house.text('reports/w') === 'through\n');
    const row = await until('its end is in the ledger', () => settlements(house).find((one) => one.worker === 'w'));
    expect(row.usd).toBeGreaterThan(0.1);
    if (agent !== 'claude') expect(row.tokens).toBeGreaterThanOrEqual(2 * DEAR_TOKENS);

    await house.must(['worker', 'start', 'v', '--budget-usd', budget, 'Work.']);
    const second = await until('the second ask', async () => (await budgetAsks()).find((one) => one.id !== ask.id));
    await house.must(['answer', second.id, 'stop it']);
    await until('its end', () => house.text('workers/v/status.json').includes('"killed"'));
    expect(workerStates(house)).toEqual([]);
    await until('it is in the ledger too', () => settlements(house).find((one) => one.worker === 'v'));
    await house.must(['down']);
    expect(living(house)).toEqual([]);
  });
});
