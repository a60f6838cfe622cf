import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentHouse, forEachAgent, openAgentHouse, until } from './house.js';

// A worker may hand work to a helper of its CLI, which goes on in the background when the turn is over.
forEachAgent((agent) => {
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
  });
  afterEach(() => house.leave());

  const stateOf = async (id: string): Promise<string | undefined> =>
    (await house.json<{ id: string; state: string }[]>(['worker', 'list', '--all', '--json'])).find(
      (one) => one.id === id,
    )?.state;

  test.runIf(agent === 'claude')('a turn that ends while a helper works does not end the worker', async () => {
    await house.must(['init', '--runner', agent, '--yes']);
    const prompt = 'You are worker `helper`. Look into it.';
    house.model.work(
      'w',
      { tool: { name: 'Agent', input: { description: 'look', prompt, subagent_type: 'general-purpose' } } },
      { text: 'My helper looks into it.' },
    );
    house.model.work('helper', { shell: 'sleep 4; echo looked >reports/looked' }, { text: 'It is fine.' });
    await house.up();
    await house.must(['worker', 'start', 'w', 'Look into it.']);
    await until('it has ended', async () => (await stateOf('w')) === 'exited');
    expect(house.text('reports/looked')).toBe('looked\n');
  });
});
