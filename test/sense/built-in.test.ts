import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ask } from '../../src/model/ask.js';
import type { LoopSpec, LoopState } from '../../src/model/loop.js';
import type { WorkerView } from '../../src/model/worker.js';
import { asksFact, fleetFact, goalsFact, keptFact, leasesFact, spendFact } from '../../src/sense/built-in.js';
import { collectFacts } from '../../src/sense/collect-facts.js';
import { dueIn, scheduleDetail, scheduleSignal } from '../../src/sense/schedule-signal.js';
import { raiseAsk, recordAnswer } from '../../src/store/asks.js';
import { casState, createLoop } from '../../src/store/loops.js';
import {
  readSchedule,
  readSchedules,
  reanchorSchedules,
  removeSchedule,
  SCHEDULE_END_TS,
  writeSchedule,
} from '../../src/store/schedules.js';
import { fact, type Home, newHome, signalOf } from './profile.js';

const worker = (id: string, more: Partial<WorkerView> = {}): WorkerView => ({
  id,
  state: 'running',
  alive: true,
  exit_code: null,
  health: 'busy',
  idle_s: 3,
  uptime_s: 60,
  ask_age_s: null,
  verify: null,
  generation: 'g',
  pending_tells: 0,
  ...more,
});
const ask = (id: string, by: string, more: Partial<Ask> = {}): Ask => ({
  format: 1,
  id,
  worker: by,
  kind: 'question',
  urgency: 'normal',
  ts: 100,
  prompt: '?',
  ...more,
});

describe('fleet', () => {
  test('the signal holds state, exit code, health and the verdict, sorted by id; what ages is detail', () => {
    const { signal, detail } = fleetFact([worker('b', { verify: 'fail', exit_code: 1 }), worker('a')]);
    expect(signal).toEqual([
      { id: 'a', state: 'running', exit_code: null, health: 'busy' },
      { id: 'b', state: 'running', exit_code: 1, health: 'busy', verify: 'fail' },
    ]);
    expect(detail).toMatchObject({ count: 2, workers: { a: { idle_s: 3, uptime_s: 60, pending_tells: 0 } } });
  });

  test('a worker that was cut is a signal: whether a decider may still resume it; why is detail', () => {
    const cut = (left: number) => worker('a', { cut: { why: 'its supervisor died', resumed: 3 - left, left } });
    const often = fleetFact([cut(0)]);
    expect(often).toMatchObject({ detail: { workers: { a: { cut: { why: 'its supervisor died', resumed: 3 } } } } });
    expect([often, fleetFact([cut(2)]), fleetFact([worker('a')])].map(({ signal }) => signal)).toMatchObject([
      [{ can_resume: false }],
      [{ can_resume: true }],
      [expect.not.objectContaining({ can_resume: expect.anything() })],
    ]);
  });

  test('a worker that only grows older changes neither the signal nor what is kept on disk', () => {
    const young = fleetFact([worker('a')]);
    const old = fleetFact([worker('a', { idle_s: 4, uptime_s: 61, ask_age_s: 1 })]);
    expect(old.signal).toEqual(young.signal);
    expect(keptFact(old)).toEqual(keptFact(young));
    expect(keptFact(fleetFact([worker('a', { pending_tells: 1 })]))).not.toEqual(keptFact(young));
  });

  test('a worker about whom nothing is known does not look absent', () => {
    expect(fleetFact([], [{ id: 'a', reason: 'EIO' }])).toMatchObject({
      signal: [{ id: 'a', state: 'unknown' }],
      detail: { problems: { a: 'EIO' } },
    });
  });
});

describe('leases', () => {
  const lease = (name: string, more = {}) => ({ format: 1, name, session: 'web', nonce: 'n', ts: 1, ...more });

  test('they are sorted by name, and claiming again what one holds wakes nobody', () => {
    expect(leasesFact([lease('b'), lease('a')]).signal).toEqual([
      { name: 'a', session: 'web' },
      { name: 'b', session: 'web' },
    ]);
    expect(leasesFact([lease('a', { nonce: 'other', ts: 99 })]).signal).toEqual(leasesFact([lease('a')]).signal);
    expect(leasesFact([lease('a', { session: 'api' })]).signal).not.toEqual(leasesFact([lease('a')]).signal);
  });

  test('there are none without the directory, and a broken one is visible', async () => {
    const home = newHome();
    expect(signalOf(await collectFacts(home.disk, { fleet: [] }, 0), 'sys-leases')).toEqual([]);
    home.write('leases/repo.json', '{');
    expect(signalOf(await collectFacts(home.disk, { fleet: [] }, 0), 'sys-leases')).toEqual([
      { name: 'repo', unreadable: true },
    ]);
  });
});

