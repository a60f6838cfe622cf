/** A human who has nothing but their agent session: a whole loop is seen, answered and approved over `tend mcp`. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connect, said } from '../clients/mcp/client.js';
import { type House, openHouse, until } from './house.js';

let house: House;
beforeEach(async () => {
  house = openHouse();
  await house.init();
});
afterEach(() => house.close());

test('the pulse is started, a question answered, a command approved in a dialog, and it runs once', async () => {
  const shown: string[] = [];
  const agent = await connect({
    env: house.env,
    dialog: (message) => {
      shown.push(message);
      return { action: 'accept', content: { answer: 'yes' } };
    },
  });
  try {
    house.next({ action: 'ask_human', prompt: 'Which tea?', options: ['green', 'black'] });
    expect(await agent.must('up')).toMatch(/^pulse started, pid \d+$/);
    const ask = await until('the question', async () =>
      (await house.asks()).find(({ prompt }) => prompt === 'Which tea?'),
    );
    house.next({ action: 'run_shell', cmd: 'echo brewed >>reports/tea' });
    expect(await agent.must('answer', { ask_id: ask.id, text: 'green' })).toBe(`answered ${ask.id}`);
    // The wait that began before it tells of the approval.
    const gate = await until('the approval', async () => {
      const result = await agent.call('wait', { only_asks: true, timeout: '20s' });
      const { asks } = result.structuredContent as { asks: { id: string; kind: string }[] };
      return asks.find(({ kind }) => kind === 'approval');
    });
    expect(house.text('reports/tea')).toBe('');
    await agent.must('answer', { ask_id: gate.id, text: 'yes' });
    expect(shown).toEqual([expect.stringContaining('runs: echo brewed >>reports/tea')]);
    await until('it ran', () => house.text('reports/tea') === 'brewed\n');
    await house.settled();
    expect(house.text('reports/tea')).toBe('brewed\n');
    expect(said(await agent.call('journal'))).toContain('echo brewed');
    expect(house.prompts().some((prompt) => prompt.includes('green'))).toBe(true);
    expect(await agent.must('down')).toContain('"pulse"');
  } finally {
    await agent.close();
  }
});
