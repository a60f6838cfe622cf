/** A data dir of looop becomes a profile: the built program on directories as its versions leave them, and on hostile ones. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseSchedule } from '../../src/ops/import/looop.js';
import { parseAnswer, parseAsk } from '../../src/ops/import/looop-mailbox.js';
import { translateSensor } from '../../src/ops/import/looop-policy.js';
import { makeProfile, type Profile } from '../contract/tend-process.js';
import { MID, NEWER, type OldProfile, SEED, writeProfile } from '../fakes/looop/profiles.js';

let at: Profile;
let old: string;
beforeEach(() => {
  at = makeProfile();
  old = join(dirname(at.root), 'old');
});
afterEach(() => at.remove());

interface Report {
  items: {
    key: string;
    from: string;
    outcome: string;
    reason: string | null;
    code: string | null;
    changed: string[];
  }[];
  left: { from: string; reason: string }[];
  notes: string[];
}
const run = async (...flags: string[]): Promise<Report> =>
  at.json<Report>(['import', 'looop', old, '--json', ...flags]);
const outcomes = (report: Report): Record<string, string[]> => {
  const all: Record<string, string[]> = {};
  for (const { key, outcome } of report.items) all[outcome] = [...(all[outcome] ?? []), key];
  return all;
};
const text = (key: string): string => readFileSync(join(at.root, key), 'utf8');
/** Every file with its bytes, its mode and its time: what "nothing changed" means. */
const picture = (dir: string): string[] =>
  (readdirSync(dir, { recursive: true }) as string[]).sort().map((key) => {
    const stat = statSync(join(dir, key));
    return `${key} ${stat.mode} ${stat.mtimeMs} ${stat.isFile() ? readFileSync(join(dir, key), 'base64') : ''}`;
  });

const WANTED = [
  'PLAYBOOK.md',
  'goals/setup.md',
  'goals/billing.md',
  'goals/docs.md',
  'goals/archive/old.md',
  'sensors/ci.sh',
  'sensors/today.sh',
  'asks/billing-2.md',
  'asks/archive/billing-1.md',
  'answers/archive/billing-1.md',
  'consumed/billing-1.json',
  'reports/billing.md',
  'reports/looop-journal.md',
];

test.each<[string, OldProfile, string[], string[]]>([
  ['seed', SEED, [], ['billing-2']],
  ['mid', MID, ['asks/billing-3.md'], ['billing-2', 'billing-3']],
  [
    'newer',
    NEWER,
    ['schedules/weekly.json', 'schedules/once.json', 'history/PLAYBOOK.md/20251231-235900', 'asks/w-9-1.md'],
    ['billing-2', 'w-9-1'],
  ],
])(
  'the data dir of %s: everything that can move does, once, and the source stays as it was',
  async (_, files, more, pending) => {
    writeProfile(old, files);
    const before = picture(old);
    const dry = await run('--dry-run');
    expect(existsSync(at.root)).toBe(false);
    const first = await run('--yes');
    expect(outcomes(first)).toEqual(outcomes(dry));
    expect(outcomes(first)['made']).toEqual(expect.arrayContaining([...WANTED, ...more]));
    expect(Object.keys(outcomes(first))).toEqual(['made']);
    const here = picture(at.root);
    const second = await run('--yes');
    expect(Object.keys(outcomes(second))).toEqual(['same']);
    expect(picture(at.root)).toEqual(here);
    expect(picture(old)).toEqual(before);
    const asks = await at.json<{ id: string }[]>(['asks', '--json']);
    expect(asks.map(({ id }) => id)).toEqual(pending);
  },
);

test('what the verbs make of it: goals, a sensor that runs, an ask that is answered, schedules, an earlier PLAYBOOK', async () => {
  writeProfile(old, NEWER);
  const { left, notes } = await run('--yes');
  expect(left).toContainEqual({ from: 'schedules/often.json', reason: expect.stringContaining('at least 60 s') });
  for (const from of ['claims', 'tells', 'sessions', 'snapshots', 'config.json'])
    expect(left.map((one) => one.from)).toContain(from);
  expect(notes.join('\n')).toContain("--tick-command 'claude -p < {{prompt_file}}'");
  expect(text('goals/billing.md')).toContain('goal: "no refund waits: ever"\n');
  writeFileSync(join(at.root, 'ci.json'), '{"signal":{"main":"green"}}');
  const trial = await at.json<{ ok: boolean; signal: unknown }>(['sensor', 'test', 'ci', '--json']);
  expect(trial).toMatchObject({ ok: true, signal: { main: 'green' } });
  const sensors = await at.json<{ name: string; interval_s: number; problems: string[] }[]>([
    'sensor',
    'list',
    '--json',
  ]);
  expect(sensors).toMatchObject([
    { name: 'ci', interval_s: 300, problems: [] },
    { name: 'today', problems: [] },
  ]);
  expect(await at.tend(['answer', 'billing-2', 'hold'])).toMatchObject({ code: 0 });
  expect(await at.json(['schedule', 'list', '--json'])).toMatchObject({
    weekly: { every_s: 604800, note: 'look at the month' },
    once: { due_ts: 1893456000 },
  });
  expect((await at.tend(['history', 'show', 'PLAYBOOK.md', '20251231-235900-0001'])).stdout).toBe(
    '# Another of that second\n',
  );
  expect(text('reports/looop-journal.md')).toMatch(/^- 2025-12-31 23:59 an older line\n- 2026-01-01 12:05/);
  // An ask that ended here does not come again, and one that is open here is not ended by the archive of the old one.
  writeProfile(old, {
    'asks/w-9-1.json': NEWER['asks/w-9-1.json']!,
    'answers/w-9-1.json': '{"answer":"done there","ts":1767226000}',
  });
  const again = await run('--yes');
  const w = again.items.filter(({ key }) => key.includes('w-9-1'));
  expect(w.map(({ outcome, reason }) => `${outcome}: ${reason}`)).toEqual(
    Array(3).fill('kept: the ask "w-9-1" is open here'),
  );
}, 120_000);

