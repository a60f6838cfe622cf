/** `tend loops gc` as the built program: a dry run changes nothing, and what it says is what is done. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loopRunId } from '../../src/model/loop.js';
import type { GcCounts } from '../../src/runs/gc.js';
import { publishClaim, publishResult, slotDir, writeOutputs } from '../../src/store/slots.js';
import { makeProfile, type Profile } from './tend-process.js';

let p: Profile;
beforeEach(() => {
  p = makeProfile();
});
afterEach(() => p.remove());

const picture = (): string[] =>
  (readdirSync(p.root, { recursive: true }) as string[])
    .sort()
    .map((key) => `${key} ${statSync(join(p.root, key)).size} ${statSync(join(p.root, key)).mtimeMs}`);

test('a dry run says what would go and changes nothing; --apply does it; what a run printed is still shown [loops 173]', async () => {
  const { id } = await p.json<{ id: string }>([
    'loops',
    'create',
    'command',
    'old',
    '--cmd',
    'true',
    '--every',
    '1h',
    '--json',
  ]);
  const slot = Date.now() - 50 * 3_600_000;
  const ref = { loop: id, slot, attempt: 1 };
  const at = (ms: number) => new Date(ms).toISOString();
  publishClaim(p.disk, ref, {
    kind: 'run',
    token: 't',
    source: 'schedule',
    claimedBy: 'x',
    runner: { pid: 1, host: 'h' },
    leaseExpiresAt: at(slot),
    createdAt: at(slot),
  });
  writeOutputs(p.disk, ref, { stdout: 'what it said', stderr: '' });
  publishResult(p.disk, ref, {
    token: 't',
    status: 'succeeded',
    startedAt: at(slot),
    finishedAt: at(slot),
    outBytes: 12,
    errBytes: 0,
  });
  const before = picture();
  const dry = await p.tend(['loops', 'gc']);
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(dry.stdout).toMatch(/^ +1 {2}settled slots folded\n/);
  expect(dry.stdout).toMatch(/nothing was changed; --apply does it\n$/);
  expect(picture()).toEqual(before);
  const plan = await p.json<{ applied: boolean; plan: GcCounts; result?: GcCounts }>(['loops', 'gc', '-j']);
  expect(plan).toMatchObject({ applied: false, plan: { fold: { n: 1 }, rows: { n: 0 } } });
  expect(plan.result).toBeUndefined();
  const done = await p.json<{ applied: boolean; result: GcCounts }>(['loops', 'gc', '--apply', '--json']);
  expect(done).toMatchObject({ applied: true, result: { fold: { n: 1 } } });
  expect(p.disk.stat(slotDir(id, slot)).state).toBe('absent');
  const [run] = await p.json<object[]>(['loops', 'runs', 'old', '--show-output', '--json']);
  expect(run).toMatchObject({ id: loopRunId(id, slot), status: 'succeeded', stdout: 'what it said' });
  const shown = await p.tend(['runs', loopRunId(id, slot), '--show-output']);
  expect(shown.stdout).toContain('  what it said');
  const [inside] = [await p.tend(['loops', 'gc', '--apply'], { env: { TEND_SESSION_ID: 'worker-x' } })];
  expect(inside!.code).toBe(1);
});
