import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Step } from '../fakes/agents/wire.js';
import { type AgentHouse, forEachAgent, goad, living, openAgentHouse, until } from './house.js';

// What a decision may not do, and what is left of a real CLI when tend stops it.
forEachAgent((agent) => {
  let house: AgentHouse;
  beforeEach(async () => {
    house = await openAgentHouse(agent);
    await house.must(['init', '--runner', agent, '--yes']);
  });
  afterEach(() => house.leave());

  /** The tool that writes files, by the name under which each CLI knows it; codex does that with its shell. */
  const writeTool = (path: string): Step =>
    ({
      claude: { tool: { name: 'Write', input: { file_path: path, content: 'acted' } } },
      codex: {
        tool: {
          name: 'apply_patch',
          input: { input: `*** Begin Patch\n*** Add File: ${path}\n+acted\n*** End Patch` },
        },
      },
      opencode: { tool: { name: 'write', input: { filePath: path, content: 'acted' } } },
      pi: { tool: { name: 'write', input: { path, content: 'acted' } } },
    })[agent];

  test('a decider that is asked to write files writes none, by shell or by tool, and its move still arrives', async () => {
    const targets = ['data/reports/a', 'home/a', 'tmp/a'].map((path) => join(house.base, path));
    const shell = targets.map((path) => `echo acted >${path}`).join('; ');
    // The tool is tried after the shell, both are refused, and the decision goes on to its end.
    house.model.decide({ shell }, writeTool(join(house.root, 'reports/b')), writeTool('reports/c'), {
      action: 'write_goal',
      id: 'end',
      body: 'The decision came to its end.',
    });
    await house.up();
    await until('the move arrives', () => house.text('goals/end.md') !== '');
    expect(house.model.seen.filter((one) => one.by === 'decider').map((one) => one.turn)).toEqual(
      expect.arrayContaining([1, 2, 3]),
    );
    const written = [...targets, join(house.root, 'reports/b'), join(house.root, 'reports/c')];
    expect(written.filter((path) => existsSync(path))).toEqual([]);
  });

  // Only codex starts what its user has configured although the decision is read-only.
  test.runIf(agent === 'codex')('a decider starts no MCP server of its user; a worker does', async () => {
    const server = (name: string, file = name): string =>
      `[mcp_servers.${name}]\ncommand = "/bin/sh"\nargs = ["-c", "echo started >>${house.base}/${file}; sleep 5"]\nenv = { "name" = "other" }\n`;
    appendFileSync(
      join(house.base, 'home/.codex/config.toml'),
      `${server('first-1')}${server(`"second_2"`, 'second_2')}`,
    );
    house.model.work('w', { text: 'Done.' });
    house.model.decide({ action: 'write_goal', id: 'end', body: 'Decided.' });
    house.model.decide({ action: 'start_worker', id: 'w', prompt: 'Work.' });
    await house.up();
    await until('the move arrives', () => house.text('goals/end.md') !== '');
    expect(existsSync(join(house.base, 'first-1')) || existsSync(join(house.base, 'second_2'))).toBe(false);
    goad(house, 'Go on.');
    await until('the worker has the servers', () => existsSync(join(house.base, 'first-1')));
  });

  test('down in the middle of a decision leaves nothing of it, and nothing comes of it', async () => {
    house.model.always({ hang: true });
    await house.up();
    await until('the model is asked', () => house.model.seen.some((one) => one.by === 'decider'));
    expect(living(house).length).toBeGreaterThan(0);
    await house.must(['down']);
    expect(living(house)).toEqual([]);
    expect(house.journal()).toEqual([]);
  });

  /**
   * Has a decider use a tool that it has, and that hangs: on a pipe which nobody writes to, or, since claude reads no pipes, in a hook
   * of its user's that leaves its session. Returns whether it hangs by now.
   */
  function hangingTool(): { step: Step; hangs(): boolean } {
    const pipe = join(house.root, 'reports/pipe');
    mkdirSync(join(house.root, 'reports'), { recursive: true });
    execFileSync('mkfifo', [pipe]);
    const steps: Record<typeof agent, Step> = {
      claude: { tool: { name: 'Read', input: { file_path: join(house.root, 'PLAYBOOK.md') } } },
      codex: { shell: `setsid bash -c 'trap "" INT TERM; cat ${pipe}'` },
      opencode: { tool: { name: 'read', input: { filePath: pipe } } },
      pi: { tool: { name: 'read', input: { path: pipe } } },
    };
    if (agent === 'claude') {
      const command = `setsid bash -c 'trap "" INT TERM; cat ${pipe}'`;
      const hooks = { PreToolUse: [{ matcher: '*', hooks: [{ type: 'command', command }] }] };
      mkdirSync(join(house.base, 'home/.claude'), { recursive: true });
      writeFileSync(join(house.base, 'home/.claude/settings.json'), JSON.stringify({ hooks }));
    }
    return { step: steps[agent], hangs: () => threads(house).some((wait) => wait === 'wait_for_partner') };
  }

  test('down in the middle of a tool of a decision leaves nothing of it, and nothing comes of it', async () => {
    const { step, hangs } = hangingTool();
    house.model.decide(step, { action: 'write_goal', id: 'never', body: 'Never.' });
    await house.up();
    await until('its tool hangs', hangs);
    await house.must(['down']);
    expect(living(house)).toEqual([]);
    expect(house.journal()).toEqual([]);
    expect(house.text('goals/never.md')).toBe('');
  });

  test.each(['kill', 'down'])(
    '%s in the middle of a tool of a worker takes its children with it, in whatever group they are',
    async (verb) => {
      const child = `bash -c 'trap "" TERM; echo up >reports/child; while :; do sleep 1; done'`;
      house.model.work('w', { shell: `setsid ${child} & sleep 600` });
      house.model.decide({ action: 'start_worker', id: 'w', prompt: 'Sleep.' });
      await house.up();
      await until('its child runs', () => house.text('reports/child') !== '');
      await until('the fleet knows it', async () => (await house.must(['worker', 'list'])).includes('w'));
      if (verb === 'kill') {
        await house.must(['kill', 'w']);
        expect(living(house).filter((line) => line.includes('worker-'))).toEqual([]);
      }
      await house.must(['down']);
      expect(living(house)).toEqual([]);
    },
  );
});

/** What each thread of the runs of this house waits for in the kernel; `wait_for_partner` is the other end of a pipe. */
const threads = (house: AgentHouse): string[] =>
  living(house).flatMap((line) => {
    const tasks = `/proc/${Number.parseInt(line, 10)}/task`;
    try {
      return readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/wchan`, 'utf8'));
    } catch {
      // It has ended since.
      return [];
    }
  });
