import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AgentTarget, PROVIDERS } from '../../src/model/loop.js';
import { adapterFor, agentWordsProblem, type Provider } from '../../src/runs/adapters.js';
import { newUser, type User } from './user.js';

let user: User;
beforeEach(() => {
  user = newUser();
});
afterEach(() => user.leave());

const BINARIES: Record<Provider, string> = {
  claude: 'claude',
  cursor: 'cursor-agent',
  codewith: 'codewith',
  aicopilot: 'aicopilot',
  opencode: 'opencode',
  codex: 'codex',
};
const agent = (provider: Provider, more: Partial<AgentTarget> = {}): AgentTarget => ({
  type: 'agent',
  provider,
  prompt: 'do it',
  ...more,
});
/** A stand-in that writes down what it was given, then does what `then` says. */
const recorder = (then = 'echo "{}"') => `
printf '%s\\n' "$@" >"$HOME/argv"
cat >"$HOME/stdin"
tr '\\0' '\\n' </proc/$$/cmdline >"$HOME/cmdline"
tr '\\0' '\\n' </proc/$$/environ >"$HOME/environ"
${then}`;
const argv = () => user.text('argv').split('\n').slice(0, -1);

describe('how each provider is called [loops 141]', () => {
  const SAFE_CLAUDE = '--safe-mode --setting-sources local --no-session-persistence ';
  test.each<[Provider, Partial<AgentTarget>, string]>([
    ['claude', {}, `${SAFE_CLAUDE}-p --output-format json`],
    ['claude', { configIsolation: 'safe' }, `${SAFE_CLAUDE}-p --output-format json`],
    ['claude', { configIsolation: 'none' }, '-p --output-format json'],
    ['claude', { model: 'm', agent: 'a', cwd: '/usr' }, `${SAFE_CLAUDE}-p --output-format json --model m --agent a`],
    ['cursor', {}, '-p'],
    ['cursor', { configIsolation: 'none', model: 'm', agent: 'a', cwd: '/usr' }, '-p --model m --agent a'],
    [
      'codewith',
      {},
      '--ask-for-approval never exec --json --ephemeral --sandbox workspace-write --skip-git-repo-check --ignore-rules',
    ],
    [
      'codewith',
      { configIsolation: 'none', authProfile: 'p', model: 'm', agent: 'a', cwd: '/usr' },
      '--auth-profile p --ask-for-approval never exec --json --ephemeral --sandbox workspace-write --skip-git-repo-check --cd /usr --model m --agent a',
    ],
    ['codex', {}, 'exec --json --ephemeral --ask-for-approval never --sandbox workspace-write --ignore-rules'],
    [
      'codex',
      { configIsolation: 'none', model: 'm', agent: 'not its own', cwd: '/usr' },
      'exec --json --ephemeral --ask-for-approval never --sandbox workspace-write --cd /usr --model m',
    ],
    ...(['aicopilot', 'opencode'] as const).flatMap((one): [Provider, Partial<AgentTarget>, string][] => [
      [one, {}, 'run --format json --pure'],
      [
        one,
        { configIsolation: 'none', model: 'm', agent: 'a', cwd: '/usr' },
        'run --format json --dir /usr --model m --agent a',
      ],
    ]),
  ])('%s %j', async (provider, more, words) => {
    user.program(BINARIES[provider], recorder());
    expect(await user.run(agent(provider, more))).toMatchObject({ status: 'succeeded' });
    expect(argv().join(' ')).toBe(words);
  });

  test.each(PROVIDERS)('%s: words of its own come last', (provider) => {
    const { forms } = adapterFor(provider, { extraArgs: ['--verbose', 'a b'] });
    for (const form of forms) expect(form.slice(-2)).toEqual(['--verbose', 'a b']);
  });

  test('a config may say how a provider is called; a group without its value is left out', async () => {
    const args = ['go', ['--m', '{{model}}'], ['--in={{cwd}}'], ['--who', '{{agent}}']];
    writeFileSync(
      join(user.root, 'config.json'),
      JSON.stringify({ adapters: { codex: { command: 'codex-next', args } } }),
    );
    user.program('codex-next', recorder());
    expect(await user.run(agent('codex', { model: 'm', cwd: '/usr', extraArgs: ['x'] }))).toMatchObject({
      status: 'succeeded',
    });
    expect(argv()).toEqual(['go', '--m', 'm', '--in=/usr', 'x']);
  });
});

