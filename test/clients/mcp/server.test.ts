/** `tend mcp` as agents meet it: the protocol's own client over a real process, on a profile that a newcomer has after `tend init`. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CallToolResult,
  type ElicitResult,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HUMAN_TOOLS, toolName } from '../../../src/clients/mcp/tools.js';
import { now } from '../../../src/host/clock.js';
import { openPty } from '../../../src/host/pty.js';
import { digest } from '../../../src/lib/hash.js';
import { stableJson } from '../../../src/lib/json.js';
import { seedHome } from '../../../src/ops/seed.js';
import { raiseAsk } from '../../../src/store/asks.js';
import { BIN, makeProfile, type Profile, until } from '../../contract/tend-process.js';
import { type Connected, connect, said, type Terms } from './client.js';

let at: Profile;
let open: Connected[] = [];
beforeEach(() => {
  at = makeProfile();
  // What `tend init` does, without a process for each test.
  seedHome(at.disk, new URL('../../../seeds', import.meta.url).pathname, now());
  at.disk.publish('config.json', '{"runner": "embedded"}');
});
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  open = [];
  at.remove();
});

const client = async (terms: Partial<Terms> = {}): Promise<Connected> => {
  const connected = await connect({ ...terms, env: { ...at.env, ...terms.env } });
  open.push(connected);
  return connected;
};
const file = (key: string): string => readFileSync(join(at.root, key), 'utf8');
const jsonOf = <T>(result: CallToolResult): T => result.structuredContent as T;

describe('for an agent that serves the human', () => {
  test('every tool is there with hints; each that reads answers in the form that it promised', async () => {
    const { client: own, call } = await client();
    const { tools } = await own.listTools();
    expect(tools.map(({ name }) => name)).toEqual(Object.keys(HUMAN_TOOLS).map(toolName));
    for (const tool of tools) {
      expect(tool.description, tool.name).toBeTruthy();
      expect(Object.keys(tool.annotations ?? {}), tool.name).toEqual(
        expect.arrayContaining(['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']),
      );
    }
    const given: Record<string, object> = {
      wait: { timeout: '0' },
      ask_show: { ask_id: 'setup-1' },
      goal_show: { id: 'setup' },
      gate_test: { command: 'ls' },
    };
    // The client checks structured content against the schema that it was given, and throws.
    const reading = tools.filter(({ annotations, outputSchema }) => annotations?.readOnlyHint && outputSchema);
    expect(reading.length).toBeGreaterThan(12);
    for (const { name } of reading) {
      if (name.startsWith('history_')) continue;
      const result = await call(name, { ...given[name] });
      expect(result.isError, `${name}: ${said(result)}`).toBeUndefined();
      expect(JSON.parse(said(result).replace(/\nwarning: [\s\S]*/, '')), name).toEqual(result.structuredContent);
    }
  });

  test('it reads the first ask, answers it, and the answer is on record as having come this way; the second loses', async () => {
    const { call } = await client();
    const { asks } = jsonOf<{ asks: { id: string }[] }>(await call('asks'));
    expect(asks.map(({ id }) => id)).toEqual(['setup-1']);
    expect(said(await call('answer', { ask_id: 'setup-1', text: 'tend my inbox\nand nothing else' }))).toBe(
      'answered setup-1',
    );
    expect(file('answers/setup-1.md')).toMatch(/channel: "?mcp"?\n[\s\S]*tend my inbox\nand nothing else\n$/);
    const second = await call('answer', { ask_id: 'setup-1', text: 'something else' });
    expect(second.isError).toBe(true);
    expect(said(second)).toMatch(/it was answered by \S+ \(mcp\): "tend my inbox.*\ntry: tend ask show setup-1/s);
    expect((await call('asks')).structuredContent).toEqual({ asks: [] });
  });

  test('timed loops are looked at, run and held; a run that failed is an error that says why', async () => {
    const flags = ['--cmd', 'echo oops; exit 7', '--every', '1h'];
    expect(await at.tend(['loops', 'create', 'command', 'nightly', ...flags])).toMatchObject({ code: 0 });
    const { call } = await client();
    expect(said(await call('loops_list', {}))).toContain('nightly');
    const ran = await call('loops_run_now', { loop: 'nightly', show_output: true });
    expect(ran.isError).toBe(true);
    expect(said(ran)).toMatch(/ failed [\s\S]*oops[\s\S]*warning: process exited with code 7/);
    expect(said(await call('runs', { status: 'failed' }))).toContain('nightly');
    expect(said(await call('loops_pause', { loop: 'nightly' }))).toMatch(/ paused$/);
  });

  test('what is refused comes back as a result with its cure, and the server goes on', async () => {
    const { client: own, call, must } = await client();
    const wrong: [string, object, RegExp][] = [
      ['answer', { ask_id: 'nobody-1', text: 'x' }, /no such ask; pending: setup-1\ntry: tend asks/],
      ['answer', { ask_id: '../x', text: 'x' }, /Cannot use "\.\.\/x" as ask id/],
      ['answer', { ask_id: 'setup-1' }, /"text" is missing/],
      ['goal_write', { id: 'tea', body: ' ' }, /its body is blank/],
      ['wait', { since: 'long ago' }, /is no cursor of this tend/],
      ['worker_kill', { id: 'pulse' }, /the pulse is no worker/],
    ];
    for (const [name, given, words] of wrong) {
      const result = await call(name, { ...given });
      expect([name, result.isError, said(result)]).toEqual([name, true, expect.stringMatching(words)]);
    }
    await expect(own.callTool({ name: 'run', arguments: { command: 'ls' } })).rejects.toThrow(/there is no tool "run"/);
    expect(await must('goal_write', { id: 'tea', body: '# There is always fresh tea' })).toBe('write-goal tea');
    expect(file('goals/tea.md')).toBe('# There is always fresh tea\n');
    expect(await must('goal_show', { id: 'tea' })).toContain('fresh tea');
  });

  test('a wait tells that it lives, is woken by what happens, and ends when the client gives it up', async () => {
    const { client: own, call } = await client();
    const { cursor } = jsonOf<{ cursor: string }>(await call('state'));
    const signs: number[] = [];
    const waiting = own.callTool({ name: 'wait', arguments: { since: cursor, only_asks: true } }, undefined, {
      onprogress: ({ progress }) => signs.push(progress),
    });
    await until('two signs of life', () => signs.length > 1);
    expect(signs.slice(0, 2)).toEqual([0, 5]);
    expect((await at.tend(['ask', 'me', '--prompt', 'Green or black?', '--timeout', '0'])).code).toBe(124);
    const woken = jsonOf<{ changed: string[]; asks: object[]; cursor: string }>((await waiting) as CallToolResult);
    expect(woken.changed).toContain('asks');
    expect(woken.asks).toHaveLength(2);

    const stop = new AbortController();
    let isUnderWay = false;
    const given = own.callTool({ name: 'wait', arguments: { since: woken.cursor } }, undefined, {
      signal: stop.signal,
      onprogress: () => {
        isUnderWay = true;
      },
    });
    await until('it waits', () => isUnderWay);
    stop.abort();
    await expect(given).rejects.toThrow();
    expect(jsonOf<{ changed: string[] }>(await call('wait', { since: woken.cursor, timeout: '0' })).changed).toEqual(
      [],
    );
  });

  test('resources: the whole views, each ask and goal, ids to complete; what is not there is said', async () => {
    const { client: own } = await client();
    const { resources } = await own.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual([
      'tend://state',
      'tend://asks',
      'tend://goals',
      'tend://playbook',
      'tend://journal',
      'tend://asks/setup-1',
      'tend://goals/playbook-daily',
      'tend://goals/setup',
    ]);
    for (const { uri, mimeType } of resources) {
      const [content] = (await own.readResource({ uri })).contents;
      expect(content, uri).toMatchObject({ uri, mimeType, text: expect.any(String) });
      if (mimeType === 'application/json') JSON.parse((content as { text: string }).text);
    }
    const { resourceTemplates } = await own.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual(['tend://asks/{id}', 'tend://goals/{id}']);
    const { completion } = await own.complete({
      ref: { type: 'ref/resource', uri: 'tend://goals/{id}' },
      argument: { name: 'id', value: 'se' },
    });
    expect(completion.values).toEqual(['setup']);
    for (const uri of [
      'tend://goals/none',
      'tend://goals/..%2Fx',
      'tend://goals/%E0',
      'tend://nothing',
      'file:///etc/passwd',
    ])
      await expect(own.readResource({ uri }), uri).rejects.toThrow(/-32002|Cannot|no resource/);
  });

  test('news: a subscribed view that changes is told, one that does not is not, and the list when it is another', async () => {
    const { client: own, must } = await client();
    const updated: string[] = [];
    let lists = 0;
    own.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri));
    own.setNotificationHandler(ResourceListChangedNotificationSchema, () => void lists++);
    await own.listResources();
    for (const uri of ['tend://goals/setup', 'tend://goals', 'tend://playbook']) await own.subscribeResource({ uri });
    writeFileSync(join(at.root, 'goals/tea.md'), 'There is always fresh tea.\n');
    await until('the list is told', () => lists === 1);
    await until('the goals are told', () => updated.includes('tend://goals'));
    writeFileSync(join(at.root, 'goals/setup.md'), 'Nothing to set up.\n');
    await until('the goal is told', () => updated.includes('tend://goals/setup'));
    await own.unsubscribeResource({ uri: 'tend://goals' });
    updated.length = 0;
    await must('playbook_write', { body: '# PLAYBOOK\n\nBe quiet.' });
    await must('goal_write', { id: 'tea', body: 'Tea, always.' });
    await until('the PLAYBOOK is told', () => updated.includes('tend://playbook'));
    expect(new Set(updated)).toEqual(new Set(['tend://playbook']));
    expect(lists).toBe(1);
  });

  test('prompts: the concierge is the shipped skill, the interview and the report are about it', async () => {
    const { client: own } = await client();
    const { prompts } = await own.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(['concierge', 'interview', 'morning_report']);
    const text = async (name: string, given: Record<string, string> = {}) => {
      const { messages } = await own.getPrompt({ name, arguments: given });
      return (messages[0]!.content as { text: string }).text;
    };
    const skill = readFileSync(new URL('../../../seeds/skills/concierge/SKILL.md', import.meta.url), 'utf8');
    const body = skill.slice(skill.indexOf('# Concierge'));
    expect(await text('concierge')).toContain(body);
    expect(await text('interview', { about: 'my inbox' })).toContain('Interview me about "my inbox"');
    expect(skill).toContain('## Interview for goals, sensors and PLAYBOOK');
    expect(await text('morning_report')).toContain('since the last evening');
    await expect(own.getPrompt({ name: 'none' })).rejects.toThrow(/no prompt "none"/);
  });
});

