import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffSeconds, healed, nextMidnight, type WakeInput, wake } from '../../src/decide/wake.js';
import { resolveKnobs } from '../../src/model/knobs.js';
import type { Memory } from '../../src/model/memory.js';
import type { DaySpend } from '../../src/model/spend.js';
import { emptyMemory } from '../../src/store/memory.js';

const NOW_S = 1_800_000_000;
const knobs = resolveKnobs({}, {}).knobs;
const spend: DaySpend = { usd: 0, tokens: 0, runs: 0, unmetered: 0, raisedUsd: 0, raisedTokens: 0, raises: 0 };
const committed = (over: Partial<NonNullable<Memory['committed']>> = {}) => ({
  hash: 'h1',
  items: {},
  ts: NOW_S - 100,
  noop: false,
  ...over,
});

type Case = Partial<Omit<WakeInput, 'memory' | 'knobs'>> & {
  memory?: Partial<Memory>;
  knobs?: Partial<WakeInput['knobs']>;
};

function look(over: Case = {}) {
  return wake({
    world: { hash: 'h1', policyHash: 'p1' },
    now: NOW_S * 1_000,
    forced: false,
    spend,
    ...over,
    memory: { ...emptyMemory(), committed: committed(), ...over.memory },
    knobs: { ...knobs, ...over.knobs },
  });
}

const failed = (fails: number, agoS: number, policyHash = 'p1') => ({
  backoff: { fails, ts: NOW_S - agoS, policyHash },
});
const changed = { world: { hash: 'h2', policyHash: 'p1' } };

test.each<[string, Case, string]>([
  ['an unchanged world is left alone', {}, 'unchanged'],
  ['a changed world is looked at', changed, 'think'],
  ['the first look ever thinks', { memory: { committed: undefined } as never }, 'think'],
  ['a forced look thinks although nothing changed', { forced: true }, 'think'],
  ['a due wake-up thinks although nothing changed', { memory: { nextWake: { due_ts: NOW_S } } }, 'think'],
  ['a wake-up that is not due yet does not', { memory: { nextWake: { due_ts: NOW_S + 1 } } }, 'unchanged'],
  ['a fresh noop holds', { memory: { committed: committed({ noop: true, ts: NOW_S - 21_599 }) } }, 'unchanged'],
  ['an aged noop is decided anew', { memory: { committed: committed({ noop: true, ts: NOW_S - 21_600 }) } }, 'think'],
  ['an aged real move is not', { memory: { committed: committed({ ts: NOW_S - 99_999 }) } }, 'unchanged'],
  [
    'noop ageing can be switched off',
    { memory: { committed: committed({ noop: true, ts: 1 }) }, knobs: { noopTtlS: 0 } },
    'unchanged',
  ],
  ['one failure waits a minute', { ...changed, memory: failed(1, 59) }, 'backoff'],
  ['and no longer', { ...changed, memory: failed(1, 60) }, 'think'],
  [
    'a moving world does not cut the wait short',
    { world: { hash: 'h9', policyHash: 'p1' }, memory: failed(9, 299) },
    'backoff',
  ],
  ['the wait never exceeds five minutes', { ...changed, memory: failed(50, 300) }, 'think'],
  ['an edited policy cuts the wait short', { world: { hash: 'h2', policyHash: 'p2' }, memory: failed(9, 0) }, 'think'],
  ['an unknown policy of a lost memory does not', { ...changed, memory: failed(4, 0, '') }, 'backoff'],
  ['a forced look waits like any other', { forced: true, memory: failed(2, 10) }, 'backoff'],
  [
    'at the hourly cap it waits',
    { ...changed, memory: { decides: [NOW_S - 10, NOW_S - 20] }, knobs: { decidesPerHour: 2 } },
    'cap',
  ],
  [
    'attempts older than an hour do not count',
    { ...changed, memory: { decides: [NOW_S - 10, NOW_S - 3_600] }, knobs: { decidesPerHour: 2 } },
    'think',
  ],
  [
    'no cap when it is 0',
    { ...changed, memory: { decides: Array(500).fill(NOW_S) }, knobs: { decidesPerHour: 0 } },
    'think',
  ],
  ['a spent budget waits', { ...changed, spend: { ...spend, usd: 10 } }, 'budget'],
  [
    'the wait after a failure is named before the cap',
    { ...changed, memory: { ...failed(1, 0), decides: [NOW_S] }, knobs: { decidesPerHour: 1 } },
    'backoff',
  ],
])('%s', (_, input, expected) => {
  const result = look(input);
  expect(result.think ? 'think' : result.gate).toBe(expected);
});