test('goals wake nobody; the detail says when each was acted on last, null for never', () => {
  expect(goalsFact(['a', 'b'], { a: 7, gone: 8 })).toEqual({
    name: 'sys-goals',
    signal: {},
    detail: { a: { last_acted_ts: 7 }, b: { last_acted_ts: null } },
  });
});

describe('asks', () => {
  test('raising, answering and acting on an answer each move the signal', async () => {
    const home = newHome();
    const look = async () => signalOf(await collectFacts(home.disk, { fleet: [] }, 0), 'sys-asks');
    expect(await look()).toEqual({ pending: [], answered: [] });
    const raised = raiseAsk(home.disk, { worker: 'web', kind: 'question', urgency: 'normal', prompt: '?' }, 5_000);
    expect(await look()).toEqual({ pending: ['web-1'], answered: [] });
    recordAnswer(home.disk, { id: raised.id, outcome: 'answered', answer: 'yes', by: 'me', channel: 'cli' }, 6_000);
    expect(await look()).toEqual({ pending: [], answered: ['web-1'] });
    home.write('consumed/web-1.json', '{}');
    expect(await look()).toEqual({ pending: [], answered: [] });
  });

  test('an ask that cannot be read is in the signal, by its id', async () => {
    const home = newHome();
    home.write('asks/web-1.md', '---js\nnope\n---\n');
    const facts = await collectFacts(home.disk, { fleet: [] }, 0);
    expect(signalOf(facts, 'sys-asks')).toEqual({ pending: [], answered: [], unreadable: ['web-1'] });
  });

  test.each([
    ['an asker that lives', ask('w-1', 'w'), [worker('w')], false],
    ['an asker that died', ask('w-1', 'w'), [worker('w', { alive: false })], true],
    ['a worker that is gone without trace', ask('w-1', 'w', { generation: 'g' }), [], true],
    ['a name that never was a worker', ask('me-1', 'me'), [], false],
    ['the gate', ask('gate-1', 'gate', { generation: 'g' }), [], false],
    ['the pulse', ask('pulse-1', 'pulse'), [worker('pulse', { alive: false })], false],
    ['setup', ask('setup-1', 'setup'), [], false],
    ['the budget', ask('budget-1', 'budget'), [], false],
  ])('whether an ask is stranded: %s', (_what, pending, fleet, stranded) => {
    const { detail } = asksFact({ pending: [pending], answered: [], problems: [] }, fleet);
    expect(detail).toEqual({
      [pending.id]: { worker: pending.worker, kind: 'question', asked_ts: 100, stranded },
    });
  });
});

