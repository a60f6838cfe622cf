import { expect, test } from 'vitest';
import { CLAIM_MS, type FleetTerms, LAUNCHES_MAX, LOOK_MS, planWorker } from '../../../src/controllers/fleet/plan.js';
import type { Life } from '../../../src/model/fleet.js';
import type { WorkerSpec, WorkerStatus } from '../../../src/model/worker.js';
import type { Worktree } from '../../../src/model/worktree.js';
import type { WorkerRecord } from '../../../src/store/workers.js';

const NOW = 1_000_000_000;
const TTL_S = 3_600;

const spec = (change: Partial<WorkerSpec> = {}): WorkerSpec => ({
  format: 1,
  id: 'w',
  generation: 'aaaaaaaa',
  desired: 'running',
  ts: 0,
  ...change,
});
const status = (state: WorkerStatus['state'], change: Partial<WorkerStatus> = {}): WorkerStatus => ({
  format: 1,
  id: 'w',
  generation: 'aaaaaaaa',
  state,
  exit_code: null,
  socket: '/s',
  nonce: 'n',
  supervisor_pid: 1,
  child_pid: null,
  columns: 80,
  rows: 24,
  started_ts: NOW / 1000 - 10,
  ...(state === 'starting' || state === 'running' ? {} : { ended_ts: NOW / 1000 - 5 }),
  ...change,
});
const claim = { format: 1, generation: 'aaaaaaaa', socket: '/s', nonce: 'n', supervisor_pid: 1, ts: 0 };
const worktree = (state: Worktree['state'], ts = 0): Worktree => ({
  format: 1,
  id: 'w',
  repo: '/r',
  repos: ['/r'],
  state,
  ts,
});
const verdict = { format: 1, generation: 'aaaaaaaa', ok: true, exit_code: 0, output: '', ts: 0 };

interface Row {
  worktree?: Worktree;
  name: string;
  record: Partial<WorkerRecord>;
  life?: Life;
  terms?: Partial<FleetTerms>;
  does: string;
  next: string;
}

