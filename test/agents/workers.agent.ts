import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentHouse, forEachAgent, living, openAgentHouse, until } from './house.js';

// A worker on each real CLI, in a terminal of its own with nobody at the keyboard, started in a home that the CLI never saw.
forEachAgent((agent) => {
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
  });
  afterEach(() => house.leave());

  interface Row {
    id: string;
    state: string;
    alive: boolean;
    exit_code: number | null;
    verify: string | null;
  }
  const worker = async () =>
    (await house.json<Row[]>(['worker', 'list', '--all', '--json'])).find((one) => one.id === 'w');

  const workersSpent = async () => (await house.json<{ workers: object[] }>(['spend', '--json'])).workers;

  test('it runs a shell tool, asks, blocks, gets the answer and finishes; verify judges it', async () => {
    // codex gives a command back to the model after ten seconds unless it is told to wait.
    const patient = { tool: { name: 'exec_command', input: { cmd: '', yield_time_ms: 30_000 } } };
    const ask =
      'reply=$("$TEND_BIN" ask w --prompt "Which tea?" --options green,black) && echo "$reply" >reports/tea.md';
    const step =
      agent === 'codex' ? { tool: { ...patient.tool, input: { ...patient.tool.input, cmd: ask } } } : { shell: ask };
    await house.must(['init', '--runner', agent, '--yes']);
    house.model.work('w', { shell: 'echo begun >reports/begun' }, step, { text: 'The tea is on the table.' });
    house.model.decide({
      action: 'start_worker',
      id: 'w',
      prompt: 'Make tea.',
      verify: 'grep -qx green reports/tea.md',
    });
    await house.must(['goal', 'write', 'tea', 'There is always fresh tea.']);
    await house.up();
    await until('it has run its first command', () => house.text('reports/begun') === 'begun\n');
    await until('it asks', async () => (await house.asks()).some((one) => one.id === 'w-1'));
    expect(house.text('reports/tea.md')).toBe('');
    // A headless CLI prints events, and people are shown what they say, live and later.
    const isHeadless = agent !== 'claude';
    if (isHeadless) {
      expect(await house.must(['screenshot', 'w'])).toMatch(/^\$ echo begun >reports\/begun$/m);
    }
    await house.must(['answer', 'w-1', 'green']);
    await until('the deliverable is there', () => house.text('reports/tea.md') === 'green\n');
    await until('its turn is over and it was judged', async () => (await worker())?.verify);
    expect(await worker()).toMatchObject({ state: 'exited', exit_code: 0, alive: false, verify: 'pass' });
    if (isHeadless) {
      const screen = await house.must(['screenshot', 'w']);
      expect(screen).toMatch(/^\$ reply=.* ask w --prompt "Which tea\?"/m);
      expect(screen).toContain('● The tea is on the table.');
      expect(screen).not.toContain('{"type"');
      expect(house.text('workers/w/stream.jsonl')).toContain('The tea is on the table.');
    }
    await until('its cost is in the ledger', async () => (await workersSpent()).length === 1);
    expect(await workersSpent()).toMatchObject([{ name: 'w', estimated_usd: 0, metered_usd: expect.any(Number) }]);
    await house.must(['down']);
    expect(living(house)).toEqual([]);
  });

  test('the longest brief starts a worker too', async () => {
    await house.must(['init', '--runner', agent, '--yes']);
    house.model.work('w', { shell: 'echo begun >reports/begun' }, { text: 'Read.' });
    await house.up();
    await house.must(['worker', 'start', 'w', '-'], { input: `Begin. ${'All of this matters. '.repeat(6_200)}` });
    await until('it has run its command', () => house.text('reports/begun') === 'begun\n');
    await until('it has ended', async () => (await worker())?.state === 'exited');
    expect((await worker())?.exit_code).toBe(0);
  });

  test('up says which questions would keep a worker waiting, and after init has prepared it says nothing', async () => {
    const asksFirst = agent === 'claude';
    const refused = await house.tend(['init', '--runner', agent, '--yes', '--prepare', 'no']);
    expect(/tend init --prepare yes/.test(refused.stderr)).toBe(asksFirst);
    const up = await house.tend(['up']);
    expect(up.code).toBe(0);
    expect(/hasCompletedOnboarding/.test(up.stderr)).toBe(asksFirst);
    await house.must(['down']);
    expect((await house.tend(['init', '--yes'])).stderr).toBe('');
    expect(await house.tend(['up'])).toMatchObject({ code: 0, stderr: '' });
  });
});
