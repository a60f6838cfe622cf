import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createState } from '../../src/runs/rules/life.js';
import { type AttemptRef, liveAttempts } from '../../src/store/live.js';
import { readAttempt, slotsOf } from '../../src/store/slots.js';
import { MINUTE, openRig, type Rig } from './loop-rig.js';

let rig: Rig;
const children: ChildProcess[] = [];
beforeEach(() => {
  rig = openRig();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rig.close();
});

const LOOPS = 25;
const SLOTS = 40;

/** Each has all its slots due, and makes all of them up. */
function addLoops(): string[] {
  const now = Date.now();
  return Array.from({ length: LOOPS }, (_, n) => {
    const over = { name: `l${n}`, catchUp: 'all', catchUpLimit: SLOTS, breaker: 0 } as const;
    const id = rig.add(over);
    const { nextRunAt } = createState(rig.loop(id).spec, now - (SLOTS + 0.1) * MINUTE, 'UTC', 'test');
    rig.change(id, { ...(nextRunAt ? { nextRunAt } : {}), updatedAt: new Date(now).toISOString() });
    return id;
  });
}

async function startPulses(n: number, counter: string): Promise<Promise<unknown>[]> {
  const outfile = join(rig.base, 'actor.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'pulse-actor.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    banner: { js: 'import{createRequire as $r}from"node:module";const require=$r(import.meta.url);' },
  });
  return Array.from({ length: n }, () => {
    const child = spawn(process.execPath, [outfile, rig.disk.root, counter], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(child);
    return once(child, 'exit');
  });
}

test('two pulses without a lock, which know nothing of each other, run 1,000 slots: each is claimed and started once [loops 93]', async () => {
  const ids = addLoops();
  const counter = join(rig.base, 'effects');
  const ended = await startPulses(2, counter);
  const lines = () => (existsSync(counter) ? readFileSync(counter, 'utf8').split('\n').filter(Boolean) : []);
  const isOver = (): boolean => ids.every((id) => Date.parse(rig.state(id).nextRunAt ?? '') > Date.now());
  while (!isOver() || liveAttempts(rig.disk).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(ended);
  const effects = lines();
  expect(new Set(effects).size).toBe(effects.length);
  const seen = ids.flatMap((id) => slotsOf(rig.disk, id).map((slot) => ({ loop: id, slot, attempt: 1 })));
  expect(seen.length).toBeGreaterThanOrEqual(LOOPS * SLOTS);
  const nameOf = ({ loop, slot, attempt }: AttemptRef) => `${loop} ${new Date(slot).toISOString()} ${attempt}`;
  expect(effects.sort()).toEqual(seen.map(nameOf).sort());
  const claims = seen.map((ref) => readAttempt(rig.disk, ref)?.claim);
  const owners = new Set(claims.map((claim) => (claim?.state === 'present' ? claim.value.claimedBy : 'nobody')));
  expect(owners.size).toBe(2);
  expect(ids.map((id) => rig.state(id).missed.total)).toEqual(ids.map(() => 0));
}, 120_000);
