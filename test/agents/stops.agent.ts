import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs';
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

  /** A tool that a decider has and that hangs on a pipe which nobody ends; codex reads it with its shell, in its sandbox. */
  const readTool = (path: string): Step =>
    ({
      claude: { tool: { name: 'Read', input: { file_path: path } } },
      codex: { shell: `cat ${path}` },
      opencode: { tool: { name: 'read', input: { filePath: path } } },
      pi: { tool: { name: 'read', input: { path } } },
    })[agent];

  test('down in the middle of a tool of a decision leaves nothing of it, and nothing comes of it', async () => {
    const pipe = join(house.root, 'reports/pipe');
    mkdirSync(join(house.root, 'reports'), { recursive: true });
    execFileSync('mkfifo', [pipe]);
    house.model.decide(readTool(pipe), { action: 'write_goal', id: 'never', body: 'Never.' });
    await house.up();
    // Who opens a pipe to read it can be written to; while we hold our end it waits for more.
    const end = await until('its tool reads', () => writerOf(pipe));
    try {
      expect(living(house).length).toBeGreaterThan(0);
      await house.must(['down']);
      expect(living(house)).toEqual([]);
      expect(house.journal()).toEqual([]);
      expect(house.text('goals/never.md')).toBe('');
    } finally {
      closeSync(end);
    }
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

/** Our end of a pipe that somebody has opened to read it, or is about to. */
function writerOf(pipe: string): number | undefined {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENXIO') return undefined;
    throw error;
  }
}
