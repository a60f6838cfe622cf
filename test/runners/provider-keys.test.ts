import { expect, test } from 'vitest';
import { envFor, PROVIDER_KEYS } from '../../src/runners/provider-keys.js';
import { RUNNERS } from '../../src/runners/registry.js';
import type { Runner } from '../../src/runners/runner.js';

const ENV = {
  HOME: '/home/me',
  GITHUB_TOKEN: "not a provider's",
  ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
  ...Object.fromEntries([...PROVIDER_KEYS].map((name) => [name, `value of ${name}`])),
};
const keysIn = (env: object) => Object.keys(env).filter((name) => PROVIDER_KEYS.has(name));

test.each<[string | undefined, readonly string[], readonly string[]]>([
  [RUNNERS.claude.tick, ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN'], ['OPENAI_API_KEY', 'CODEX_API_KEY']],
  [RUNNERS.claude.worker, ['ANTHROPIC_API_KEY'], ['OPENAI_API_KEY', 'GEMINI_API_KEY']],
  ['/opt/bin/claude -p --model opus', ['ANTHROPIC_API_KEY'], ['OPENAI_API_KEY']],
  [RUNNERS.codex.tick, ['OPENAI_API_KEY', 'CODEX_API_KEY'], ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_OAUTH_TOKEN']],
  [RUNNERS.codex.worker, ['OPENAI_API_KEY'], ['ANTHROPIC_API_KEY']],
  [RUNNERS.opencode.tick, ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY'], ['CLAUDE_CODE_OAUTH_TOKEN', 'CODEX_API_KEY']],
  [RUNNERS.pi.worker, ['ANTHROPIC_API_KEY', 'GEMINI_API_KEY'], ['OPENCODE_API_KEY']],
  [undefined, [], ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'CODEX_API_KEY']],
])('%j inherits its own keys and no others', (command, kept, gone) => {
  const names = keysIn(envFor(ENV, command));
  expect(names).toEqual(expect.arrayContaining([...kept]));
  for (const name of gone) expect(names).not.toContain(name);
});

test('what is no key of a provider is inherited by all, and the user may pass a key on', () => {
  expect(envFor(ENV, undefined)).toMatchObject({
    HOME: '/home/me',
    GITHUB_TOKEN: "not a provider's",
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
  });
  expect(keysIn(envFor(ENV, undefined, ['OPENAI_API_KEY']))).toEqual(['OPENAI_API_KEY']);
});

test("a program that no runner knows is the user's own wiring and gets what it would get when they type it", () => {
  for (const command of ['./decide.sh', 'if true; then claude; fi', 'my-agent {{prompt_file}}'])
    expect(envFor(ENV, command)).toEqual(ENV);
});

test('every runner with a program of its own says whose keys it needs', () => {
  for (const runner of Object.values<Runner>(RUNNERS).filter((one) => one.program))
    expect([runner.name, (runner.providerEnv ?? []).length > 0 || runner.anyProvider]).toEqual([runner.name, true]);
});