describe('a yes to an approval', () => {
  const CMD = 'rm -rf ~/old​-site';
  /** As the gate raises it; returns the digest that a yes is bound to. */
  const propose = (cmd: string): string => {
    const move = { action: 'run_shell', cmd } as const;
    const proposal = { move, digest: digest(stableJson(move)), world: 'w' };
    raiseAsk(at.disk, { worker: 'gate', prompt: 'May I?', kind: 'approval', urgency: 'normal', proposal }, now());
    return proposal.digest;
  };
  let bound: string;
  beforeEach(() => {
    bound = propose(CMD);
  });
  const pending = async () => (await at.json<{ id: string }[]>(['asks', '--json'])).some(({ id }) => id === 'gate-1');
  const yes = { ask_id: 'gate-1', text: 'yes' };

  test('without dialogs it is refused with the command that the human can type; a no passes', async () => {
    const { call, must } = await client();
    const result = await call('answer', yes);
    expect(result.isError).toBe(true);
    expect(said(result)).toMatch(/has no dialog[\s\S]*try: the human types: tend answer gate-1 yes/);
    expect(await pending()).toBe(true);
    expect(await must('answer', { ...yes, text: 'no, not today' })).toBe('answered gate-1');
  });

  test('it is asked of the human with the exact move; their typed yes is what is recorded', async () => {
    const shown: string[] = [];
    const { must } = await client({
      dialog: (message) => {
        shown.push(message);
        return { action: 'accept', content: { answer: 'Yes' } };
      },
    });
    await must('answer', yes);
    expect(shown).toEqual([expect.stringContaining('runs: rm -rf ~/old<U+200B>-site')]);
    expect(file('answers/gate-1.md')).toMatch(new RegExp(`channel: "?mcp"?[\\s\\S]*${bound}[\\s\\S]*\nYes\n$`));
  });

  test('a human who closes the dialog, declines, or types anything but a plain yes or a no has released nothing', async () => {
    const replies: [ElicitResult, RegExp][] = [
      [{ action: 'cancel' }, /closed the dialog/],
      [{ action: 'decline' }, /closed the dialog/],
      [{ action: 'accept', content: { answer: 'yes, but later' } }, /neither a plain yes nor a no/],
      [{ action: 'accept', content: { answer: '' } }, /neither a plain yes nor a no/],
      [{ action: 'accept' }, /neither a plain yes nor a no/],
    ];
    let reply: ElicitResult = { action: 'cancel' };
    const { call } = await client({ dialog: () => reply });
    for (const [result, words] of replies) {
      reply = result;
      const refused = await call('answer', yes);
      expect([refused.isError, said(refused)]).toEqual([true, expect.stringMatching(words)]);
    }
    expect(await pending()).toBe(true);
  });

  test('a human who types no has said no', async () => {
    const { must } = await client({ dialog: () => ({ action: 'accept', content: { answer: 'no, keep it' } }) });
    await must('answer', yes);
    expect(file('answers/gate-1.md')).toMatch(/\nno, keep it\n$/);
  });

  test('a move that is another by the time they have typed is not released', async () => {
    const { call } = await client({
      dialog: () => {
        at.disk.remove('asks/gate-1.md');
        propose('rm -rf ~');
        return { action: 'accept', content: { answer: 'yes' } };
      },
    });
    expect(said(await call('answer', yes))).toContain('the move was changed while they read it');
    expect(await pending()).toBe(true);
  });

  test('with mcp.approvals "relay" the agent may pass it on; with a broken config nobody may', async () => {
    const config = join(at.root, 'config.json');
    const { call, must } = await client();
    writeFileSync(config, '{"mcp": {"approvals": "always"}}');
    expect(said(await call('answer', yes))).toMatch(/Cannot use config/);
    expect(await pending()).toBe(true);
    writeFileSync(config, '{"mcp": {"approvals": "relay"}}');
    expect(await must('answer', yes)).toBe('answered gate-1');
  });
});

