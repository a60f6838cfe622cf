import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentHouse, forEachAgent, goad, living, openAgentHouse, settlements, until } from './house.js';

// Beats on each real CLI: from the prompt on its stdin to the move that took effect, and what each call cost.
forEachAgent((agent) => {
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
    await house.must(['init', '--runner', agent, '--yes']);
  });
  afterEach(() => house.leave());

  test('one beat: init, up, a decision that arrives, its cost in the ledger, down', async () => {
    house.model.decide({ action: 'ask_human', prompt: 'Green or black?' });
    await house.up();
    await until('the question', async () => (await house.asks()).some((ask) => ask.prompt === 'Green or black?'));
    await house.must(['down']);
    expect(settlements(house)[0]).toMatchObject({ runner: agent, tokens: expect.any(Number) });
    expect(living(house)).toEqual([]);
  });

  test('each kind of move arrives and takes effect, and every call is in the ledger', async () => {
    house.model.decide({ action: 'write_goal', id: 'tea', body: 'There is always fresh tea.' });
    await house.up();
    await until('the goal is written', () => house.text('goals/tea.md') !== '');
    expect(house.text('goals/tea.md')).toContain('There is always fresh tea.');

    house.model.decide({ action: 'ask_human', prompt: 'Green or black?', options: ['green', 'black'] });
    goad(house, 'Ask me which tea.');
    const { id } = await until('the question', async () =>
      (await house.asks()).find((ask) => ask.prompt === 'Green or black?'),
    );
    // The answer wakes the loop, which now wants to run something that needs no question.
    house.model.decide({ action: 'run_shell', cmd: 'wc -c goals/tea.md' });
    await house.must(['answer', id, 'green']);
    await until('the command ran', () => house.journal().some((line) => line.includes('wc -c goals/tea.md')));
    await until('a decision is told of it', () => house.model.seen.some((one) => /\d+ goals\/tea\.md/.test(one.text)));

    house.model.decide({ action: 'noop', reason: 'tea is ready' });
    goad(house, 'Nothing else.');
    await until('the noop', () => house.model.seen.some((one) => one.text.includes('Nothing else.')));
    await house.settled();
    await house.must(['down']);
    const calls = settlements(house);
    expect(calls.length).toBeGreaterThanOrEqual(4);
    // What the scripted model said that it used, not our estimate.
    expect(calls.filter((row) => row.runner !== agent || row.tokens < 120)).toEqual([]);
    expect(calls.filter((row) => !(row.usd > 0))).toEqual([]);
    expect(living(house)).toEqual([]);
  });
});
