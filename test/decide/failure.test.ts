import { afterEach, beforeEach, expect, test } from 'vitest';
import { breakerStamp, eased, endBreakerAsk, withBreakerAsk } from '../../src/decide/breaker.js';
import { type DecideDeps, type DecideResult, decide } from '../../src/decide/decide.js';
import { retryPauseMs, sameCause } from '../../src/decide/failure.js';
import { afterFailure, afterSuccess } from '../../src/decide/remember.js';
import { healed, wake } from '../../src/decide/wake.js';
import { localMinute } from '../../src/model/instant.js';
import { resolveKnobs } from '../../src/model/knobs.js';
import type { Memory } from '../../src/model/memory.js';
import { daySpend } from '../../src/policy/budget.js';
import { archivePair, readMailbox, recordAnswer } from '../../src/store/asks.js';
import { emptyMemory } from '../../src/store/memory.js';
import { type Rig, rig } from './rig.js';

const NOW = new Date(2026, 10, 21, 12).getTime();
const NOW_S = NOW / 1_000;
const knobs = resolveKnobs({}, {}).knobs;

let at: Rig;
beforeEach(() => {
  at = rig();
});
afterEach(() => at.remove());

const failure = { code: 'runner-failed', error: 'e', retryable: true };
test.each<[string, Parameters<typeof retryPauseMs>[0], object, number | undefined]>([
  ['an overload is tried again after 2 s', { ...failure, reason: 'rate_limit' }, {}, 2_000],
  ['then after 8 s', { ...failure, reason: 'unreachable' }, { retry: 1 }, 8_000],
  ['and never after more than 32 s', { ...failure, transient: true }, { retry: 6, retries: 9 }, 32_000],
  ['no more often than allowed', { ...failure, reason: 'rate_limit' }, { retry: 2 }, undefined],
  ['not at all when switched off', { ...failure, reason: 'rate_limit' }, { retries: 0 }, undefined],
  ['not after a call that took long', { ...failure, reason: 'rate_limit' }, { tookMs: 5_000 }, undefined],
  ['not when it cannot help', { ...failure, retryable: false, reason: 'rate_limit' }, {}, undefined],
  ['not for an error of no known kind', { ...failure, reason: 'error' }, {}, undefined],
  ['a named time that is near is waited for', { ...failure, reason: 'rate_limit', retryAt: NOW_S + 20 }, {}, 20_000],
  ['one that is far is not, within a beat', { ...failure, reason: 'rate_limit', retryAt: NOW_S + 60 }, {}, undefined],
  ['one that has passed shortens nothing', { ...failure, reason: 'rate_limit', retryAt: NOW_S - 60 }, {}, 2_000],
])('further calls within a beat: %s', (_, failed, how, expected) => {
  expect(retryPauseMs(failed, { retry: 0, retries: 2, tookMs: 100, nowS: NOW_S, ...how })).toBe(expected);
});

const failing = (n: number, text: string, code = 1) => ['fail-until', String(n), text, String(code)];
const run = (mode: string[], over: Parameters<Rig['deps']>[1] = {}): Promise<DecideResult> =>
  decide(at.deps(mode, over), at.request());