describe('in a session of tend', () => {
  const clerk = { TEND_SESSION_ID: 'clerk', TEND_GENERATION: 'g1' };

  test('there is ask and told, and nothing of the human', async () => {
    const { client: own, call, must } = await client({ env: clerk });
    expect((await own.listTools()).tools.map(({ name }) => name)).toEqual(['ask', 'told']);
    expect(own.getServerCapabilities()).toEqual({ tools: {} });
    const refused = await call('answer', { ask_id: 'setup-1', text: 'done' });
    expect([refused.isError, said(refused)]).toEqual([true, expect.stringMatching(/only a human may use it/)]);
    await expect(own.readResource({ uri: 'tend://asks' })).rejects.toThrow();
    expect(await must('told')).toContain('"messages": []');
  });

  test('also when the variable is dropped: a parent has it', async () => {
    const { client: own } = await client({
      env: clerk,
      command: ['sh', '-c', `env -u TEND_SESSION_ID "${process.execPath}" "${BIN}" mcp; exit $?`],
    });
    expect((await own.listTools()).tools.map(({ name }) => name)).toEqual(['ask', 'told']);
  });

  test('a client that starts it on another profile is told so: its question would reach a stranger', async () => {
    const other = makeProfile();
    try {
      const started = at.start(['mcp'], { env: { ...clerk, TEND_DATA_DIR: other.root } });
      expect((await started.ended).code).toBe(0);
      const line = `TEND_DATA_DIR='${other.root}' "${process.execPath}" "${BIN}" mcp; exit $?`;
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
        env: { ...at.env, ...clerk },
        input: '',
        encoding: 'utf8',
      });
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toContain(`it belongs to the data dir "${at.root}", and this is "${other.root}"`);
    } finally {
      other.remove();
    }
  });

  test('its question reaches the human of another session, and their answer comes back, once', async () => {
    const [worker, human] = await Promise.all([client({ env: clerk }), client()]);
    const stop = new AbortController();
    const asking = { name: 'ask', arguments: { prompt: 'Which tea?', options: ['green', 'black'] } };
    const first = worker.client.callTool(asking, undefined, { signal: stop.signal });
    const asks = async () => jsonOf<{ asks: { id: string }[] }>(await human.call('asks')).asks.map(({ id }) => id);
    await until('it asks', async () => (await asks()).includes('clerk-1'));
    stop.abort();
    await expect(first).rejects.toThrow();
    // Asked again it is the same ask.
    const second = worker.client.callTool(asking);
    await human.must('answer', { ask_id: 'clerk-1', text: '1' });
    expect(said((await second) as CallToolResult)).toBe('green');
    expect(await asks()).toEqual(['setup-1']);
    expect((await human.call('ask_show', { ask_id: 'clerk-1' })).structuredContent).toMatchObject({
      channel: 'mcp',
      consumed: true,
    });
  });
});

