import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AgentHouse, forEachAgent, living, openAgentHouse, settlements, until } from './house.js';

// Each real CLI dies with its supervisor in the middle of a tool call, as at a loss of power, and goes on in the same session.
forEachAgent((agent) => {
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
  });
  afterEach(() => house.leave());

  interface Row {
    id: string;
    state: string;
    exit_code: number | null;
    generation: string;
    runner?: string;
    session?: string;
    cut?: { why: string; resumed: number; left: number };
  }
  const worker = async () =>
    (await house.json<Row[]>(['worker', 'list', '--all', '--json'])).find((one) => one.id === 'w');

  /** codex gives a command back to the model after ten seconds unless it is told to wait. */
  const shell = (cmd: string) =>
    agent === 'codex' ? { tool: { name: 'exec_command', input: { cmd, yield_time_ms: 30_000 } } } : { shell: cmd };

  test('a worker that is cut with its supervisor in a tool call goes on in the same session, and its ask is not asked twice', async () => {
    await house.must(['init', '--runner', agent, '--yes']);
    house.model.work('w', shell('echo begun >reports/begun; "$TEND_BIN" ask w --prompt "Which tea?"'));
    await house.up();
    await house.must(['worker', 'start', 'w', 'Make tea, it is the RED-KETTLE task.']);
    await until('it asks', async () => (await house.asks()).some((one) => one.id === 'w-1'));
    await until('its session is known while it runs', async () => (await worker())?.session);
    const before = (await worker())!;
    expect(before).toMatchObject({ state: 'running', runner: agent });
    const marked = living(house).filter((one) => /TEND_MARK=(?:worker|supervisor)-/.test(one));
    for (const one of marked) killNow(Number.parseInt(one, 10));
    await until('its end is recorded', async () => (await worker())?.cut);
    const asked = house.model.seen.length;
    // The call that never came back counts as a result for some, and for others not; who has the answer is not given it twice.
    const on = shell('"$TEND_BIN" ask w --again w-1 >>reports/tea.md');
    house.model.work('w', on, on, { text: 'The tea is on the table.' });
    await house.must(['worker', 'resume', 'w', '--prompt', 'The kettle is hot.']);
    await until('it takes its ask up', async () => house.model.seen.length > asked);
    await house.must(['answer', 'w-1', 'green']);
    await until('its second end', async () => (await worker())?.state === 'exited');
    const after = (await worker())!;
    expect(after).toMatchObject({ exit_code: 0, session: before.session, runner: agent });
    expect(after.generation).not.toBe(before.generation);
    expect(after.cut).toBeUndefined();
    // The model was shown what the session had been about, and what has become of it.
    const [first] = house.model.seen.slice(asked).filter((one) => one.by === 'w');
    for (const words of ['RED-KETTLE', 'Your session was cut', 'The kettle is hot.'])
      expect(first?.text).toContain(words);
    expect((await house.asks()).filter((one) => one.id.startsWith('w-'))).toEqual([]);
    expect(house.text('reports/tea.md')).toBe('green\n');
    const worked = () => settlements(house).filter((one) => one.run.startsWith('worker-'));
    await until('both runs are settled', () => worked().some((one) => one.run === `worker-${after.generation}`));
    const last = worked().at(-1)!;
    expect(last).toMatchObject({ first: `worker-${before.generation}`, runner: agent, metered: true });
    // Each message of the scripted model is 120 tokens; those before the cut may be in the account of the first run, or nobody's.
    const requests = house.model.seen.filter((one) => one.by === 'w').length;
    expect(last.tokens % 120).toBe(0);
    expect(last.tokens / 120).toBeLessThanOrEqual(requests);
    expect(last.tokens / 120).toBeGreaterThanOrEqual(requests - 1);
    await house.must(['down']);
    expect(living(house)).toEqual([]);
  });
});

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended with the one before it.
  }
}
