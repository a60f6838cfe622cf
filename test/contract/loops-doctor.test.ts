/** The doctor over timed loops: what would keep one from running is found before its time comes, and nothing is changed. */
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judgeClock } from '../../src/ops/doctor/checks/machine.js';
import { judgeZoneData } from '../../src/ops/doctor/checks/timed.js';
import { makeProfile, type Profile } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

interface Report {
  ok: boolean;
  checks: { id: string; status: string; message: string; detail?: string }[];
}

const doctor = async (env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await p.tend(['loops', 'doctor', '--json'], { env });
  const report = JSON.parse(stdout) as Report;
  const of = (id: string) => report.checks.find((check) => check.id === id);
  return { code, stderr, ...report, of };
};

const create = async (kind: string, name: string, ...flags: string[]) =>
  (await p.json<{ id: string }>(['loops', 'create', kind, name, '--every', '1h', '--json', ...flags])).id;

const picture = (): string[] =>
  (readdirSync(p.root, { recursive: true }) as string[])
    .sort()
    .map((key) => `${key} ${statSync(join(p.root, key)).size} ${statSync(join(p.root, key)).mtimeMs}`);

test('a loop whose program is missing fails as its preflight with exit 1; when it is there, warnings alone end with 0 [loops 170]', async () => {
  const bin = join(p.root, '..', 'bin');
  mkdirSync(bin);
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const good = await create('command', 'good', '--cmd', 'echo hi');
  expect(await doctor(env)).toMatchObject({ code: 0, ok: true });
  const bad = await create('command', 'nightly', '--cmd', 'no-such-program-xyz', '--no-shell');
  const before = picture();
  const found = await doctor(env);
  expect(picture()).toEqual(before);
  expect({ code: found.code, ok: found.ok, stderr: found.stderr }).toEqual({ code: 1, ok: false, stderr: '' });
  expect(found.of(`loop:${bad}:preflight`)).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('"nightly"') as string,
    detail: expect.stringContaining('no-such-program-xyz') as string,
  });
  expect(found.of(`loop:${good}:preflight`)).toMatchObject({ status: 'ok' });
  for (const id of ['provider:codewith', 'accounts']) expect(found.of(id), id).toMatchObject({ status: 'warn' });
  for (const id of [
    'data-dir',
    'node',
    'accounts',
    'daemon',
    'loop-runs',
    'fs-space',
    'clock',
    'corrupt',
    'orphans',
    'goal-key',
    'tz',
  ])
    expect(found.of(id), id).toBeDefined();
  const text = await p.tend(['loops', 'doctor'], { env });
  expect(text.stdout).toMatch(/^ok {3}data-dir {15}\S/);
  expect(text.stdout).toMatch(
    new RegExp(`^fail loop:${bad}:preflight "nightly" could not start \\(.*no-such-program-xyz.*\\)$`, 'm'),
  );

  // A paused loop is not to start, and the same finding stands in the doctor of everything.
  const whole = await p.tend(['doctor', '--json'], { env });
  const { checks } = JSON.parse(whole.stdout) as {
    checks: { id: string; findings: { level: string; what: string }[] }[];
  };
  expect(checks.find(({ id }) => id === 'loops')?.findings).toMatchObject([
    { level: 'fail', what: expect.stringContaining('no-such-program-xyz') as string },
  ]);
  await p.tend(['loops', 'pause', bad]);
  writeFileSync(join(bin, 'codewith'), '#!/bin/sh\n');
  chmodSync(join(bin, 'codewith'), 0o755);
  const mended = await doctor(env);
  expect(mended).toMatchObject({ code: 0, ok: true });
  expect(mended.of(`loop:${bad}:preflight`)).toBeUndefined();
  expect(mended.of('provider:codewith')).toMatchObject({ status: 'ok' });
});

test('failed runs, a missing key and a missing "accounts" are warnings; a spec that is none is a failure', async () => {
  await create('command', 'breaks', '--cmd', 'exit 3');
  await create('command', 'plans', '--cmd', 'true', '--goal', 'all is well');
  expect((await p.tend(['loops', 'run-now', 'breaks'])).code).toBe(1);
  const found = await doctor({ OPENROUTER_API_KEY: '' });
  expect(found.of('loop-runs')).toMatchObject({ status: 'warn', message: '1 failed since yesterday: breaks' });
  expect(found.of('goal-key')).toMatchObject({ status: 'warn', message: expect.stringContaining('"plans"') as string });
  expect(found).toMatchObject({ code: 0, ok: true });
  expect((await doctor({ OPENROUTER_API_KEY: 'k' })).of('goal-key')).toMatchObject({ status: 'ok' });
  const broken = await create('command', 'broken', '--cmd', 'true');
  writeFileSync(join(p.root, 'schedules', broken, 'spec.json'), '{"name":"broken"');
  const after = await doctor();
  expect(after).toMatchObject({ code: 1, ok: false });
  expect(after.of(`loop:${broken}:spec`)).toMatchObject({ status: 'fail' });
});

test('zone rules older than two years and a loop state of the future are said', () => {
  const now = Date.UTC(2026, 10, 21);
  expect(judgeZoneData('2025b', now)).toMatchObject([{ level: 'ok' }]);
  expect(judgeZoneData('2023c', now)).toMatchObject([
    { level: 'warn', what: expect.stringContaining('2023c') as string },
  ]);
  expect(judgeZoneData(undefined, now)).toMatchObject([{ level: 'note' }]);
  const state = { key: 'schedules/aaaaaaaaaaaa/state', mtimeMs: now + 7_200_000 };
  expect(judgeClock(now, state)).toMatchObject([
    { level: 'warn', what: expect.stringContaining('schedules/aaaaaaaaaaaa/state') as string },
  ]);
});