test.each(['{', '{"adapters":{"codexx":{}}}', '{"adapters":{"claude":{"argv":[]}}}'])(
  'a config that says %s fails the attempt with its path, and nothing is started',
  async (config) => {
    user.program('claude', 'touch "$HOME/ran"');
    writeFileSync(join(user.root, 'config.json'), config);
    const ran = await user.run(agent('claude'));
    expect(ran).toMatchObject({ status: 'failed', error: expect.stringContaining('config.json') });
    expect(user.text('ran')).toBe('');
  },
);

describe('words that are refused, before anything is started', () => {
  test.each<[Provider, Partial<AgentTarget>, string]>([
    ['claude', { authProfile: 'p' }, '--auth-profile is for the provider codewith alone'],
    ['claude', { extraArgs: ['--dangerously-skip-permissions'] }, '"--dangerously-skip-permissions"'],
    ['codex', { extraArgs: ['--yolo'] }, '"--yolo"'],
    ['cursor', { extraArgs: ['--force'] }, '"--force"'],
    ['codex', { extraArgs: ['-c', 'sandbox_mode="danger-full-access"'] }, 'danger-full-access'],
    ['cursor', { extraArgs: ['-pf'] }, '"-pf"'],
    ['claude', { extraArgs: ['--allow-dangerously-skip-permissions'] }, '"--allow-dangerously'],
    ['codex', { extraArgs: ['--add-dir=/'] }, '"--add-dir=/"'],
    ['codex', { extraArgs: ['-c', 'sandbox_workspace_write.writable_roots=["/"]'] }, 'writable_roots'],
    ['codewith', { extraArgs: ['--config=sandbox_workspace_write.network_access=true'] }, 'network_access'],
    ['claude', { extraArgs: ['--permission-mode=bypassPermissions'] }, 'bypassPermissions'],
    ['claude', { model: '--dangerously-skip-permissions' }, '"--dangerously-skip-permissions"'],
  ])('%s %j [loops 143]', async (provider, more, words) => {
    user.program(BINARIES[provider], 'touch "$HOME/ran"');
    const ran = await user.run(agent(provider, more));
    expect(ran).toMatchObject({ status: 'failed', error: expect.stringContaining(words) });
    expect(ran).not.toHaveProperty('pid');
    expect(user.text('ran')).toBe('');
    expect(agentWordsProblem(agent(provider, more))).toContain(words);
  });
});

describe('the prompt', () => {
  const SECRET = 'a very secret plan "$HOME" \u{1F600}';
  test.each(PROVIDERS)('of %s is on stdin and nowhere else [loops 142]', async (provider) => {
    user.program(BINARIES[provider], recorder());
    await user.run(agent(provider, { prompt: SECRET, model: 'm' }), { promptSuffix: 'the objective' });
    expect(user.text('stdin')).toBe(`${SECRET}\n\n---\n\nthe objective`);
    expect(user.text('cmdline')).toContain(BINARIES[provider]);
    for (const place of ['cmdline', 'environ']) expect(user.text(place)).not.toMatch(/secret plan|the objective/);
  });

  test('of 10 MB that nobody reads is no failure [loops 117]', async () => {
    user.program('claude', 'exec 0<&-; echo "{}"');
    expect(await user.run(agent('claude', { prompt: 'x'.repeat(10_000_000) }))).toMatchObject({ status: 'succeeded' });
  });
});

test('an agent runs under a session in which the verbs of its human are refused', async () => {
  user.program('claude', recorder());
  await user.run(agent('claude'), { identity: { loopId: '0123456789ab' } });
  expect(user.text('environ')).toContain('\nTEND_SESSION_ID=loop-0123456789ab\n');
});

