import { describe, expect } from 'vitest';
import type { Step } from '../fakes/agents/wire.js';
import { forEachAgent, living, openAgentHouse, runRows, type Settled, settlements, until } from './house.js';

interface Failure {
  step: Step;
  /** Nothing listens where the model should be. */
  down?: true;
  env?: Record<string, string>;
  /** What the row of the failed beat says: the reason, in the words of the CLI or ours. */
  says: RegExp;
  /** What the ledger has of each call. */
  counts?: (call: Settled) => boolean;
  /** Calls of the beat. */
  calls?: number;
  /** The next beat comes by itself, after the wait, and succeeds when the model does. */
  goesOn?: true;
}

/** The wait after the first failed beat is a minute, and opencode tries for as long before it fails. */
const PATIENCE_MS = 300_000;

// What can go wrong with a model, and what a human reads then. The CLIs retry by themselves first, opencode for over a minute.
const FAILURES: Record<string, Failure> = {
  'a rate limit (429)': { step: { status: 429, headers: { 'retry-after': '1' } }, says: /^runner-rate-limit: / },
  // codex prints the same words for it as for an overload.
  'a server error (500)': {
    step: { status: 500 },
    says: /^runner-(?:failed|error|rate-limit): .*(?:500|server|api.?error|high demand)/i,
  },
  'an overload (529)': { step: { status: 529 }, says: /^runner-rate-limit: / },
  'a wrong key (401)': { step: { status: 401 }, says: /^runner-auth: / },
  'no answer at all': {
    step: { hang: true },
    env: { TEND_TICK_TIMEOUT_SECS: '12' },
    says: /^runner-timeout: .*after 12 s/,
  },
  'nobody at the endpoint': { step: {}, down: true, says: /^runner-unreachable: / },
  // Each in its own words, after it has tried again by itself; a CLI that asks once more without a stream is cut there too.
  'a stream that is cut': {
    step: { text: 'x'.repeat(400), cut: true },
    says: /^runner-(?:failed|error|unreachable): .*(?:disconnect|connection|reset|terminated|closed|network|socket)/i,
    counts: ({ usd }) => usd > 0,
    goesOn: true,
  },
  'the token limit': { step: { text: '{"action":"no', stop: 'length' }, says: /^runner-truncated: / },
  // It was paid for like any other, and asked for once more.
  'an empty answer': {
    step: { text: '' },
    says: /^no-decision: No valid move, also after one repair call: the message is empty/,
    counts: ({ usd, tokens }) => usd > 0 && tokens >= 100,
    calls: 2,
    goesOn: true,
  },
};

describe.concurrent('a model that fails', () => {
  forEachAgent((agent, test) => {
    test.each(Object.entries(FAILURES))(
      '%s ends the beat with its reason, and nothing lives on',
      async (_name, failure) => {
        const house = await openAgentHouse(agent, failure.env);
        try {
          await house.must(['init', '--runner', agent, '--yes']);
          house.model.always(failure.step);
          if (failure.down) await house.model.close();
          await house.up();
          const row = await until('a beat failed', () => runRows(house).find((one) => one.kind === 'beat'), 110_000);
          expect(row).toMatchObject({ ok: false, summary: expect.stringMatching(failure.says) });
          expect(house.journal()).toEqual([]);
          const calls = settlements(house);
          expect(calls.length).toBeGreaterThanOrEqual(failure.calls ?? 1);
          if (failure.counts) expect(calls.filter((call) => !failure.counts?.(call))).toEqual([]);
          if (failure.goesOn) {
            expect(await house.must(['status'])).toMatch(/waiting after 1 failed beat in a row, the last: /);
            expect((await house.asks()).filter((ask) => !ask.id.startsWith('setup-'))).toEqual([]);
            house.model.decide({ action: 'ask_human', prompt: 'Green or black?' });
            house.model.always(undefined);
            await until(
              'the next beat',
              async () => (await house.asks()).some((ask) => /Green/.test(ask.prompt)),
              110_000,
            );
          }
          await house.must(['down']);
          expect(living(house)).toEqual([]);
        } finally {
          await house.leave();
        }
      },
      PATIENCE_MS,
    );
  });
});