test('programs come in on a word alone, and nothing is written without it', async () => {
  writeProfile(old, SEED);
  const refused = await at.tend(['import', 'looop', old]);
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(/sensors\/ci\.sh, sensors\/today\.sh/);
  expect(existsSync(at.root)).toBe(false);
  const { stdout } = await at.tend(['import', 'looop', old, '--dry-run']);
  expect(stdout).toContain('  │ cat "$TEND_DATA_DIR/ci.json"');
  const report = await run('--no-code');
  expect(report.items.filter(({ code }) => code)).toEqual([]);
  expect(existsSync(join(at.root, 'sensors'))).toBe(false);
  expect(text('goals/docs.md')).toBe('Docs are true.\n');
});

test('what is here stays; --force replaces policy and keeps the version before, and never a record', async () => {
  writeProfile(old, SEED);
  await run('--yes');
  writeFileSync(join(at.root, 'PLAYBOOK.md'), 'mine\n');
  writeFileSync(join(at.root, 'goals/docs.md'), 'my docs\n');
  const ask = text('asks/billing-2.md').replace('Refund 3', 'Refund 4');
  writeFileSync(join(at.root, 'asks/billing-2.md'), ask);
  const kept = await run('--yes');
  expect(outcomes(kept)['kept']?.sort()).toEqual(['PLAYBOOK.md', 'asks/billing-2.md', 'goals/docs.md']);
  expect(text('PLAYBOOK.md')).toBe('mine\n');
  const forced = await run('--yes', '--force');
  expect(outcomes(forced)).toMatchObject({ replaced: ['goals/docs.md', 'PLAYBOOK.md'], kept: ['asks/billing-2.md'] });
  expect(text('goals/docs.md')).toBe('Docs are true.\n');
  expect(text('asks/billing-2.md')).toBe(ask);
  const versions = await at.json<{ stamp: string }[]>(['history', 'PLAYBOOK.md', '--json']);
  expect(versions.length).toBe(1);
  expect((await at.tend(['history', 'show', 'PLAYBOOK.md', versions[0]!.stamp])).stdout).toBe('mine\n');
});

test('links, odd names, other kinds of files and records that are none are left with a reason, and nothing outside is read', async () => {
  writeProfile(old, {
    'PLAYBOOK.md': 'p\n',
    'goals/ok.md': 'fine\n',
    'goals/-rf.md': 'x\n',
    'goals/a b.md': 'x\n',
    'goals/..evil.md': 'x\n',
    'goals/acting.md': '---\nrules:\n  - when: "true"\n    move: { action: run_shell, cmd: "rm -rf ~" }\n---\nx\n',
    'goals/big.md': 'x'.repeat(70_000),
    'asks/gate-1.json': '{"id":"gate-1","prompt":"yes?","ts":1}',
    'asks/web.json': '{"prompt":"no number","ts":1}',
    'asks/web-1.json': '{"prompt":"","ts":1}',
    'asks/web-2.json': 'no json',
    'asks/web-3.json': '{"v":2,"prompt":"new","ts":1}',
    'asks/web-4.json': '{"prompt":"corrupt answer","ts":1}',
    'answers/web-4.json': '{"answer":7,"ts":1}',
    'answers/web-9.json': '{"answer":"to nobody","ts":1}',
    'sensors/off.sh': '#!/bin/sh\n',
    'sensors/readme.txt': 'x\n',
  });
  chmodSync(join(old, 'sensors/off.sh'), 0o644);
  const secret = join(dirname(at.root), 'secret');
  mkdirSync(secret);
  writeFileSync(join(secret, 'key.md'), 'SECRET\n');
  symlinkSync(join(secret, 'key.md'), join(old, 'goals/link.md'));
  symlinkSync(secret, join(old, 'reports'));
  symlinkSync(secret, join(old, 'schedules'));
  const report = await run('--yes');
  expect(outcomes(report)).toEqual({ made: ['asks/web-4.md', 'goals/ok.md', 'PLAYBOOK.md'] });
  const reasons = Object.fromEntries(report.left.map(({ from, reason }) => [from, reason]));
  expect(reasons).toMatchObject({
    'goals/-rf.md': expect.stringContaining('no goal id'),
    'goals/a b.md': expect.stringContaining('no goal id'),
    'goals/..evil.md': expect.stringContaining('no goal id'),
    'goals/acting.md': expect.stringContaining('"rules"'),
    'goals/big.md': expect.stringContaining('65536'),
    'goals/link.md': expect.stringContaining('symbolic link'),
    'asks/gate-1.json': expect.stringContaining('seal'),
    'asks/web.json': expect.stringContaining('<worker>-<number>'),
    'asks/web-1.json': 'it has no prompt',
    'asks/web-2.json': expect.stringContaining('no JSON'),
    'asks/web-3.json': expect.stringContaining('newer looop'),
    'answers/web-4.json': expect.stringContaining('pending'),
    'answers/web-9.json': expect.stringContaining('no ask'),
    'sensors/off.sh': expect.stringContaining('not executable'),
    'sensors/readme.txt': 'only *.sh is read here',
    reports: expect.stringContaining('symbolic link'),
    schedules: expect.stringContaining('symbolic link'),
  });
  expect(picture(at.root).join('\n')).not.toContain(Buffer.from('SECRET').toString('base64').slice(0, 6));
});