describe('a codex that takes the word on approvals elsewhere [loops 149]', () => {
  /** Refuses as clap does; `wants` is the pattern of a command line that it takes. */
  const picky = (wants: string) => `
echo run >>"$HOME/starts"
case "$*" in ${wants}) cat >"$HOME/stdin"; echo '{"type":"thread.started","thread_id":"t"}';;
*) echo "error: unexpected argument '--ask-for-approval' found" >&2; exit 2;; esac`;
  const starts = () => user.text('starts').split('run').length - 1;
  const once = () => user.run(agent('codex'));

  test('is called in the form that it takes, in one attempt, and at once the next time', async () => {
    user.program('codex', picky("'--ask-for-approval never exec '*"));
    expect(await once()).toMatchObject({ status: 'succeeded', stderr: '' });
    expect(user.text('stdin')).toBe('do it');
    expect(starts()).toBe(2);
    await once();
    expect(starts()).toBe(3);
  });

  test('or in the third form', async () => {
    user.program('codex', picky("'exec '*' -c approval_policy=never '*"));
    expect(await once()).toMatchObject({ status: 'succeeded' });
    expect(starts()).toBe(3);
  });

  test('an update of the program behind a link is another program', async () => {
    const real = user.program(join(user.home, 'codex-1'), picky("'--ask-for-approval never exec '*"));
    symlinkSync(real, join(user.env['PATH']!.split(':')[0]!, 'codex'));
    await once();
    rmSync(real);
    user.program(real, `${picky("'exec '*' --ask-for-approval never '*")} # newer`);
    await once();
    expect(starts()).toBe(3);
  });

  test('one that refuses every form failed in its own words, after each was tried once', async () => {
    user.program('codex', picky('never'));
    const ran = await once();
    expect(ran).toMatchObject({ status: 'failed', exitCode: 2, error: 'process exited with code 2' });
    expect(ran.stderr).toContain('unexpected argument');
    expect(starts()).toBe(3);
  });

  test.each([
    ['that has printed something', 'echo begun; echo "unexpected --ask-for-approval" >&2; exit 2'],
    ['with another exit code', 'echo "unexpected --ask-for-approval" >&2; exit 1'],
    ['over something else', 'echo "unexpected --ephemeral" >&2; exit 2'],
  ])('a failure %s is no refusal: it is not run again', async (_, script) => {
    user.program('codex', `echo run >>"$HOME/starts"; ${script}`);
    expect(await once()).toMatchObject({ status: 'failed' });
    expect(starts()).toBe(1);
  });

  test.each(['no JSON', '{"format":1,"forms":{"x":1}}', '{"format":1,"forms":[["x","y"],3]}'])(
    'a cache that holds %j costs a start and nothing more',
    async (content) => {
      user.program('codex', picky("'--ask-for-approval never exec '*"));
      await once();
      writeFileSync(join(user.root, 'cache/adapters.json'), content);
      expect(await once()).toMatchObject({ status: 'succeeded' });
      await once();
      expect(starts()).toBe(5);
    },
  );
});