describe('timed loops', () => {
  const T0 = Date.parse('2026-01-01T00:00:00Z');
  const spec: LoopSpec = {
    format: 1,
    id: '0123456789ab',
    name: 'backup',
    schedule: { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' },
    target: { type: 'command', command: 'rsync SECRET', env: { KEY: 'SECRET' } },
    catchUp: 'latest',
    catchUpLimit: 50,
    overlap: 'skip',
    maxAttempts: 1,
    retryDelayMs: 60_000,
    leaseMs: 60_000,
    breaker: 5,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  const state: LoopState = {
    format: 1,
    rev: 1,
    status: 'active',
    nextRunAt: '2026-01-01T01:30:00.000Z',
    catchUpUsed: 0,
    failureStreak: 0,
    missed: { total: 0 },
    specHash: 'x',
    updatedAt: '2026-01-01T00:00:00.000Z',
    by: 'test',
    cause: 'create',
  };

  test('stand beside the reminders: what they run when, and never the command or its variables', async () => {
    const home = newHome();
    createLoop(home.disk, spec, state);
    const facts = await collectFacts(home.disk, { fleet: [] }, T0);
    expect(signalOf(facts, 'sys-schedules')).toEqual({ [spec.id]: { loop: 'active' } });
    const { detail } = fact(facts, 'sys-schedules');
    expect(detail).toEqual({
      [spec.id]: {
        kind: 'loop',
        name: 'backup',
        runs: 'command',
        when: 'cron 30 2 * * * in Europe/Berlin',
        next_due_ts: T0 / 1000 + 5_400,
      },
    });
    expect(JSON.stringify(facts)).not.toContain('SECRET');
  });

  test('a run that ended wakes nobody, a loop that was paused or is damaged does', async () => {
    const home = newHome();
    createLoop(home.disk, spec, state);
    const signal = async () => signalOf(await collectFacts(home.disk, { fleet: [] }, T0), 'sys-schedules');
    const before = await signal();
    const lastRun = { id: 'r', status: 'failed', finishedAt: '2026-01-01T01:31:00.000Z' };
    const failed: LoopState = { ...state, rev: 2, failureStreak: 1, lastRun, nextRunAt: '2026-01-02T01:30:00.000Z' };
    casState(home.disk, spec.id, state, failed);
    expect(await signal()).toEqual(before);
    expect(fact(await collectFacts(home.disk, { fleet: [] }, T0), 'sys-schedules').detail).toMatchObject({
      [spec.id]: { last_run: { status: 'failed' }, failed_in_a_row: 1 },
    });
    casState(home.disk, spec.id, failed, { ...failed, rev: 3, status: 'paused', cause: 'breaker' });
    expect(await signal()).toEqual({ [spec.id]: { loop: 'paused' } });
    home.write(`schedules/${spec.id}/spec.json`, '{');
    expect(await signal()).toEqual({ [spec.id]: { loop: 'invalid' } });
  });
});

describe('schedules', () => {
  const T = 1_000_000_000;
  const at = (seconds: number): number => (T + seconds) * 1000;
  const signal = (home: Home, name: string, seconds: number) =>
    scheduleSignal(readSchedule(home.disk, name)!, at(seconds));

  test('a one-shot is pending, then due for good, and looking at it changes no file', () => {
    const home = newHome();
    writeSchedule(home.disk, { name: 'once', in_s: 100, note: 'call' }, at(0));
    const before = home.disk.read('schedules/once.json');
    expect([0, 99, 100, 101, 1e9].map((s) => signal(home, 'once', s))).toEqual([
      'pending',
      'pending',
      'due',
      'due',
      'due',
    ]);
    expect(home.disk.read('schedules/once.json')).toEqual(before);
    const entry = readSchedule(home.disk, 'once')!;
    expect(scheduleDetail(entry, at(0))).toEqual({ kind: 'once', due_ts: T + 100, note: 'call' });
    expect([0, 99, 100, 500].map((s) => dueIn(entry, at(s)))).toEqual([100, 1, 0, 0]);
  });

  test('a period bumps once, whenever it is looked at, and missed ones collapse', () => {
    const home = newHome();
    writeSchedule(home.disk, { name: 'often', every_s: 60 }, at(0));
    expect([0, 59, 60, 61, 119, 120, 6_000].map((s) => signal(home, 'often', s))).toEqual(
      [0, 0, 1, 1, 1, 2, 100].map((period) => ({ period })),
    );
    const entry = readSchedule(home.disk, 'often')!;
    expect(scheduleDetail(entry, at(60))).toEqual({ kind: 'periodic', next_due_ts: T + 120, every_s: 60 });
    expect(
      [-1, -60, -61, -5_000].map((s) => signal(home, 'often', s)),
      'a clock that was set back',
    ).toEqual([-1, -1, -2, -84].map((period) => ({ period })));
  });

  test('after the clock was set back a reminder comes as late as it was meant to; a date that a person wrote stays', () => {
    const home = newHome();
    const YEAR = 31_536_000;
    writeSchedule(home.disk, { name: 'soon', in_s: 120, note: 'tea' }, at(YEAR));
    writeSchedule(home.disk, { name: 'now', in_s: 120 }, at(-30));
    home.write('schedules/date.json', JSON.stringify({ due_ts: T + YEAR }));
    utimesSync(join(home.root, 'schedules/date.json'), T + YEAR, T + YEAR);
    const untouched = ['now', 'date'].map((name) => home.disk.read(`schedules/${name}.json`));
    reanchorSchedules(home.disk, at(0));
    expect([0, 119, 120].map((s) => signal(home, 'soon', s))).toEqual(['pending', 'pending', 'due']);
    expect(readSchedule(home.disk, 'soon')).toMatchObject({ schedule: { note: 'tea' } });
    expect(['now', 'date'].map((name) => home.disk.read(`schedules/${name}.json`))).toEqual(untouched);
  });

  test('writing the same period again does not push it away; another period begins anew', () => {
    const home = newHome();
    writeSchedule(home.disk, { name: 'often', every_s: 60 }, at(0));
    writeSchedule(home.disk, { name: 'often', every_s: 60, note: 'new' }, at(50));
    expect(signal(home, 'often', 60)).toEqual({ period: 1 });
    writeSchedule(home.disk, { name: 'often', every_s: 120 }, at(60));
    expect(signal(home, 'often', 61)).toEqual({ period: 0 });
  });

  test('a file written by hand without an anchor counts from its own time, without being changed', () => {
    const home = newHome();
    home.write('schedules/hand.json', '{"every_s": 60}');
    utimesSync(join(home.root, 'schedules/hand.json'), T, T);
    expect([0, 59, 60, 125].map((s) => signal(home, 'hand', s))).toEqual([0, 0, 1, 2].map((period) => ({ period })));
    expect(home.disk.read('schedules/hand.json')).toMatchObject({ text: '{"every_s": 60}' });
  });

  test('broken ones stay visible by stable signals, and take none of the others along', async () => {
    const home = newHome();
    home.write('schedules/both.json', '{"every_s": 60, "due_ts": 5}');
    home.write('schedules/short.json', '{"every_s": 59}');
    home.write('schedules/neither.json', '{}');
    home.write('schedules/text.json', '{"every_s": "60"}');
    home.write('schedules/torn.json', '{"every_s"');
    home.write('schedules/newer.json', '{"format": 99, "every_s": 60}');
    home.write('schedules/bad name.json', '{"every_s": 60}');
    mkdirSync(join(home.root, 'schedules/dir.json'));
    writeSchedule(home.disk, { name: 'good', in_s: 1 }, at(0));
    const facts = await collectFacts(home.disk, { fleet: [] }, at(0));
    expect(signalOf(facts, 'sys-schedules')).toEqual({
      'bad name': 'invalid',
      both: 'invalid',
      dir: 'unreadable',
      good: 'pending',
      neither: 'invalid',
      newer: 'newer',
      short: 'invalid',
      text: 'invalid',
      torn: 'unparseable',
    });
    expect(JSON.stringify(fact(facts, 'sys-schedules').detail)).toContain('at least 60 s');
  });

  test('a huge delay saturates at the end of the year 9999', () => {
    const home = newHome();
    expect(writeSchedule(home.disk, { name: 'far', in_s: Number.MAX_SAFE_INTEGER }, at(0)).due_ts).toBe(
      SCHEDULE_END_TS,
    );
    expect(signal(home, 'far', 1e9)).toBe('pending');
  });

  test.each([
    [{ name: 'x' }, 'exactly one'],
    [{ name: 'x', in_s: 1, every_s: 60 }, 'exactly one'],
    [{ name: 'x', every_s: 59 }, 'at least 60 s'],
    [{ name: '../x', in_s: 1 }, '../x'],
  ])('writing %j is refused and writes nothing', (draft, words) => {
    const home = newHome();
    expect(() => writeSchedule(home.disk, draft, at(0))).toThrow(words);
    expect(readSchedules(home.disk)).toEqual([]);
  });

  test('overwriting a broken one keeps it in quarantine; a newer one is not overwritten', () => {
    const home = newHome();
    home.write('schedules/torn.json', '{"every_s"');
    writeSchedule(home.disk, { name: 'torn', in_s: 9 }, at(0));
    expect(home.disk.list('quarantine')).toEqual({ state: 'present', names: ['schedules__torn.json.1'] });
    home.write('schedules/newer.json', '{"format": 99}');
    expect(() => writeSchedule(home.disk, { name: 'newer', in_s: 9 }, at(0))).toThrow('newer');
  });

  test('removing is idempotent', () => {
    const home = newHome();
    writeSchedule(home.disk, { name: 'x', in_s: 9 }, at(0));
    expect([removeSchedule(home.disk, 'x'), removeSchedule(home.disk, 'x')]).toEqual([true, false]);
  });
});

test('spend wakes when the limit is met, not with each dollar', () => {
  expect(spendFact({ state: 'ok', today: { usd: 1 } })).toEqual({
    name: 'sys-spend',
    signal: 'ok',
    detail: { usd: 1 },
  });
});

test('records that cannot be listed cost their own fact alone, which says so', async () => {
  const home = newHome();
  for (const dir of ['asks', 'leases', 'schedules', 'goals']) home.write(dir, 'a file in place of the directory');
  const facts = await collectFacts(home.disk, { fleet: [worker('w')], spend: { state: 'limit', today: {} } }, 0);
  expect(facts.filter((f) => f.failed).map((f) => f.name)).toEqual([
    'sys-leases',
    'sys-goals',
    'sys-asks',
    'sys-schedules',
  ]);
  expect(fact(facts, 'sys-fleet').failed).toBeUndefined();
  expect(signalOf(facts, 'sys-spend')).toBe('limit');
});

test('looking at an empty profile gives every fact and writes nothing', async () => {
  const home = newHome();
  const facts = await collectFacts(home.disk, { fleet: [] }, 0);
  expect(facts.map((f) => f.name)).toEqual(['sys-fleet', 'sys-leases', 'sys-goals', 'sys-asks', 'sys-schedules']);
  expect(home.disk.list('')).toEqual({ state: 'present', names: ['sensors'] });
});
