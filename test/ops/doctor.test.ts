/** The doctor finds what is wrong wherever it is, names a cure, changes nothing, and is never itself the patient. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unknownKeys } from '../../src/ops/doctor/checks/config.js';
import { judgeFs } from '../../src/ops/doctor/checks/data-dir.js';
import { judgeClock } from '../../src/ops/doctor/checks/machine.js';
import { isNodeEnough } from '../../src/ops/doctor/checks/node.js';
import { CHECKS } from '../../src/ops/doctor/registry.js';
import { makeProfile, type Profile } from '../contract/tend-process.js';

let at: Profile;
beforeEach(() => {
  at = makeProfile();
});
afterEach(() => at.remove());

type Level = 'ok' | 'note' | 'warn' | 'fail';
interface Report {
  level: Level;
  counts: Record<Level, number>;
  checks: { id: string; level: Level; findings: { level: Level; what: string; cure?: string }[] }[];
}

/** The check-up of the profile, which must have changed nothing, crashed nowhere and named a cure for whatever is wrong. */
async function doctor(
  env: Record<string, string> = {},
): Promise<Report & { code: number | null; of(id: string): string[] }> {
  const before = picture();
  const { code, stdout, stderr } = await at.tend(['doctor', '--json'], { env });
  expect(stderr).toBe('');
  expect(picture()).toEqual(before);
  const report = JSON.parse(stdout) as Report;
  expect(report.checks.map(({ id }) => id)).toEqual(CHECKS.map(({ id }) => id));
  for (const { id, findings } of report.checks)
    for (const { level, what, cure } of findings) {
      expect(what, id).not.toMatch(/undefined|\[object|at file:|NaN/);
      if (level === 'warn' || level === 'fail') expect(cure, `${id}: ${what}`).toMatch(/\S/);
    }
  const exit = report.level === 'fail' ? 2 : report.level === 'warn' ? 1 : 0;
  expect(code).toBe(exit);
  const of = (id: string) =>
    report.checks.find((one) => one.id === id)!.findings.map(({ level, what }) => `${level}: ${what}`);
  return { ...report, code, of };
}

function picture(): string[] {
  try {
    return (readdirSync(at.root, { recursive: true }) as string[]).sort().map((key) => {
      const stat = statSync(join(at.root, key));
      return `${key} ${stat.mode} ${stat.size} ${stat.isDirectory() ? '' : stat.mtimeMs}`;
    });
  } catch (error) {
    return [(error as NodeJS.ErrnoException).code ?? ''];
  }
}

const write = (key: string, text: string): void => {
  mkdirSync(dirname(join(at.root, key)), { recursive: true });
  writeFileSync(join(at.root, key), text);
};
const init = () => at.tend(['init', '--runner', 'embedded', '--yes']);
const like = (text: string) => expect.stringContaining(text);

test('before init it says what is missing; with a pulse that beats all is well; after it was killed that is said', async () => {
  const nothing = await doctor();
  expect(nothing.code).toBe(2);
  expect(nothing.of('data-dir')).toEqual([like('fail: there is no data dir')]);
  expect(nothing.of('config')).toEqual([like('fail: there is no config')]);
  await init();
  expect((await doctor()).of('pulse')).toEqual([like('warn: the pulse is down')]);
  const { pid } = await at.json<{ pid: number }>(['up', '--json']);
  try {
    const { code, stdout } = await at.tend(['doctor', '--json']);
    const well = JSON.parse(stdout) as Report;
    expect({ code, level: well.level, fails: well.counts.fail, warns: well.counts.warn }).toEqual({
      code: 0,
      level: 'note',
      fails: 0,
      warns: 0,
    });
    process.kill(pid, 'SIGSTOP');
    expect((await at.tend(['doctor'])).stdout).toContain(`the pulse, pid ${pid}, is there and does not answer`);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
  expect((await doctor()).of('pulse')).toEqual([like('did not end by itself')]);
});

test('much that is wrong at once: each has its own finding', async () => {
  await init();
  write(
    'config.json',
    JSON.stringify({
      runner: 'custom',
      tick_command: 'no-such-agent --go < {{prompt_file}}',
      worker_comand: 'x',
      interval: 'often',
      noop_ttl: -5,
      budget: { day_usd: 0, day_euro: 3 },
      gate: { unsafe: true, allow: ['bash -c *', 'git push *'], sensors: 'allow' },
    }),
  );
  write('sensors/plain.sh', '#!/bin/sh\necho 1\n');
  chmodSync(join(at.root, 'sensors/plain.sh'), 0o644);
  write('sensors/headed.sh', '#!/bin/sh\n# tend:intervall=5\necho 1\n');
  chmodSync(join(at.root, 'sensors/headed.sh'), 0o755);
  write('snapshots/sensor-today.json', '{"signal":{"error":true,"exit_code":3},"detail":{}}\n');
  write('schedules/odd.json', '{"every_s":1}');
  write('asks/web-1.md', '---\nnot: [closed\n---\nx\n');
  write('quarantine/asks__web-7.md.1', 'x');
  write('workers/gone/spec.json', 'no json');
  utimesSync(join(at.root, 'PLAYBOOK.md'), new Date(), new Date(Date.now() + 7_200_000));
  chmodSync(at.root, 0o755);
  const sick = await doctor({ TEND_MAX_DAILY_USB: '5', PATH: '/usr/bin:/bin', SHELL: '/bin/fish' });
  expect(sick.of('runner')).toEqual([like('fail: Cannot launch the runner: "no-such-agent"')]);
  expect(sick.of('config')).toEqual([
    like('"worker_comand" is unknown and does nothing; did you mean "worker_command"?'),
    like('"budget.day_euro" is unknown'),
    like('"often" is no number'),
    like('-5 is below 0'),
    like('TEND_MAX_DAILY_USB is unknown and does nothing; did you mean TEND_MAX_DAILY_USD?'),
  ]);
  expect(sick.of('gate')).toEqual([like('warn: gate.unsafe'), like('"bash -c *"'), like('note: gate.sensors')]);
  expect(sick.of('budget')).toEqual([like('warn: the day has no limit')]);
  expect(sick.of('sensors')).toEqual([
    like('"headed": line 2'),
    like('"plain": the sensor cannot be run: it is not executable'),
    like('"today" failed at its last reading'),
  ]);
  expect(sick.of('records')).toEqual([like('warn: ask "web-1"'), like('warn: schedule "odd"')]);
  expect(sick.of('quarantine')).toEqual([like('asks__web-7.md.1')]);
  expect(sick.of('workers')).toEqual([like('warn: worker "gone"')]);
  expect(sick.of('clock')).toEqual([like('was written 1h in the future')]);
  expect(sick.of('data-dir')).toEqual([like('is open to others (mode 755)')]);
  expect(sick.of('completion')).toEqual([like('note: fish does not complete tend')]);
});

test.each<[string, (root: string) => void, string, string]>([
  [
    'it is a file',
    (root) => {
      rmSync(root, { recursive: true });
      writeFileSync(root, 'x');
    },
    'data-dir',
    'it is not a directory',
  ],
  [
    'a newer tend made it',
    (root) => writeFileSync(join(root, 'format.json'), '{"format":2}'),
    'data-dir',
    'a newer tend made it',
  ],
  ['its config is no JSON', (root) => writeFileSync(join(root, 'config.json'), '{'), 'config', 'Cannot use config'],
  [
    'its config names a runner that nobody knows',
    (root) => writeFileSync(join(root, 'config.json'), '{"runner":"hal"}'),
    'runner',
    'no such runner',
  ],
  [
    'files lie where directories belong',
    (root) => {
      for (const dir of [
        'asks',
        'goals',
        'sensors',
        'schedules',
        'workers',
        'locks',
        'quarantine',
        'snapshots',
        'intents',
      ]) {
        rmSync(join(root, dir), { recursive: true, force: true });
        writeFileSync(join(root, dir), 'x');
      }
    },
    'records',
    'cannot be listed',
  ],
  [
    'records are directories and garbage',
    (root) => {
      rmSync(join(root, 'PLAYBOOK.md'));
      for (const key of [
        'PLAYBOOK.md',
        'journal.md',
        'pulse/holder.json',
        'pulse/memory.json',
        'asks/x-1.md',
        'sensors/d.sh',
        'goals/g.md',
      ])
        mkdirSync(join(root, key), { recursive: true });
      writeFileSync(join(root, 'sensors/big.sh'), Buffer.alloc(5 * 1024 * 1024));
    },
    'data-dir',
    'PLAYBOOK.md" cannot be read',
  ],
])('of a data dir of which %s it reports that and goes on', async (_, harm, id, what) => {
  await init();
  harm(at.root);
  const { code, of } = await doctor();
  expect(code).toBe(2);
  expect(of(id).join('\n')).toContain(what);
});

describe('judged', () => {
  const fs = { freeBytes: 1e10, name: 'ext4', lacksLinks: false, isRemote: false };
  test.each([
    ['room', fs, ['ok']],
    ['little room', { ...fs, freeBytes: 5e7 }, ['warn']],
    ['none', { ...fs, freeBytes: 0 }, ['fail']],
    ['no more files', { ...fs, freeFiles: 3 }, ['warn']],
    ['no hard links', { ...fs, name: 'vfat', lacksLinks: true }, ['warn']],
    ['another machine', { ...fs, name: 'cifs', lacksLinks: true, isRemote: true }, ['warn', 'warn']],
  ])('a file system with %s', (_, report, levels) => {
    expect(judgeFs('/d', report).map(({ level }) => level)).toEqual(levels);
  });

  const now = Date.UTC(2026, 10, 21);
  test.each([
    [now, undefined, 'ok'],
    [now, { key: 'a', mtimeMs: now + 30_000 }, 'ok'],
    [now, { key: 'a', mtimeMs: now + 90_000 }, 'warn'],
    [0, { key: 'a', mtimeMs: 0 }, 'fail'],
  ])('a clock at %s with a file of %j', (clock, newest, level) => {
    expect(judgeClock(clock, newest).map((finding) => finding.level)).toEqual([level]);
  });

  test.each([
    ['v20.19.0', true],
    ['v20.18.9', false],
    ['v22.0.0', true],
    ['v18.20.4', false],
    ['v21.0.0-pre', true],
  ])('Node %s', (version, enough) => {
    expect(isNodeEnough(version)).toBe(enough);
  });

  test('keys of the config: every one that is read is known, also the former names', () => {
    expect(
      unknownKeys({
        runner: 'x',
        tick: 'x',
        interactive: 'x',
        interval: 1,
        budget: { day_usd: 1 },
        gate: {},
        prices: {},
        secrets: [],
      }),
    ).toEqual([]);
    expect(unknownKeys({ colour: 1, budgets: {}, budget: 7 })).toEqual([
      'the config key "colour" is unknown and does nothing',
      'the config key "budgets" is unknown and does nothing; did you mean "budget"?',
    ]);
  });
});

test('its text is the worst first, and what is well is a number unless it is asked for', async () => {
  await init();
  const { stdout } = await at.tend(['doctor']);
  expect(stdout).toMatch(/^warn {2}pulse {7}the pulse is down[^\n]*\n {18}→ tend up\nnote/);
  expect(stdout).not.toMatch(/^ok/m);
  const { stdout: all } = await at.tend(['doctor', '--all']);
  expect(all).toMatch(/^ok {4}node +Node \d/m);
  expect(readFileSync(join(at.root, 'config.json'), 'utf8')).toContain('embedded');
});