test('a directory that is none of that program, or not there, is bad input', async () => {
  mkdirSync(old);
  expect(await at.tend(['import', 'looop', old])).toMatchObject({ code: 2, stdout: '' });
  rmSync(old, { recursive: true });
  expect((await at.tend(['import', 'looop', old])).stderr).toContain('no such file or directory');
  expect(existsSync(at.root)).toBe(false);
});

describe('records', () => {
  test.each<[string, object | string]>([
    ['{"every_s":60,"anchor_ts":5}', { format: 1, name: 'n', every_s: 60, anchor_ts: 5 }],
    ['{"every_s":3600}', { format: 1, name: 'n', every_s: 3600, anchor_ts: 77 }],
    ['{"due_ts":100,"anchor_ts":5,"note":"x"}', { format: 1, name: 'n', due_ts: 100, anchor_ts: 5, note: 'x' }],
    ['{"in_s":30,"created_at":100}', { format: 1, name: 'n', due_ts: 130, anchor_ts: 100 }],
    ['{"every_s":60,"due_ts":100}', 'it names no time, or both a date and a period'],
    ['{}', 'it names no time, or both a date and a period'],
    ['{"every_s":59}', 'its period is 59 s, at least 60 s are wanted'],
    ['{"v":9,"every_s":60}', 'a newer looop wrote it (version 9)'],
    ['[]', 'it is no JSON object'],
  ])('schedule %s', (record, wanted) => {
    expect(parseSchedule('n', record, 77)).toEqual(wanted);
  });

  test.each([
    ['{"prompt":"p","ts":1.9}', { value: { prompt: 'p', ts: 1 } }],
    ['{"prompt":"p","ts":1,"reference":"","options":[]}', { value: { prompt: 'p', ts: 1 } }],
    ['{"prompt":"p","ts":1,"options":["a",1]}', { problem: 'its "options" is no list of texts' }],
    ['{"prompt":"p","ts":"1"}', { problem: 'its "ts" is no time in seconds' }],
    ['{"prompt":"p","ts":1e300}', { problem: 'its "ts" is no time in seconds' }],
    ['{"prompt":"p","ts":1,"reference":7}', { problem: 'its "reference" is no text' }],
  ])('ask %s', (record, wanted) => {
    expect(parseAsk(record)).toEqual(wanted);
  });

  test.each([
    ['{"answer":"a","ts":1}', { value: { answer: 'a', ts: 1 } }],
    ['{"answer":" ","ts":1}', { problem: 'it has no answer' }],
    ['null', { problem: 'it is no JSON object' }],
  ])('answer %s', (record, wanted) => {
    expect(parseAnswer(record)).toEqual(wanted);
  });

  test('of a sensor the headers of its first lines and its variables are renamed, nothing else', () => {
    const far = `${'\n'.repeat(25)}# looop:interval=5\n`;
    expect(
      translateSensor(`#!/bin/sh\n# looop:interval=5\necho $LOOOP_DATA_DIR $MY_LOOOP_DATA_DIR looop${far}`).script,
    ).toBe(`#!/bin/sh\n# tend:interval=5\necho $TEND_DATA_DIR $MY_LOOOP_DATA_DIR looop${far}`);
    expect(translateSensor('#!/bin/sh\necho 1\n')).toEqual({ script: '#!/bin/sh\necho 1\n', changed: [] });
  });
});