describe('what an agent says of its run', () => {
  const stream = (name: string) => new URL(`../fakes/runners/streams/${name}.jsonl`, import.meta.url).pathname;

  test.each(PROVIDERS.filter((one) => one !== 'cursor'))(
    '%s that exits with 0 and prints nothing failed [loops 150]',
    async (provider) => {
      user.program(BINARIES[provider], 'cat >/dev/null');
      expect(await user.run(agent(provider))).toMatchObject({
        status: 'failed',
        exitCode: 0,
        error: 'agent produced no output',
      });
    },
  );

  test.each([
    [
      '',
      '{"type":"result","subtype":"success","is_error":true,"result":"Credit balance is too low","session_id":"s-1","usage":{"input_tokens":3}}',
    ],
    [
      'that names no type',
      '{"is_error":true,"result":"Credit balance is too low","session_id":"s-1","usage":{"input_tokens":3}}',
    ],
    [
      'of an aborted turn',
      '{"type":"result","is_error":true,"terminal_reason":"aborted_streaming","result":"Credit balance is too low","session_id":"s-1","usage":{"input_tokens":3}}',
    ],
  ])('claude that exits with 0 and an error %s failed [loops 150]', async (_, line) => {
    user.program('claude', `cat >/dev/null; echo '${line}'`);
    expect(await user.run(agent('claude'))).toMatchObject({
      status: 'failed',
      exitCode: 0,
      error: expect.stringContaining('Credit balance is too low'),
      usage: { sessionId: 's-1', inputTokens: 3 },
    });
  });

  test('its usage, cost and session are told, of a success and of a failure', async () => {
    const line =
      '{"type":"result","is_error":false,"result":"ok","session_id":"s-2","total_cost_usd":0.5,"usage":{"input_tokens":10,"output_tokens":20}}';
    const usage = { inputTokens: 10, outputTokens: 20, costUsd: 0.5, sessionId: 's-2' };
    user.program('claude', `cat >/dev/null; echo '${line}'`);
    expect(await user.run(agent('claude'))).toMatchObject({ status: 'succeeded', stdout: `${line}\n`, usage });
    user.program('claude', `cat >/dev/null; echo '${line}'; exit 1`);
    expect(await user.run(agent('claude'))).toMatchObject({
      status: 'failed',
      error: 'process exited with code 1',
      usage,
    });
  });

  test.each<[Provider, string]>([
    ['claude', 'claude-text'],
    ['codex', 'codex-text'],
    ['opencode', 'opencode-text'],
  ])('%s: a stream that a real one printed is read', async (provider, name) => {
    user.program(BINARIES[provider], `cat >/dev/null; cat '${stream(name)}'`);
    const ran = await user.run(agent(provider));
    expect(ran).toMatchObject({
      status: 'succeeded',
      usage: { sessionId: expect.any(String), outputTokens: expect.any(Number) },
    });
    expect(ran.stdout).toBe(readFileSync(stream(name), 'utf8'));
  });

  test('a stream that is longer than what is kept is read whole', async () => {
    const first = '{"type":"thread.started","thread_id":"long ago"}';
    const done = '{"type":"turn.completed","usage":{"input_tokens":1,"cached_input_tokens":0,"output_tokens":2}}';
    user.program(
      'codex',
      `cat >/dev/null; echo '${first}'; head -c 600000 /dev/zero | tr '\\0' x | fold; echo; echo '${done}'`,
    );
    const ran = await user.run(agent('codex'));
    expect(ran.stdout).toMatch(/^\[truncated \d+ bytes\]\n/);
    expect(ran.usage).toMatchObject({ sessionId: 'long ago', outputTokens: 2 });
    expect(ran.head).toContain('long ago');
  });

  test('what an agent left behind goes with it', async () => {
    user.program('claude', 'cat >/dev/null; setsid sleep 300 >/dev/null 2>&1 & sleep 0.1; echo "{}"');
    expect(await user.run(agent('claude', { env: { TEND_KEEP_GROUP: '1' } }))).toMatchObject({ status: 'succeeded' });
    expect(user.left()).toEqual([]);
  });
});

test('an agent that says nothing for too long is ended, when its user wants that; one that goes on talking is not', async () => {
  user.env['TEND_AGENT_IDLE_TIMEOUT_MS'] = '3000';
  user.program('claude', 'cat >/dev/null; echo begun; sleep 300');
  user.program('opencode', 'cat >/dev/null; for i in 1 2 3 4 5 6 7; do echo on; sleep 0.5; done');
  const [silent, talking] = await Promise.all([user.run(agent('claude')), user.run(agent('opencode'))]);
  const error = 'timed out after 3000ms without output';
  expect(silent).toMatchObject({ status: 'timed_out', error, stdout: 'begun\n' });
  expect(talking).toMatchObject({ status: 'succeeded' });
  expect(user.left()).toEqual([]);
});
