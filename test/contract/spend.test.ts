import { afterEach, beforeEach, expect, test } from 'vitest';
import { spendReport } from '../../src/contract/views/spend.js';
import { renderSpend } from '../../src/contract/views/spend-text.js';
import { addDays, dayBack, daysBetween, isDay } from '../../src/model/day.js';
import { localDay } from '../../src/model/instant.js';
import type { SpendRow } from '../../src/model/spend.js';
import { raiseSpend, reserveSpend, settleSpend, spendBelongs } from '../../src/store/spend.js';
import { makeProfile, type Profile } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

const TODAY = localDay(Date.now());

test('what was spent, by day, kind, runner, goal and worker; old rows, torn lines and days without a ledger', async () => {
  const two = addDays(TODAY, -2);
  // Rows as an older tend wrote them: no job, no goal.
  p.disk.append(
    `spend-${two}.ndjson`,
    '{"format":1,"kind":"reserve","run":"beat-20261119-074200-3fa2","runner":"pi","ts":1,"usd":0.05,"tokens":0,"metered":false}',
  );
  p.disk.append(
    `spend-${two}.ndjson`,
    '{"format":1,"kind":"settle","run":"beat-20261119-074200-3fa2","runner":"pi","ts":2,"usd":0.3,"tokens":120,"metered":true}',
  );
  p.disk.append(`spend-${two}.ndjson`, '{"format":1,"kind":"settle","run":"beat-2');
  const at = Date.now();
  const call = (run: string, over: object = {}) => ({
    day: TODAY,
    run,
    runner: 'claude',
    job: 'beat',
    estimateUsd: 0.05,
    ...over,
  });
  reserveSpend(p.disk, call('beat-a'), at);
  settleSpend(p.disk, call('beat-a'), { usd: 0.2, input_tokens: 10, output_tokens: 5 }, at);
  settleSpend(p.disk, call('beat-a#2'), { usd: 0.1 }, at);
  spendBelongs(p.disk, { day: TODAY, run: 'beat-a', goal: 'api' }, at);
  reserveSpend(p.disk, call('worker-1', { job: 'worker', worker: 'api', goal: 'api', estimateUsd: 2 }), at);
  const args = ['spend', '--since', '4d'];
  const report = await p.json<ReturnType<typeof spendReport>>([...args, '--json']);
  expect(report).toEqual({
    since: addDays(TODAY, -3),
    until: TODAY,
    total: { usd: 2.6, metered_usd: 0.6, estimated_usd: 2, tokens: 135, runs: 4, open: 1 },
    days: [
      {
        day: addDays(TODAY, -3),
        usd: 0,
        metered_usd: 0,
        estimated_usd: 0,
        tokens: 0,
        runs: 0,
        open: 0,
        damaged_lines: 0,
      },
      { day: two, usd: 0.3, metered_usd: 0.3, estimated_usd: 0, tokens: 120, runs: 1, open: 0, damaged_lines: 1 },
      {
        day: addDays(TODAY, -1),
        usd: 0,
        metered_usd: 0,
        estimated_usd: 0,
        tokens: 0,
        runs: 0,
        open: 0,
        damaged_lines: 0,
      },
      { day: TODAY, usd: 2.3, metered_usd: 0.3, estimated_usd: 2, tokens: 15, runs: 3, open: 1, damaged_lines: 0 },
    ],
    kinds: [
      expect.objectContaining({ name: 'worker', usd: 2 }),
      expect.objectContaining({ name: 'beat', usd: 0.6, runs: 3 }),
    ],
    runners: [expect.objectContaining({ name: 'claude', usd: 2.3 }), expect.objectContaining({ name: 'pi', usd: 0.3 })],
    goals: [{ name: 'api', usd: 2.3, metered_usd: 0.3, estimated_usd: 2, tokens: 15, runs: 3, open: 1, limit: null }],
    workers: [expect.objectContaining({ name: 'api', usd: 2 })],
    loops: [],
    workflows: [],
    rows: [
      expect.objectContaining({ day: two, kind: 'beat', runner: 'pi', goal: null, worker: null, usd: 0.3 }),
      expect.objectContaining({
        day: TODAY,
        kind: 'beat',
        runner: 'claude',
        goal: 'api',
        worker: null,
        usd: 0.3,
        runs: 2,
      }),
      expect.objectContaining({ day: TODAY, kind: 'worker', runner: 'claude', goal: 'api', worker: 'api', usd: 2 }),
    ],
    today: {
      day: TODAY,
      usd: 2.3,
      limit_usd: 10,
      left_usd: 7.7,
      tokens: 15,
      limit_tokens: null,
      left_tokens: null,
      raised_usd: 0,
      raised_tokens: 0,
    },
    damaged_lines: 1,
  });
  const { code, stdout, stderr } = await p.tend(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/today: \$2\.30 of \$10\.00 spent, \$7\.70 left\n/);
  expect(stdout).toContain('1 damaged line in the ledgers is not counted');
  expect(stdout).toMatch(/\$2\.30 {2}#+~+\n/);
});

test('what timed loops and workflows spent, told apart by their ids, by the name they had last; and a chart of them alone', async () => {
  const at = Date.now();
  const of = (run: string, over: object) => ({
    day: TODAY,
    run,
    runner: 'claude',
    job: 'loop',
    estimateUsd: 1,
    ...over,
  });
  settleSpend(p.disk, of('a-1', { loop: 'aaaaaaaaaaaa', loop_name: 'triage' }), { usd: 2, input_tokens: 7 }, at);
  settleSpend(p.disk, of('a-2', { loop: 'aaaaaaaaaaaa', loop_name: 'sorting' }), { usd: 1 }, at);
  settleSpend(p.disk, of('b-1', { loop: 'bbbbbbbbbbbb', loop_name: 'sorting' }), {}, at);
  settleSpend(p.disk, of('s-1', { job: 'step', workflow: 'w1', workflow_name: 'nightly' }), { usd: 0.5 }, at);
  const report = await p.json<ReturnType<typeof spendReport>>(['spend', '--since', '1d', '--json', '--by', 'loop']);
  expect(report.loops).toMatchObject([
    { id: 'aaaaaaaaaaaa', name: 'sorting', usd: 3, tokens: 7, runs: 2, open: 0 },
    { id: 'bbbbbbbbbbbb', name: 'sorting', usd: 1, estimated_usd: 1 },
  ]);
  expect(report.workflows).toMatchObject([{ id: 'w1', name: 'nightly', usd: 0.5 }]);
  expect(report.rows).toContainEqual(expect.objectContaining({ kind: 'step', loop: null, workflow: 'w1' }));
  const all = await p.tend(['spend', '--since', '1d']);
  expect(all.stdout).toMatch(/LOOP\n\$3\.00 .* 2 {2}sorting \(aaaaaaaaaaaa\)\n/);
  const chart = await p.tend(['spend', '--since', '1d', '--by', 'loop']);
  expect(chart.stdout).toMatch(
    /^sorting \(a{12}\) {2}\$3\.00 {2}#{40,}\nsorting \(b{12}\) {2}\$1\.00 {2}~{10,}\n.*\n\$0\.50 was spent for no loop\n$/,
  );
});

test('the limits of goals and workers stand beside what they have spent, also where that is nothing; a broken one is said', async () => {
  const at = Date.now();
  p.disk.replace('goals/api.md', '---\nbudget_usd: 5\n---\n# Api\n');
  p.disk.replace('goals/idle.md', '---\nbudget_usd: 0.5\n---\n# Idle\n');
  p.disk.replace('goals/bad.md', '---\nbudget_usd: lots\n---\n# Bad\n');
  p.disk.replace('goals/free.md', '# Free\n');
  const call = (run: string, goal: string) => ({ day: TODAY, run, runner: 'pi', job: 'beat', estimateUsd: 1, goal });
  settleSpend(p.disk, call('beat-a', 'api'), { usd: 2 }, at);
  raiseSpend(p.disk, { day: TODAY, ask: 'budget-1', goal: 'api', usd: 5, tokens: 0 }, at);
  settleSpend(p.disk, call('beat-b', 'free'), { usd: 1 }, at);
  const spec = { format: 1, id: 'w', generation: 'a1b2c3d4', desired: 'running', ts: 1, budget_usd: 1.5 };
  p.disk.replace('workers/w/spec.json', JSON.stringify(spec));
  p.disk.replace('workers/w/usage.json', JSON.stringify({ format: 1, generation: 'a1b2c3d4', hours: 1, usd: 1.75 }));
  const report = await p.json<ReturnType<typeof spendReport>>(['spend', '--since', '1d', '--json']);
  expect(report.goals).toMatchObject([
    { name: 'api', usd: 2, limit: { per: 'day', limit_usd: 10, spent_usd: 2, left_usd: 8 } },
    { name: 'free', usd: 1, limit: null },
    { name: 'idle', usd: 0, runs: 0, limit: { per: 'day', limit_usd: 0.5, spent_usd: 0, left_usd: 0.5 } },
  ]);
  expect(report.workers).toMatchObject([
    { name: 'w', limit: { per: 'life', limit_usd: 1.5, spent_usd: 1.75, left_usd: 0 } },
  ]);
  const { code, stdout, stderr } = await p.tend(['spend', '--since', '1d']);
  expect(code).toBe(0);
  expect(stderr).toContain('the limit of goal "bad" is not known');
  expect(stdout).toMatch(/A DAY +LEFT +GOAL\n.* \$10\.00 +\$8\.00 +api\n.* - +- +free\n.* \$0\.50 +\$0\.50 +idle\n/);
  expect(stdout).toMatch(/LIMIT +LEFT +WORKER\n.* \$1\.50 +\$0\.00 +w\n/);
});

test('where nothing was ever spent everything is 0; a bad --since and a ledger that cannot be read are said', async () => {
  const report = await p.json<ReturnType<typeof spendReport>>(['spend', '--json']);
  expect(report).toMatchObject({ total: { usd: 0, runs: 0 }, goals: [], rows: [], damaged_lines: 0 });
  expect(report.days).toHaveLength(7);
  for (const since of ['yesterday', '2026-02-30', addDays(TODAY, 1), '99999d']) {
    const { code, stdout, stderr } = await p.tend(['spend', '--since', since]);
    expect({ since, code, stdout }).toEqual({ since, code: 2, stdout: '' });
    expect(stderr).toContain(JSON.stringify(since));
  }
  p.disk.makeDir(`spend-${TODAY}.ndjson`);
  const { code, stdout, stderr } = await p.tend(['spend']);
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toContain(`spend-${TODAY}.ndjson`);
});

const row = (run: string, usd: number, metered = true): SpendRow => ({
  format: 1,
  kind: 'settle',
  run,
  ts: 1,
  usd,
  tokens: 0,
  metered,
  runner: 'a-runner-with-quite-a-long-name',
  goal: 'g'.repeat(90),
});

test.each([40, 60, 80, 200])(
  'at %i columns no line is longer, every day that cost has a bar and the dearest fills its line',
  (width) => {
    const days = daysBetween('2026-10-01', '2026-11-21').map((day, at) => ({
      day,
      torn: 0,
      rows: [row(`beat-${at}`, at === 40 ? 250 : 0.01 * (at % 3), at % 2 === 0)],
    }));
    const lines = renderSpend(spendReport(days, { dayUsd: 1, dayTokens: 5 }), width).split('\n');
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    const bars = lines.filter((line) => line.startsWith('2026-'));
    expect(bars).toHaveLength(31);
    expect(bars.filter((line) => line.includes('$0.00') !== /[#~]$/.test(line))).toHaveLength(31);
    expect(bars.find((line) => line.includes('$250.00'))).toHaveLength(width);
    expect(lines[0]).toBe('21 days before: $0.21');
  },
);

test.each<[string, string]>([
  ['1d', '2026-11-21'],
  ['7d', '2026-11-15'],
  ['30d', '2026-10-23'],
  ['1h', '2026-11-21'],
  ['36h', '2026-11-19'],
  ['10h', '2026-11-20'],
])('%s back from a morning in November begins on %s', (since, day) => {
  const seconds = Number(since.slice(0, -1)) * (since.endsWith('d') ? 86_400 : 3_600);
  expect(dayBack(seconds, new Date(2026, 10, 21, 9).getTime())).toBe(day);
});

test('days step over months, leap years and changes of summer time', () => {
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
  const year = daysBetween('2026-01-01', '2026-12-31');
  expect(year).toHaveLength(365);
  expect(new Set(year).size).toBe(365);
  expect(['2026-02-29', '2026-13-01', '2026-1-1', 'x'].map(isDay)).toEqual([false, false, false, false]);
  expect(isDay('2028-02-29')).toBe(true);
});
