import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Step } from '../fakes/agents/wire.js';
import { forEachAgent, living, openAgentHouse, settlements, until } from './house.js';

interface Failure {
  step: Step;
  /** Nothing listens where the model should be. */
  down?: true;
  env?: Record<string, string>;
  /** What the row of the failed beat says: the reason, in the words of the CLI or ours. */
  says: RegExp;
}

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
  'a stream that is cut': { step: { text: 'x'.repeat(400), cut: true }, says: /\S/ },
  'the token limit': { step: { text: '{"action":"no', stop: 'length' }, says: /^runner-truncated: / },
  'an empty answer': { step: { text: '' }, says: /\S/ },
};

interface Row {
  kind: string;
  ok: boolean;
  summary: string;
}

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
          const row = await until('a beat failed', () => rows().find((one) => one.kind === 'beat'), 110_000);
          expect(row).toMatchObject({ ok: false, summary: expect.stringMatching(failure.says) });
          expect(house.journal()).toEqual([]);
          expect(settlements(house).length).toBeGreaterThanOrEqual(1);
          await house.must(['down']);
          expect(living(house)).toEqual([]);
        } finally {
          await house.leave();
        }

        function rows(): Row[] {
          const dir = join(house.root, 'runs');
          if (!existsSync(dir)) return [];
          return readdirSync(dir)
            .filter((name) => name.endsWith('.ndjson'))
            .flatMap((name) => house.text(`runs/${name}`).split('\n'))
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as Row);
        }
      },
    );
  });
});
