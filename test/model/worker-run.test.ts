import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runRowSchema } from '../../src/model/run.js';
import type { WorkerStatus, WorkerUsage, WorkerVerdict } from '../../src/model/worker.js';
import { generationOfRun, openWorkerRow, verifyRow, workerRow } from '../../src/model/worker-run.js';

const status = (over: Partial<WorkerStatus>): WorkerStatus => ({
  format: 1,
  id: 'api',
  generation: 'abcdef0123456789',
  state: 'exited',
  exit_code: 0,
  socket: '/s',
  nonce: 'n',
  supervisor_pid: 1,
  child_pid: 2,
  columns: 80,
  rows: 24,
  started_ts: 1_000,
  ended_ts: 1_090,
  ...over,
});
const verdict = (over: Partial<WorkerVerdict>): WorkerVerdict => ({
  format: 1,
  generation: 'abcdef0123456789',
  ok: true,
  exit_code: 0,
  output: '',
  ts: 2_000,
  ...over,
});

const ENDS: { name: string; over: Partial<WorkerStatus>; usage?: Partial<WorkerUsage>; says: object }[] = [
  {
    name: 'exit 0',
    over: { runner: 'codex' },
    says: {
      status: 'succeeded',
      ok: true,
      exit_code: 0,
      summary: 'api: succeeded',
      runner: 'codex',
      duration_ms: 90_000,
    },
  },
  { name: 'its own clock', over: { duration_ms: 1_234 }, says: { duration_ms: 1_234, ts: 1_000, finished_ts: 1_090 } },
  {
    name: 'exit 7',
    over: { exit_code: 7 },
    says: { status: 'failed', ok: false, exit_code: 7, error: 'exit code 7', summary: 'api: failed, exit code 7' },
  },
  {
    name: 'exit 3 with a word',
    over: { exit_code: 3, message: 'the transcript\nhas gaps' },
    says: { error: 'exit code 3, the transcript has gaps' },
  },
  {
    name: 'a signal',
    over: { state: 'killed', exit_code: null, signal: 'SIGKILL', message: 'tend down' },
    says: { status: 'killed', ok: false, error: 'tend down' },
  },
  {
    name: 'a supervisor that died',
    over: { state: 'failed', exit_code: null, message: 'its supervisor died (crash or reboot)' },
    says: { status: 'failed', ok: false, error: 'its supervisor died (crash or reboot)' },
  },
  { name: 'a clock that was set back', over: { ended_ts: 400 }, says: { duration_ms: 0 } },
  { name: 'a word beside a success', over: { message: 'counted by estimate' }, says: { summary: 'api: succeeded' } },
  {
    name: 'what it used',
    over: {},
    usage: { usd: 0.25, tokens: 12, input_tokens: 10, output_tokens: 2, hours: 1 },
    says: { usd: 0.25, input_tokens: 10, output_tokens: 2 },
  },
];

test.each(ENDS)('the row of a worker that ended by $name', ({ over, usage, says }) => {
  const row = workerRow(status(over), usage as WorkerUsage | undefined);
  expect(row).toMatchObject({ id: 'worker-abcdef0123456789', kind: 'worker', worker: 'api', ...says });
  expect(generationOfRun(row)).toBe('abcdef0123456789');
  // An estimate, or what nobody said, is no fact about the run.
  if (!usage) expect(Object.keys(row)).not.toEqual(expect.arrayContaining(['usd']));
});

const VERDICTS: [string, Partial<WorkerVerdict>, object][] = [
  [
    'a pass',
    { duration_ms: 2_500 },
    { status: 'succeeded', ok: true, ts: 2_000, duration_ms: 2_500, finished_ts: 2_002 },
  ],
  [
    'a fail',
    { ok: false, exit_code: 1, output: 'one\ntwo tests failed\n\n' },
    { status: 'failed', ok: false, exit_code: 1, error: 'exit code 1: two tests failed' },
  ],
  [
    'a deadline',
    { ok: false, exit_code: 143, timed_out: true, output: 'x\n[tend: no end after 5 s]' },
    { status: 'timed_out', ok: false, error: '[tend: no end after 5 s]' },
  ],
  [
    'a command that did not begin',
    { ok: false, exit_code: null, output: '\n[tend: its worktree is not there]' },
    { status: 'failed', error: '[tend: its worktree is not there]' },
  ],
];

test.each(VERDICTS)('the row of a verify that ended by %s', (_name, over, says) => {
  const row = verifyRow('api', verdict(over));
  expect(row).toMatchObject({
    id: 'verify-abcdef0123456789',
    kind: 'verify',
    worker: 'api',
    runner: 'command',
    ...says,
  });
  expect(row.summary).toMatch(/^api: verify /);
});

test('whatever a worker or its verify says, the row is one short line that the ledger reads back', () => {
  const text = fc.string({ unit: 'binary', maxLength: 800 });
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 255 }), (said, code) => {
      const rows = [
        workerRow(status({ exit_code: code, message: said, state: code === 1 ? 'killed' : 'exited' }), undefined),
        verifyRow('api', verdict({ ok: false, exit_code: code, output: said })),
        openWorkerRow(status({ state: 'running', exit_code: null })),
      ];
      for (const row of rows) {
        expect(runRowSchema.safeParse(JSON.parse(JSON.stringify(row))).success).toBe(true);
        expect(`${row.summary}${row.error ?? ''}`).not.toMatch(/[\r\n]/);
        expect(row.summary.length + (row.error?.length ?? 0)).toBeLessThanOrEqual(1_024);
        expect(row.ok).toBe(row.status === 'succeeded');
      }
    }),
    { numRuns: 50 },
  );
});