describe('the process', () => {
  const START = [
    {
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    },
    { method: 'notifications/initialized' },
  ];
  const lines = (messages: object[]): string =>
    messages.map((one) => `${JSON.stringify({ jsonrpc: '2.0', ...one })}\n`).join('');

  test('stdout is the protocol alone; what was asked before the pipe was closed is answered, and then it ends with 0', async () => {
    const calls = [
      { id: 2, method: 'tools/call', params: { name: 'goal_write', arguments: { id: 'tea', body: 'Tea.' } } },
      { id: 3, method: 'tools/call', params: { name: 'wait', arguments: { since: 'x' } } },
      { id: 4, method: 'resources/list' },
      { id: 5, method: 'tools/list' },
      { id: 6, method: 'no/such' },
    ];
    const { code, stdout, stderr } = await at.tend(['mcp'], { input: `${lines(START)}no protocol\n\n${lines(calls)}` });
    expect(code).toBe(0);
    const answers = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: number; error?: object });
    expect(answers.map(({ id }) => id).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(answers.filter(({ error }) => error).map(({ id }) => id)).toEqual([6]);
    expect(stderr).toMatch(/tend: warning: a message of the client: /);
    expect(file('goals/tea.md')).toBe('Tea.\n');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it in the middle of a wait, which is told', async (name) => {
    const child = spawn(process.execPath, [BIN, 'mcp'], { env: at.env, stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (text: Buffer) => (out += text.toString('utf8')));
    const { cursor } = await at.json<{ cursor: string }>(['state', '--json']);
    const wait = { method: 'tools/call', params: { name: 'wait', arguments: { since: cursor } } };
    child.stdin.write(lines([...START, { id: 2, ...wait }, { id: 3, method: 'ping' }]));
    await until('it serves', () => out.includes('"id":3'));
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(name);
    expect(await ended).toBe(0);
    const last = JSON.parse(out.trimEnd().split('\n').at(-1)!) as object;
    expect(last).toMatchObject({ id: 2, result: { isError: true } });
  });

  test('a profile that is not there yet is said by the tools, and nothing is created', async () => {
    at.remove();
    const { call } = await client();
    expect(said(await call('state'))).toMatch(/warning: there is no data dir[\s\S]*tend init/);
    expect(said(await call('goal_show', { id: 'tea' }))).toMatch(/there is no such goal/);
  });

  test('at a terminal it does not wait for a protocol that nobody types', async () => {
    let screen = '';
    const code = await new Promise<number | null>((resolve) => {
      openPty({
        file: process.execPath,
        args: [BIN, 'mcp'],
        cwd: at.root,
        env: at.env as Record<string, string>,
        columns: 200,
        rows: 20,
        onOutput: (bytes) => {
          screen += Buffer.from(bytes).toString('utf8');
        },
        onExit: (exit) => resolve(exit.code),
      });
    });
    expect([code, screen]).toEqual([1, expect.stringMatching(/at a terminal[\s\S]*try: tend mcp --setup/)]);
  });

  test('--setup names a profile that is not the default one', async () => {
    const { stdout } = await at.tend(['mcp', '--setup']);
    expect(stdout).toContain(`claude mcp add --scope user tend -e TEND_DATA_DIR=${at.root} -- tend mcp`);
    expect(stdout).toContain(`codex mcp add tend --env TEND_DATA_DIR=${at.root} -- tend mcp`);
    const { clients, server } = await at.json<{ clients: { runner: string }[]; server: object }>([
      'mcp',
      '--setup',
      '--json',
    ]);
    expect(clients.map(({ runner }) => runner)).toEqual(['claude', 'codex', 'opencode', 'pi']);
    expect(server).toEqual({ name: 'tend', command: ['tend', 'mcp'], env: { TEND_DATA_DIR: at.root } });
  });
});