const rows: Row[] = [
  { name: 'wanted and unclaimed', record: { spec: spec() }, does: 'launch', next: 'waiting' },
  {
    name: 'wanted where no money is left',
    record: { spec: spec() },
    terms: { barred: 'the budget' },
    does: 'nothing',
    next: 'waiting',
  },
  {
    name: 'unwanted where no money is left',
    record: { spec: spec({ desired: 'stopped' }) },
    terms: { barred: 'the budget' },
    does: 'cancel',
    next: 'later',
  },
  {
    name: 'running past its budget',
    record: { spec: spec(), status: status('running'), claim },
    life: 'alive',
    terms: { over: 'spent' },
    does: 'hold',
    next: 'waiting',
  },
  {
    name: 'held and within its budget again',
    record: { spec: spec(), status: status('running'), claim },
    life: 'alive',
    terms: { held: true },
    does: 'release',
    next: 'later',
  },
  {
    name: 'held and unwanted',
    record: { spec: spec({ desired: 'stopped' }), status: status('running'), claim },
    life: 'alive',
    terms: { over: 'spent', held: true },
    does: 'stop',
    next: 'later',
  },
  {
    name: 'launched a moment ago',
    record: { spec: spec() },
    terms: { launches: 1, launchedAt: NOW - 1 },
    does: 'nothing',
    next: 'waiting',
  },
  {
    name: 'launched, and the clock was set back a day',
    record: { spec: spec() },
    terms: { launches: 1, launchedAt: NOW + 86_400_000 },
    does: 'launch',
    next: 'waiting',
  },
  {
    name: 'launched long ago, still unclaimed',
    record: { spec: spec() },
    terms: { launches: 1, launchedAt: NOW - CLAIM_MS },
    does: 'launch',
    next: 'waiting',
  },
  {
    name: 'launched too often',
    record: { spec: spec() },
    terms: { launches: LAUNCHES_MAX, launchedAt: NOW - CLAIM_MS },
    does: 'cancel',
    next: 'later',
  },
  { name: 'unwanted before it began', record: { spec: spec({ desired: 'stopped' }) }, does: 'cancel', next: 'later' },
  {
    name: 'alive as wanted',
    record: { spec: spec(), claim, status: status('running') },
    life: 'alive',
    does: 'nothing',
    next: 'waiting',
  },
  {
    name: 'silent is alive',
    record: { spec: spec(), claim, status: status('running') },
    life: 'silent',
    does: 'nothing',
    next: 'waiting',
  },
  { name: 'claimed, no status yet', record: { spec: spec(), claim }, life: 'alive', does: 'nothing', next: 'waiting' },
  {
    name: 'alive but unwanted',
    record: { spec: spec({ desired: 'stopped' }), claim, status: status('running') },
    life: 'alive',
    does: 'stop',
    next: 'later',
  },
  {
    name: 'silent and unwanted',
    record: { spec: spec({ desired: 'stopped' }), claim, status: status('running') },
    life: 'silent',
    does: 'stop',
    next: 'later',
  },
  {
    name: 'supervisor died',
    record: { spec: spec(), claim, status: status('running') },
    life: 'dead',
    does: 'mend',
    next: 'later',
  },
  {
    name: 'supervisor died between claim and status',
    record: { spec: spec(), claim },
    life: 'dead',
    does: 'mend',
    next: 'later',
  },
  {
    name: 'life not known: nothing is done',
    record: { spec: spec({ desired: 'stopped' }), claim, status: status('running') },
    life: 'unknown',
    does: 'nothing',
    next: 'later',
  },
  {
    name: 'ended, nothing to judge',
    record: { spec: spec(), claim, status: status('exited') },
    life: 'dead',
    does: 'nothing',
    next: 'later',
  },
  {
    name: 'ended, to be judged',
    record: { spec: spec({ verify: 'true' }), claim, status: status('exited') },
    life: 'dead',
    does: 'verify',
    next: 'later',
  },
  {
    name: 'killed, still to be judged',
    record: { spec: spec({ verify: 'true', desired: 'stopped' }), claim, status: status('killed') },
    life: 'dead',
    does: 'verify',
    next: 'later',
  },
  {
    name: 'judged once',
    record: { spec: spec({ verify: 'true' }), claim, status: status('exited'), verdict },
    life: 'dead',
    does: 'nothing',
    next: 'later',
  },
  {
    name: 'never ran: nothing to judge',
    record: { spec: spec({ verify: 'true' }), claim: { ...claim, socket: '' }, status: status('killed') },
    life: 'dead',
    does: 'nothing',
    next: 'later',
  },
  {
    name: 'past its retention',
    record: { spec: spec(), claim, status: status('exited', { ended_ts: NOW / 1000 - TTL_S }) },
    life: 'dead',
    does: 'remove',
    next: 'settled',
  },
  {
    name: 'past its retention but unjudged',
    record: { spec: spec({ verify: 'true' }), claim, status: status('exited', { ended_ts: 0 }) },
    life: 'dead',
    does: 'verify',
    next: 'later',
  },
  {
    name: 'ended by itself, its worktree is kept for who looks at it',
    record: { spec: spec(), claim, status: status('exited') },
    worktree: worktree('made'),
    life: 'dead',
    does: 'nothing',
    next: 'later',
  },
  {
    name: 'killed, its worktree is still to be judged by verify',
    record: { spec: spec({ verify: 'true', desired: 'stopped' }), claim, status: status('killed') },
    worktree: worktree('made'),
    life: 'dead',
    does: 'verify',
    next: 'later',
  },
  {
    name: 'killed with a worktree',
    record: { spec: spec({ desired: 'stopped' }), claim, status: status('killed') },
    worktree: worktree('made'),
    life: 'dead',
    does: 'tidy',
    next: 'later',
  },
  {
    name: 'killed while its worktree was made',
    record: { spec: spec({ desired: 'stopped' }), claim, status: status('killed') },
    worktree: worktree('making'),
    life: 'dead',
    does: 'tidy',
    next: 'later',
  },
  {
    name: 'killed, its worktree was found to hold work',
    record: { spec: spec({ desired: 'stopped' }), claim, status: status('killed') },
    worktree: worktree('kept', NOW / 1000 - 1),
    life: 'dead',
    does: 'nothing',
    next: 'later',
  },
  {
    name: 'past its retention with a worktree',
    record: { spec: spec(), claim, status: status('exited', { ended_ts: NOW / 1000 - TTL_S }) },
    worktree: worktree('made'),
    life: 'dead',
    does: 'tidy',
    next: 'later',
  },
  {
    name: 'past its retention, its worktree holds work',
    record: { spec: spec(), claim, status: status('exited', { ended_ts: 0 }) },
    worktree: worktree('kept', NOW / 1000 - 1),
    life: 'dead',
    does: 'nothing',
    next: 'later',
  },
  {
    name: 'past its retention, its worktree held work a retention ago',
    record: { spec: spec(), claim, status: status('exited', { ended_ts: 0 }) },
    worktree: worktree('kept', NOW / 1000 - TTL_S),
    life: 'dead',
    does: 'tidy',
    next: 'later',
  },
  {
    name: 'past its retention, its worktree is gone',
    record: { spec: spec(), claim, status: status('exited', { ended_ts: 0 }) },
    worktree: worktree('removed'),
    life: 'dead',
    does: 'remove',
    next: 'settled',
  },
  {
    name: 'corrupt record',
    record: { problem: { key: 'k', reason: 'r', corrupt: true } },
    does: 'quarantine',
    next: 'later',
  },
  {
    name: 'unreadable record',
    record: { spec: spec(), problem: { key: 'k', reason: 'r', corrupt: false } },
    does: 'nothing',
    next: 'stalled',
  },
  {
    name: 'the spec is gone, the worker lives: left alone',
    record: { claim, status: status('running') },
    life: 'alive',
    does: 'nothing',
    next: 'waiting',
  },
];

