import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AgentTarget } from '../../src/model/loop.js';
import { exportsIn } from '../../src/runs/account.js';
import { newUser, type User } from './user.js';

let user: User;
beforeEach(() => {
  user = newUser();
  user.program('claude', 'cat >/dev/null; touch "$HOME/ran"; env; echo "{}"');
});
afterEach(() => user.leave());

const claude = (more: Partial<AgentTarget> = {}): AgentTarget => ({
  type: 'agent',
  provider: 'claude',
  prompt: 'do it',
  account: { profile: 'work' },
  ...more,
});
const variables = (stdout: string): Record<string, string> =>
  Object.fromEntries(
    stdout
      .split('\n')
      .flatMap((line) =>
        line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]] : [],
      ),
  );
/** A directory of this profile, and an `accounts` that exports it and notes how it was called. */
function profileDir(name = 'CLAUDE_CONFIG_DIR', more = ''): string {
  const dir = join(user.home, `${name}-dir`);
  mkdirSync(dir, { recursive: true });
  user.program('accounts', `echo "$*" >>"$HOME/asked"; echo "export ${name}='${dir}'"; ${more}`);
  return dir;
}

test('the tool gets the variables of its account and none of the inherited logins; a run without an account keeps them [loops 144]', async () => {
  const inherited = {
    CLAUDE_CONFIG_DIR: '/mine',
    CODEX_HOME: '/mine',
    ANTHROPIC_API_KEY: 'key',
    ANTHROPIC_AUTH_TOKEN: 'tok',
    ANTHROPIC_BASE_URL: 'http://x',
    OPENAI_API_KEY: 'key',
    OPENAI_BASE_URL: 'http://x',
    OPENROUTER_API_KEY: 'key',
    GITHUB_TOKEN: 'tok',
    GH_TOKEN: 'tok',
    CURSOR_API_KEY: 'key',
    CLAUDE_CODE_OAUTH_TOKEN: 'tok',
    CODEWITH_HOME: '/mine',
    CURSOR_CONFIG_DIR: '/mine',
    OPENCODE_CONFIG_DIR: '/mine',
    AICOPILOT_CONFIG_DIR: '/mine',
    XDG_CONFIG_HOME: '/mine',
    XDG_DATA_HOME: '/mine',
    XDG_STATE_HOME: '/mine',
    XDG_CACHE_HOME: '/mine',
  };
  Object.assign(user.env, inherited, { HARMLESS: 'yes' });
  const dir = profileDir('CLAUDE_CONFIG_DIR', 'echo "export GH_TOKEN=of-acc"');
  const ran = await user.run(claude());
  expect(ran).toMatchObject({ status: 'succeeded', accountProfile: 'work', accountTool: 'claude' });
  const seen = variables(ran.stdout);
  expect(user.text('asked')).toBe('env work --tool claude\n');
  expect(
    Object.keys(inherited)
      .filter((name) => name in seen)
      .sort(),
  ).toEqual(['CLAUDE_CONFIG_DIR', 'GH_TOKEN']);
  expect(seen).toMatchObject({
    CLAUDE_CONFIG_DIR: dir,
    GH_TOKEN: 'of-acc',
    HARMLESS: 'yes',
    TEND_ACCOUNT_PROFILE: 'work',
    LOOPS_ACCOUNT_PROFILE: 'work',
    TEND_ACCOUNT_TOOL: 'claude',
    LOOPS_ACCOUNT_TOOL: 'claude',
  });
  const { account: _account, ...without } = claude();
  const own = await user.run(without);
  expect(variables(own.stdout)).toMatchObject(inherited);
  expect(own).not.toHaveProperty('accountProfile');
  expect(user.text('asked')).toBe('env work --tool claude\n');
});

test("a target's own variables go before those of its account", async () => {
  profileDir('CLAUDE_CONFIG_DIR', 'echo export REGION=account');
  expect((await user.run(claude({ env: { REGION: 'target' } }))).stdout).toContain('REGION=target\n');
});

