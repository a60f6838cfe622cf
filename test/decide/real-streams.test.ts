/** What a beat makes of what real CLIs printed: the stream is recorded, everything else is as in the pulse. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decide } from '../../src/decide/decide.js';
import { shellQuote } from '../../src/lib/shell-quote.js';
import { RUNNERS, runnerNamed } from '../../src/runners/registry.js';
import { type Rig, rig } from './rig.js';

let at: Rig;
beforeEach(() => {
  at = rig();
});
afterEach(() => at.remove());

const printing = (name: string, exit: number): string =>
  `cat > /dev/null; cat ${shellQuote(new URL(`../fakes/runners/streams/${name}.jsonl`, import.meta.url).pathname)}; exit ${exit}`;

test.each([
  ['claude', 'claude-e529-r0', 1, 'runner-rate-limit', true, 'overloaded_error'],
  ['claude', 'claude-nokey', 1, 'runner-auth', false, 'Not logged in'],
  ['claude', 'claude-length', 1, 'runner-truncated', false, 'output token maximum'],
  ['claude', 'claude-sig-INT-hang', 0, 'runner-interrupted', true, 'without a final event'],
  ['codex', 'codex-e401', 1, 'runner-auth', false, '401'],
  ['opencode', 'opencode-e429', 1, 'runner-rate-limit', true, 'rate_limit_error'],
  ['pi', 'pi-e500', 0, 'runner-error', true, '500'],
  ['pi', 'pi-length', 0, 'runner-truncated', false, 'length'],
] as const)(
  '%s that printed %s and exited with %d is a failed beat with code %s',
  async (name, stream, exit, code, retryable, words) => {
    const config = { tick_command: printing(stream, exit) };
    const deps = at.deps([], { runner: runnerNamed(name)!, config, knobs: { callRetries: 0 } });
    const result = await decide(deps, at.request());
    expect(result).toMatchObject({ state: 'failed', code, retryable, error: expect.stringContaining(words) });
    expect(at.spend().map((row: { kind: string }) => row.kind)).toEqual(['reserve', 'settle']);
  },
);

test('tokens of a CLI that names no cost are settled by the prices of the config', async () => {
  const config = { tick_command: printing('codex-shell', 0), prices: { default: { input: 1000, output: 5000 } } };
  const result = await decide(
    at.deps([], { runner: RUNNERS.codex, config, knobs: { decidesPerHour: 1 } }),
    at.request(),
  );
  // "DONE" is no move, and a second call is not allowed: the failed beat has cost what it has cost.
  expect(result).toMatchObject({ state: 'failed', run: { usage: { input_tokens: 200, output_tokens: 40, usd: 0.4 } } });
  expect(at.spend().at(-1)).toMatchObject({ kind: 'settle', usd: 0.4, tokens: 240, metered: true });
});

test('a decider is quiet by itself, and what the user has set goes first', async () => {
  const config = {
    tick_command: 'echo "{\\"action\\":\\"noop\\",\\"reason\\":\\"$DISABLE_AUTOUPDATER $API_TIMEOUT_MS\\"}"',
  };
  const deps = at.deps([], { runner: RUNNERS.claude, config });
  const env: typeof deps.env = (mark, extra) => ({ ...deps.env(mark, extra), API_TIMEOUT_MS: '7' });
  expect(await decide({ ...deps, env }, at.request())).toMatchObject({ decided: { move: { reason: '1 7' } } });
});
