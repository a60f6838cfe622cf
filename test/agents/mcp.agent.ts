/** `tend mcp` and the concierge skill with the programs that real users have: each agent CLI, and the inspector of the protocol. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { now } from '../../src/host/clock.js';
import { digest } from '../../src/lib/hash.js';
import { stableJson } from '../../src/lib/json.js';
import { raiseAsk } from '../../src/store/asks.js';
import { localDisk } from '../../src/store/local-disk.js';
import { BIN, type House, openHouse } from '../e2e/house.js';
import { AGENT_NAMES } from '../fakes/agents/homes.js';
import { type AgentHouse, binOf, forEachAgent, openAgentHouse, until } from './house.js';

const run = promisify(execFile);

/** A `tend` on the PATH of the house, as an installed one. */
function installTend(house: House): void {
  const bin = join(house.base, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'tend'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(bin, 'tend'), 0o755);
  house.env['PATH'] = `${bin}:${house.env['PATH']}`;
}

/** The user has the other agent CLIs as well: then each skill place is filled, and some CLIs read those of others. */
function haveAll(house: House): void {
  const bin = join(house.base, 'others');
  mkdirSync(bin);
  for (const name of AGENT_NAMES) {
    writeFileSync(join(bin, name), '#!/bin/sh\n');
    chmodSync(join(bin, name), 0o755);
  }
  house.env['PATH'] = `${house.env['PATH']}:${bin}`;
}

/** One line as its user types it; gives stdout and stderr together. */
async function type(house: House, line: string): Promise<string> {
  const { stdout, stderr } = await run('sh', ['-c', `${line} </dev/null 2>&1`], { cwd: house.base, env: house.env });
  return stdout + stderr;
}

forEachAgent((agent, test) => {
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
    installTend(house);
    haveAll(house);
    await house.must(['init', '--runner', agent, '--concierge', 'yes', '--yes']);
  });
  afterEach(() => house.leave());

  const HELLO = {
    claude: 'claude -p --model sonnet --allowedTools mcp__tend__asks,mcp__tend__answer -- hello',
    codex: 'codex exec --skip-git-repo-check --dangerously-bypass-approvals-and-sandbox hello',
    opencode: 'opencode run hello',
    pi: 'pi -p --model claude-sonnet-4-5 hello',
  }[agent];

  test('the skill that init wrote is offered to the model, once', async () => {
    await type(house, HELLO);
    const sent = house.model.seen.filter((one) => one.by !== undefined).map((one) => one.whole);
    expect(sent.length).toBeGreaterThan(0);
    const offered = sent[0]!.split('Serve the human as the concierge of their tend loop').length - 1;
    expect(offered).toBe(1);
  });

  /** Does what `tend mcp --setup` says for this CLI. */
  const setUp = async (): Promise<void> => {
    const { clients } = await house.json<{ clients: { runner: string; how: string }[] }>(['mcp', '--setup', '--json']);
    const how = clients.find(({ runner }) => runner === agent)!.how;
    if (agent !== 'opencode') return void (await type(house, how));
    const { mcp } = JSON.parse(how.slice(how.indexOf('{'))) as { mcp: object };
    const path = join(house.base, 'home/.config/opencode/opencode.json');
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), mcp }));
  };
  /** A call of a tool of ours, by the name under which each CLI shows it. */
  const tool = (name: string, input: object) => ({
    tool: {
      claude: { name: `mcp__tend__${name}`, input },
      codex: { name, namespace: 'mcp__tend', input },
      opencode: { name: `tend_${name}`, input },
      pi: { name, input },
    }[agent],
  });
  /** Has the model call it until its answer is `words`: on a busy machine a CLI begins its first turn before the server is ready. */
  const callUntil = (call: ReturnType<typeof tool>, words: string): Promise<true> =>
    until(words, async () => {
      house.model.decide(call, { text: 'That is all.' });
      await type(house, HELLO);
      return house.model.seen.some((one) => one.turn > 0 && one.whole.includes(words));
    });

  test.skipIf(agent === 'pi')(
    'told as --setup says, it starts the server, and the model can call a tool of it',
    async () => {
      await setUp();
      expect(await type(house, `${agent} mcp list`)).toMatch(/tend.*(?:connected|enabled)/is);
      await callUntil(tool('asks', {}), 'What should I tend for you?');
    },
  );

  test.skipIf(agent === 'pi')('with nobody at its screen the model cannot give the yes to an approval', async () => {
    await setUp();
    const move = { action: 'run_shell', cmd: 'git push' } as const;
    const proposal = { move, digest: digest(stableJson(move)), world: 'w' };
    const ask = { worker: 'gate', prompt: 'May I?', kind: 'approval', urgency: 'normal', proposal } as const;
    raiseAsk(localDisk(house.root), ask, now());
    await callUntil(tool('answer', { ask_id: 'gate-1', text: 'yes' }), 'Cannot answer approval');
    expect((await house.asks()).map(({ id }) => id)).toContain('gate-1');
  });
});

describe.skipIf(!binOf('inspector'))('the inspector', () => {
  let house: House;
  beforeEach(async () => {
    house = openHouse({ env: { PATH: `${binOf('inspector')}:/usr/local/bin:/usr/bin:/bin` } });
    await house.must(['init', '--runner', 'embedded', '--yes']);
  });
  afterEach(() => house.close());

  const inspect = async (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const server = ['-e', `TEND_DATA_DIR=${house.root}`, process.execPath, BIN, 'mcp'];
    const argv = ['--cli', ...server, '--method', ...words];
    return run('mcp-inspector', argv, { cwd: house.base, env: house.env }).then(
      (said) => ({ code: 0, ...said }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  };

  test('its command line lists, calls, reads and gets; no schema is one that a client may refuse', async () => {
    const list = await inspect('tools/list', '--strict');
    expect(list).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/Warning|Error/) });
    expect((JSON.parse(list.stdout) as { tools: object[] }).tools.length).toBeGreaterThan(30);
    const answer = [
      'tools/call',
      '--tool-name',
      'answer',
      '--tool-arg',
      'ask_id=setup-1',
      '--tool-arg',
      'text=my inbox',
    ];
    expect((await inspect(...answer)).stdout).toContain('answered setup-1');
    const again = await inspect(...answer);
    expect([again.code, again.stdout]).toEqual([5, expect.stringContaining('it was answered by')]);
    expect((await inspect('resources/read', '--uri', 'tend://asks/setup-1')).stdout).toContain('my inbox');
    expect((await inspect('prompts/get', '--prompt-name', 'concierge')).stdout).toContain('# Concierge');
  });
});