test('the account of a step goes before that of its target, and names its own tool', async () => {
  profileDir('CODEX_HOME');
  const ran = await user.run(claude(), { account: { profile: 'night', tool: 'codex-app' } });
  expect(ran).toMatchObject({ status: 'succeeded', accountProfile: 'night', accountTool: 'codex-app' });
  expect(user.text('asked')).toBe('env night --tool codex-app\n');
});

test('a command names the tool of its account itself', async () => {
  const dir = profileDir('TOOL_HOME');
  const command = { type: 'command', command: 'echo $TOOL_HOME', shell: true } as const;
  expect((await user.run({ ...command, account: { profile: 'p', tool: 'gh' } })).stdout).toBe(`${dir}\n`);
  const ran = await user.run({ ...command, account: { profile: 'p' } });
  expect(ran).toMatchObject({ status: 'failed', error: expect.stringContaining('--account-tool') });
});

describe('a failed attempt, before the provider is started', () => {
  const CASES: [what: string, text: string, script: string | undefined][] = [
    ['accounts exits with 7 [loops 145]', 'accounts env failed: it exited with code 7', 'exit 7'],
    [
      'there is no accounts [loops 145]',
      'accounts env failed: Cannot run "accounts": Executable not found in PATH',
      undefined,
    ],
    ['it exports nothing', 'accounts env failed: it exported no variable', 'echo CLAUDE_CONFIG_DIR=/tmp'],
    [
      'the profile directory is missing [loops 146]',
      'profile directory "/no/such/dir": there is no such directory',
      'echo export CLAUDE_CONFIG_DIR=/no/such/dir',
    ],
    [
      'of another tool, its first value is no directory [loops 146]',
      'profile directory "/no": there is no such directory',
      'echo export A=/no; echo export B=/tmp',
    ],
  ];
  test.each(CASES)('%s', async (_, text, script) => {
    if (script !== undefined) user.program('accounts', script);
    const ran = await user.run(claude());
    expect(ran).toMatchObject({ status: 'failed', error: expect.stringContaining(text) });
    expect(ran).not.toHaveProperty('pid');
    expect(user.text('ran')).toBe('');
  });

  test.each(['', '-p', '--tool', 'a b', 'a/b', 'x'.repeat(129)])(
    'a profile that is called %j is not asked for',
    async (profile) => {
      user.program('accounts', 'touch "$HOME/asked"; echo export CLAUDE_CONFIG_DIR=/tmp');
      expect(await user.run(claude({ account: { profile } }))).toMatchObject({ status: 'failed' });
      expect(user.text('asked') + user.text('ran')).toBe('');
    },
  );
});

test('what accounts prints is read and never run [loops 147]', async () => {
  const dir = profileDir(
    'CLAUDE_CONFIG_DIR',
    `cat <<'END'
export A=$(touch "$HOME/pwned")
export B=\`touch "$HOME/pwned"\`
export C="$(touch $HOME/pwned)"
export D='x'; touch "$HOME/pwned"
touch "$HOME/pwned"
END`,
  );
  const ran = await user.run(claude());
  expect(ran.status).toBe('succeeded');
  expect(user.text('ran')).toBe('');
  const seen = variables(ran.stdout);
  expect(seen).toMatchObject({ CLAUDE_CONFIG_DIR: dir, C: '$(touch $HOME/pwned)' });
  for (const name of ['A', 'B', 'D']) expect(seen).not.toHaveProperty(name);
});

test.each([
  ['export A=bare-value/1.2:3@x', { A: 'bare-value/1.2:3@x' }],
  ['export A=', { A: '' }],
  [`export A='single $HOME "quoted"'`, { A: 'single $HOME "quoted"' }],
  [`export A='it'\\''s'`, { A: "it's" }],
  ['export A="json \\"quoted\\" \\u0041"', { A: 'json "quoted" A' }],
  ['export A="no end', {}],
  [`export A='no end`, {}],
  ['export A="two" "words"', {}],
  ['export A=two words', {}],
  ['A=not-exported', {}],
  ['export A', {}],
  ['export 1A=x', {}],
  ['export A-B=x', {}],
  ['export  A=x', {}],
  ['# export A=x', {}],
  ['export A=1\r\nexport B=2\r\n', { A: '1', B: '2' }],
])('of %j is taken %j', (text, values) => {
  expect(exportsIn(text)).toEqual(values);
});
