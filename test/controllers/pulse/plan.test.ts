import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextBeatAt, planApprovals } from '../../../src/controllers/pulse/plan.js';
import type { Answer, Ask } from '../../../src/model/ask.js';

const ask = (id: string, world: string, ts = 100): Ask => ({
  format: 1,
  id,
  worker: 'gate',
  kind: 'approval',
  urgency: 'normal',
  ts,
  prompt: 'Run this?',
  proposal: { move: { action: 'run_shell', cmd: 'true' }, digest: 'd', world },
});
const answer = (id: string): Answer => ({
  format: 1,
  id,
  outcome: 'answered',
  ts: 101,
  by: 'me',
  channel: 'cli',
  answer: 'yes',
});

test.each([
  ['a pending approval of this world stays', [{ ask: ask('gate-1', 'w') }], []],
  ['a pending approval of another world expires', [{ ask: ask('gate-1', 'old') }], ['expire gate-1']],
  ['an answered approval is settled', [{ ask: ask('gate-1', 'w'), answer: answer('gate-1') }], ['settle gate-1']],
  [
    'an answered approval of another world is settled too: the door says that it expired',
    [{ ask: ask('gate-1', 'old'), answer: answer('gate-1') }],
    ['settle gate-1'],
  ],
  [
    'the oldest comes first',
    [{ ask: ask('gate-9', 'old', 300) }, { ask: ask('gate-10', 'old', 200) }],
    ['expire gate-10', 'expire gate-9'],
  ],
])('%s', (_name, approvals, steps) => {
  expect(planApprovals(approvals, 'w').map((step) => `${step.do} ${step.ask.id}`)).toEqual(steps);
});

test('the next beat is never in the past and never later than the interval', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e12 }),
      fc.integer({ min: 1, max: 3600 }),
      fc.option(fc.integer({ min: 0, max: 5e9 })),
      fc.option(fc.integer({ min: 0, max: 5e12 })),
      (now, intervalS, due, held) => {
        const at = nextBeatAt({
          now,
          intervalS,
          ...(due === null ? {} : { dueTs: due }),
          ...(held === null ? {} : { heldUntil: held }),
        });
        expect(at).toBeGreaterThan(now);
        expect(at).toBeLessThanOrEqual(now + intervalS * 1000);
      },
    ),
  );
});
