import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ASK_KINDS, OUTCOMES, URGENCIES } from '../../src/model/ask.js';
import { plainAnswerHead, plainAskHead } from '../../src/model/ask-head.js';
import { answerHeadSchema, askHeadSchema } from '../../src/model/ask-schema.js';
import { LIMITS } from '../../src/model/limits.js';
import { check } from '../../src/model/record.js';

const anything = fc.oneof(
  fc.string(),
  fc.double(),
  fc.constant(null),
  fc.boolean(),
  fc.array(fc.string()),
  fc.object(),
);
/** Mostly what belongs there, so that whole records come through; now and then something else, or nothing. */
const mostly = <T>(arb: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 30, arbitrary: arb as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: anything });
const record = (fields: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[]) =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, mostly(v)])), { requiredKeys });

const longText = fc.oneof(
  fc.string(),
  fc.constantFrom(' ', '', 'x'.repeat(LIMITS.journalLineChars), 'x'.repeat(LIMITS.journalLineChars + 1)),
);
const move = record(
  {
    action: fc.constantFrom('run_shell', 'noop', 'write_goal'),
    cmd: fc.oneof(longText, fc.constantFrom('x'.repeat(LIMITS.commandChars), 'x'.repeat(LIMITS.commandChars + 1))),
    reason: longText,
    extra: fc.string(),
  },
  ['action', 'cmd'],
);
const proposal = record(
  { move, digest: fc.string(), world: fc.string(), reason: longText, journal: fc.string(), run: fc.string() },
  ['move', 'digest', 'world'],
);
const ask = record(
  {
    format: fc.nat(3),
    id: fc.string(),
    worker: fc.string(),
    kind: fc.constantFrom(...ASK_KINDS),
    urgency: fc.constantFrom(...URGENCIES),
    ts: fc.oneof(fc.nat(), fc.double()),
    reference: fc.string(),
    options: fc.array(fc.string()),
    proposal,
    generation: fc.string(),
    waiter: fc.string(),
    from: fc.string(),
    stranger: fc.string(),
  },
  ['format', 'id', 'worker', 'kind', 'urgency', 'ts'],
);
const answer = record(
  {
    format: fc.nat(3),
    id: fc.string(),
    outcome: fc.constantFrom(...OUTCOMES),
    ts: fc.nat(),
    by: fc.string(),
    channel: fc.string(),
    digest: fc.string(),
    stranger: fc.string(),
  },
  ['format', 'id', 'outcome', 'ts', 'by', 'channel'],
);

test.each([
  ['ask', ask, plainAskHead, askHeadSchema],
  ['answer', answer, plainAnswerHead, answerHeadSchema],
] as const)('what is taken as a plain %s is exactly what the schema makes of it', (_name, arbitrary, plain, schema) => {
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary }, { weight: 1, arbitrary: anything }), (data) => {
      const head = plain(data);
      if (head === undefined) return;
      taken += 1;
      const judged = check<unknown>(schema, data);
      expect(judged.problems).toBeUndefined();
      expect(head).toStrictEqual(judged.value);
    }),
    { numRuns: 3_000 },
  );
  expect(taken, 'too few records were plain: the test is blind').toBeGreaterThan(300);
});

test('an ask with a command to approve is plain; an ask with another move, or without a kind, is left to the schema', () => {
  const head = { format: 1, id: 'gate-1', worker: 'gate', kind: 'approval', urgency: 'high', ts: 1 };
  const proposed = (of: object) => ({ ...head, proposal: { move: of, digest: 'd', world: 'w' } });
  expect(plainAskHead(proposed({ action: 'run_shell', cmd: 'git push' }))?.proposal?.move).toEqual({
    action: 'run_shell',
    cmd: 'git push',
  });
  expect(plainAskHead(proposed({ action: 'kill_worker', id: 'w1' }))).toBeUndefined();
  const { kind: _kind, ...kindless } = head;
  expect(plainAskHead(kindless)).toBeUndefined();
});