test.each<[string, Case, number | undefined]>([
  ['the end of the wait', { ...changed, memory: failed(3, 40) }, (NOW_S - 40 + 240) * 1_000],
  [
    'the moment the oldest attempt ages out',
    { ...changed, memory: { decides: [NOW_S - 5, NOW_S - 3_000] }, knobs: { decidesPerHour: 2 } },
    (NOW_S + 600) * 1_000,
  ],
  [
    'with more attempts than the cap, the moment there are fewer',
    { ...changed, memory: { decides: [NOW_S - 3_000, NOW_S - 2_000, NOW_S - 1_000] }, knobs: { decidesPerHour: 2 } },
    (NOW_S + 1_600) * 1_000,
  ],
  ['local midnight', { ...changed, spend: { ...spend, usd: 11 } }, nextMidnight(NOW_S * 1_000)],
  [
    'the wake-up that comes first',
    { memory: { nextWake: { due_ts: NOW_S + 200 }, committed: committed({ noop: true }) } },
    (NOW_S + 200) * 1_000,
  ],
  ['nothing when only a change can help', {}, undefined],
])('an idle look names its end: %s', (_, input, until) => {
  const result = look(input);
  expect(result.think ? 'think' : result.until).toBe(until);
});

test('backoff doubles from a minute to five', () => {
  expect([0, 1, 2, 3, 4, 5, 1_000].map(backoffSeconds)).toEqual([0, 60, 120, 240, 300, 300, 300]);
});

test('a clock that went back a year stops the loop for minutes only, because the memory is healed', () => {
  const ahead = NOW_S + 365 * 86_400;
  const memory: Memory = {
    ...emptyMemory(),
    committed: committed({ ts: ahead, noop: true }),
    backoff: { fails: 9, ts: ahead, policyHash: 'p1' },
    decides: [ahead, ahead],
    nextWake: { due_ts: ahead },
    goalActivity: { old: 5, ahead },
  };
  const first = look({ ...changed, memory });
  expect(first).toMatchObject({ think: false, gate: 'backoff', until: (NOW_S + 300) * 1_000 });
  const stored = healed(memory, knobs, NOW_S * 1_000);
  expect(look({ ...changed, memory: stored, now: (NOW_S + 300) * 1_000 }).think).toBe(true);
  expect(stored.goalActivity).toEqual({ old: 5, ahead: NOW_S });
  expect(healed(stored, knobs, NOW_S * 1_000)).toBe(stored);
});

const memories = fc.record({
  committed: fc.option(
    fc.record({ hash: fc.constantFrom('h1', 'h2'), items: fc.constant({}), ts: fc.nat(), noop: fc.boolean() }),
    { nil: undefined },
  ),
  backoff: fc.option(fc.record({ fails: fc.nat(100), ts: fc.nat(), policyHash: fc.constantFrom('', 'p1', 'p2') }), {
    nil: undefined,
  }),
  nextWake: fc.option(fc.record({ due_ts: fc.nat() }), { nil: undefined }),
  decides: fc.array(fc.nat(), { maxLength: 10 }),
});

test('whatever the stamps say, a stored look thinks within the longest wait there is', () => {
  fc.assert(
    fc.property(memories, fc.nat(), (parts, nowS) => {
      const memory = { ...emptyMemory(), ...parts } as Memory;
      const input = { ...changed, now: nowS * 1_000, knobs: { decidesPerHour: 3 } };
      const result = look({ ...input, memory, world: { hash: 'h3', policyHash: 'p1' } });
      if (result.think) return;
      expect(result.until! / 1_000).toBeGreaterThan(nowS);
      expect(result.until! / 1_000).toBeLessThanOrEqual(nowS + 3_600);
      const later = look({
        ...input,
        world: { hash: 'h3', policyHash: 'p1' },
        memory: { ...healed(memory, knobs, nowS * 1_000), decides: [] },
        now: result.until!,
      });
      expect(later.think).toBe(true);
    }),
  );
});

test('thinking is never allowed beyond the cap, however the attempts are stamped', () => {
  fc.assert(
    fc.property(memories, fc.nat(), (parts, nowS) => {
      const memory = { ...emptyMemory(), ...parts, backoff: undefined } as unknown as Memory;
      const attempts = memory.decides.filter((ts) => ts > nowS - 3_600).length;
      const result = look({ forced: true, memory, now: nowS * 1_000, knobs: { decidesPerHour: 2 } });
      expect(result.think).toBe(attempts < 2);
    }),
  );
});