test.each(rows)('$name → $does', ({ record, life, terms, does, next, worktree: tree }) => {
  const plan = planWorker(
    { record: { id: 'w', ...record }, life, ...(tree ? { worktree: tree } : {}) },
    { now: NOW, ttlS: TTL_S, launches: 0, launchedAt: undefined, ...terms },
  );
  expect([plan.step.do, plan.outcome.state]).toEqual([does, next]);
});

test('a living worker is looked at again soon: the death of a supervisor is no file event', () => {
  const { outcome } = planWorker(
    { record: { id: 'w', spec: spec(), claim, status: status('running') }, life: 'alive' },
    { now: NOW, ttlS: TTL_S, launches: 0, launchedAt: undefined },
  );
  expect(outcome).toMatchObject({ recheckAt: NOW + LOOK_MS });
});

test.each<[name: string, state: WorkerStatus['state'], tree: Worktree | undefined, why: RegExp]>([
  ['one that was cut: status names the next command', 'failed', undefined, /cut \(died\).* tend worker resume w$/],
  ['one that was cut in a worktree, which is kept for it', 'failed', worktree('made'), /tend worker resume w$/],
  ['one that has ended by itself', 'exited', undefined, /^kept until/],
])('%s', (_name, state, tree, why) => {
  const session = { child_pid: 7, runner: 'codex', session: 's', message: 'died' };
  const record = { id: 'w', spec: spec(), claim, status: status(state, { ...session, exit_code: 0 }) };
  const plan = planWorker(
    { record, life: 'dead', ...(tree ? { worktree: tree } : {}) },
    { now: NOW, ttlS: TTL_S, launches: 0, launchedAt: undefined },
  );
  expect(plan).toMatchObject({ step: { do: 'nothing' }, outcome: { why: expect.stringMatching(why) } });
});
