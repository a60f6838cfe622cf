import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test as plain } from 'vitest';
import { type AgentHouse, forEachAgent, openAgentHouse, settlements, until } from './house.js';

// How many calls of the model a decision costs, with a schema of the answer and without, on the CLIs that take one.
forEachAgent((agent, _test) => {
  const takesOne = agent === 'claude' || agent === 'codex';
  const test = plain.skipIf(!takesOne);
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
    await house.must(['init', '--runner', agent, '--yes']);
  });
  afterEach(() => house.leave());

  const set = (answerSchema: string) => {
    const file = join(house.root, 'config.json');
    const config = JSON.parse(house.text('config.json'));
    writeFileSync(file, JSON.stringify({ ...config, answer_schema: answerSchema }));
  };
  /** The requests of the first decision, each with whether it held the model to a schema. */
  const decided = async (...steps: Parameters<AgentHouse['model']['decide']>): Promise<boolean[]> => {
    house.model.decide(...steps);
    await house.up();
    await until('the goal is written', () => house.text('goals/tea.md') !== '');
    await house.must(['down']);
    expect(house.text('goals/tea.md')).toContain('Fresh tea.');
    // Later requests of the conversation, and the same prompt asked again, begin with what the first one said.
    const asked = house.model.seen.filter((one) => one.by === 'decider');
    return asked.filter((one) => one.text.startsWith(asked[0]!.text)).map((one) => one.schema);
  };
  const MOVE = { action: 'write_goal', id: 'tea', body: 'Fresh tea.' };
  const WORDS = { text: JSON.stringify(MOVE), inWords: true };

  test('without one it is one call', async () => {
    set('off');
    expect(await decided(MOVE)).toEqual([false]);
  });

  test('with one it is one call of a model that obeys it', async () => {
    set('on');
    expect(await decided(MOVE)).toEqual([true]);
  });

  test('a model that answers in words all the same', async () => {
    set('on');
    expect(await decided(WORDS, MOVE)).toEqual(agent === 'codex' ? [true] : [true, true]);
  });

  plain.skipIf(agent !== 'codex')('a provider that takes none is asked without', async () => {
    house.model.refuseSchemas();
    const calls = await decided(MOVE);
    expect([calls.at(0), calls.at(-1)]).toEqual([true, false]);
    const [first, second] = settlements(house);
    expect(second?.run).toBe(`${first?.run}#2`);
  });
});