test('a call that failed for a moment is made again within the beat; each is reserved, counted and kept', async () => {
  const result = await run(failing(2, '529 overloaded'));
  expect(result).toMatchObject({ state: 'move', decided: { move: { reason: 'at last' } }, run: { calls: 3 } });
  expect(at.pauses).toEqual([2_000, 8_000]);
  expect(at.nCalls()).toBe(3);
  expect(result.memory.decides).toHaveLength(3);
  const reserved = at
    .spend()
    .filter((row) => row.kind === 'reserve')
    .map((row) => row.run.replace(/^[^#]*/, ''));
  expect(reserved).toEqual(['', '#2', '#3']);
  expect(at.runFiles().names).toEqual(expect.arrayContaining(['output.log', 'output-2.log', 'output-3.log']));
  expect(at.events().match(/call\.retry/g)).toHaveLength(2);
});

test('after the last try the beat fails, and what it waits for is the usual backoff', async () => {
  const result = await run(failing(9, 'connect ECONNREFUSED'));
  expect(result).toMatchObject({
    state: 'failed',
    code: 'runner-unreachable',
    reason: 'unreachable',
    run: { calls: 3 },
  });
});

test.each<[string, Parameters<Rig['deps']>[1], string]>([
  ['the hourly cap', { knobs: { decidesPerHour: 2 } }, 'the hourly cap is reached'],
  ['the budget', { knobs: { dayUsd: 0.1, runEstimateUsd: 0.05 } }, '$0.10 of $0.10 are spent today'],
])('%s ends the tries', async (_, over, why) => {
  const result = await run(failing(9, '429'), over);
  expect(result).toMatchObject({
    state: 'failed',
    error: expect.stringContaining(`not tried again in this beat: ${why}`),
  });
  expect(at.nCalls()).toBe(2);
  // What may not be called is not waited for either.
  expect(at.pauses).toEqual([2_000]);
});

test('told to stop in the pause, no further call is made', async () => {
  const stop = new AbortController();
  const pause: DecideDeps['pause'] = async () => stop.abort();
  const result = await run(failing(9, '429'), { pause, signal: stop.signal });
  expect(result).toMatchObject({ state: 'failed', code: 'aborted' });
  expect(at.nCalls()).toBe(1);
});

test.each([
  ['a wrong flag', failing(9, "error: unknown option '--x'"), 'runner-failed'],
  ['no program', failing(9, 'tend-no-such-cli: command not found', 127), 'spawn'],
  ['no login', failing(9, '401 Unauthorized'), 'auth'],
])('%s is not tried again, and is known as one that only a human mends', async (_, mode, cause) => {
  const result = await run(mode);
  expect(result).toMatchObject({ state: 'failed', retryable: false });
  expect(at.nCalls()).toBe(1);
  expect(result.state === 'failed' && sameCause(result)).toBe(cause);
});

const world = { hash: 'h', policyHash: 'p' };
const look = (memory: Memory, over: object = {}) =>
  wake({ world, memory, knobs, now: NOW, forced: false, spend: daySpend([]), ...over });
const failedAt = (memory: Memory, cause: { same?: string; retryAt?: number }, ts = NOW, breakerFails = 3) =>
  afterFailure(memory, {
    code: 'c',
    error: 'out of it',
    now: ts,
    policyHash: 'p',
    cause: { ...cause, stamp: 's', breakerFails },
  });

test('a quota with a reset time is waited out: an edit does not shorten it, a forced look passes it, a day bounds it', () => {
  const memory = failedAt(emptyMemory(), { retryAt: NOW_S + 7_200 });
  const until = NOW + 7_200_000;
  expect(look(memory)).toMatchObject({ think: false, gate: 'quota', until });
  expect(look(memory)).toMatchObject({ why: `the provider's quota is used up until ${localMinute(until)}: out of it` });
  expect(look(memory, { world: { hash: 'h2', policyHash: 'p2' } })).toMatchObject({ gate: 'quota' });
  expect(look(memory, { forced: true, world: { hash: 'h', policyHash: 'p2' } }).think).toBe(true);
  expect(look(memory, { now: until - 1_000 })).toMatchObject({ gate: 'quota' });
  expect(look(memory, { now: until }).think).toBe(true);
  expect(failedAt(emptyMemory(), { retryAt: NOW_S + 9e9 }).quota?.until_ts).toBe(NOW_S + 86_400);
  expect(failedAt(emptyMemory(), { retryAt: NOW_S - 1 }).quota).toBeUndefined();
  // The provider said something else the next time, and a rule that acts meanwhile says nothing about it.
  expect(failedAt(memory, {}).quota).toBeUndefined();
  const ruled = { memory, decided: { move: { action: 'noop' as const } }, by: 'rule' as const, lookAgain: false };
  expect(afterSuccess(ruled, { world: { hash: 'h', items: {} }, now: NOW, knobs }).quota).toEqual(memory.quota);
});

test('a clock that is set back makes the wait for a quota no longer than it was meant to be', () => {
  const memory = failedAt(emptyMemory(), { retryAt: NOW_S + 7_200 });
  const yearAgo = NOW - 365 * 86_400_000;
  const mended = healed(memory, knobs, yearAgo);
  expect(mended.quota).toEqual({ ts: yearAgo / 1_000, until_ts: yearAgo / 1_000 + 7_200 });
  expect(look(mended, { now: yearAgo + 7_200_000 })).not.toMatchObject({ gate: 'quota' });
});

test('the pause after failures that cannot mend themselves: only the same cause counts, and 0 switches it off', () => {
  let memory = emptyMemory();
  for (const same of ['auth', 'auth', undefined, 'auth', 'spawn', 'auth', 'auth'])
    memory = failedAt(memory, same === undefined ? {} : { same });
  expect(memory.breaker).toMatchObject({ cause: 'auth', fails: 2, open: false });
  // A failed move is not about the model.
  memory = afterFailure(memory, { code: 'exit-code', error: 'e', now: NOW, policyHash: 'p' });
  expect(look(memory)).not.toMatchObject({ gate: 'breaker' });
  memory = failedAt(memory, { same: 'auth' });
  expect(look(memory, { now: NOW + 9e9 })).toMatchObject({ think: false, gate: 'breaker' });
  expect(look(memory, { forced: true, now: NOW + 9e9 }).think).toBe(true);
  for (let n = 0; n < 9; n++) memory = failedAt(emptyMemory(), { same: 'auth' }, NOW, 0);
  expect(memory.breaker).toBeUndefined();
});

const paused = async () => {
  let memory = emptyMemory();
  for (let n = 0; n < 3; n++) memory = failedAt(memory, { same: 'auth' });
  return memory;
};
const pending = async () => (await readMailbox(at.disk)).pending;

test('the pause raises one ask, also when we died before its id was remembered', async () => {
  const memory = await paused();
  const first = await withBreakerAsk(at.disk, memory, NOW);
  const second = await withBreakerAsk(at.disk, memory, NOW);
  expect(second.breaker?.ask).toBe(first.breaker?.ask);
  expect(await withBreakerAsk(at.disk, first, NOW)).toBe(first);
  expect(await pending()).toMatchObject([
    { worker: 'pulse', kind: 'escalation', urgency: 'high', options: ['try again'] },
  ]);
  expect((await pending())[0]!.prompt).toMatch(/the runner is not logged in.*failed for it: 3\.(.|\n)*out of it/);
  expect(look(first)).toMatchObject({ why: expect.stringContaining(`answer ${first.breaker?.ask}`) });
});

test('the pause ends by an edit, by an answer and by a closed ask, and by nothing else; its ask leaves the desk', async () => {
  const memory = await withBreakerAsk(at.disk, await paused(), NOW);
  const id = memory.breaker!.ask!;
  expect(await eased(at.disk, memory, 's')).toBe(memory);
  expect(await eased(at.disk, memory, '')).toBe(memory);
  const edited = await eased(at.disk, memory, 'other');
  expect(edited).toMatchObject({ lastFailure: { code: 'c' } });
  expect([edited.breaker, edited.backoff]).toEqual([undefined, undefined]);
  recordAnswer(at.disk, { id, outcome: 'answered', answer: 'try again', by: 'me', channel: 'cli' }, NOW);
  const answered = await eased(at.disk, memory, 's');
  expect(answered.breaker).toBeUndefined();
  expect(look(answered).think).toBe(true);
  // An answer is the human's and stays; it is not ended a second time.
  endBreakerAsk(at.disk, memory, answered, NOW);
  archivePair(at.disk, id);
  expect((await eased(at.disk, memory, 's')).breaker).toBeUndefined();
  const again = await withBreakerAsk(at.disk, await paused(), NOW);
  expect(again.breaker?.ask).not.toBe(id);
  endBreakerAsk(at.disk, again, await eased(at.disk, again, 'other'), NOW);
  expect(await pending()).toEqual([]);
});

test('the stamp follows how the runner is called and the policy, and knows nothing where the policy is not known', () => {
  const stamp = breakerStamp({ tick_command: 'a' }, 'p');
  expect(breakerStamp({ tick_command: 'a', worker_command: 'w' }, 'p')).toBe(stamp);
  expect(
    new Set([stamp, breakerStamp({ tick_command: 'b' }, 'p'), breakerStamp({ tick_command: 'a' }, 'q')]).size,
  ).toBe(3);
  expect(breakerStamp({}, '')).toBe('');
});
