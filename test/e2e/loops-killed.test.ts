import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type LoopSpec, loopRunId, slotKey } from '../../src/model/loop.js';
import { createState, pauseState } from '../../src/runs/rules/life.js';
import { localDisk } from '../../src/store/local-disk.js';
import { casState, createLoop, readLoop } from '../../src/store/loops.js';
import { newestRuns } from '../../src/store/runs.js';
import { readSlot, slotsOf } from '../../src/store/slots.js';
import { type House, openHouse, until } from './house.js';

// A real pulse with loops of every second is killed again and again. More of it: KILLS=25 LOOPS=30.
const KILLS = Number(process.env['KILLS'] ?? 4);
const LOOPS = Number(process.env['LOOPS'] ?? 8);
const SECOND = 1_000;

let house: House;
beforeEach(() => {
  house = openHouse();
});
afterEach(() => house.close());

const idOf = (n: number): string => String(n).padStart(12, 'a');

/** Some that are over at once and some that a death meets in the middle; with and without a second attempt, or overlap. */
function addLoops(now: number): void {
  const disk = localDisk(house.root);
  for (let n = 0; n < LOOPS; n++) {
    const command = `echo "$TEND_SCHEDULED_FOR $TEND_ATTEMPT" >> ${house.base}/ran-${idOf(n)}; sleep 0.${n % 4}`;
    const spec: LoopSpec = {
      format: 1,
      id: idOf(n),
      name: `often-${n}`,
      schedule: { type: 'interval', everyMs: SECOND, anchor: 'fixed_rate' },
      target: { type: 'command', command, shell: true },
      catchUp: n % 2 === 0 ? 'latest' : 'all',
      catchUpLimit: 3,
      overlap: n % 5 === 0 ? 'allow' : 'skip',
      maxAttempts: 1 + (n % 3 === 0 ? 1 : 0),
      retryDelayMs: 300,
      leaseMs: 1_800_000,
      breaker: 0,
      createdAt: new Date(now).toISOString(),
    };
    createLoop(disk, spec, createState(spec, now, 'UTC', 'test'));
  }
}

const loops = () => {
  const disk = localDisk(house.root);
  return Array.from({ length: LOOPS }, (_, n) => {
    const entry = readLoop(disk, idOf(n));
    if (entry?.state !== 'ok') throw new Error(`loop ${n} is ${entry?.state}`);
    return entry;
  });
};
const ran = (id: string): string[] => {
  const path = join(house.base, `ran-${id}`);
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
const marks = (): string[] => readdirSync(join(house.root, 'live')).filter((name) => /^[0-9a-f]{12}\./.test(name));

/** A pulse in the foreground; resolves when it has begun to run loops. */
async function start() {
  const before = loops().map(({ id }) => ran(id).length);
  const pulse = house.start(['up', '--foreground']);
  await until('it runs loops', () => loops().some(({ id }, n) => ran(id).length > (before[n] ?? 0)));
  return pulse;
}

test('a pulse that is killed at random moments: no attempt runs twice, no loop is stuck, no mark stays, and every planned time ran, was skipped or is counted as missed [loops 71]', async () => {
  await house.init();
  const began = Date.now();
  addLoops(began);
  for (let kill = 0; kill < KILLS; kill++) {
    const { child, ended } = await start();
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 700));
    child.kill('SIGKILL');
    await ended;
  }
  // Longer than the loops' interval without a pulse: some planned times are missed for certain.
  const died = Date.now();
  await until('planned times pass', () => Date.now() > died + 2.5 * SECOND);
  const last = await start();
  const from = Date.now();
  await until('no loop is stuck', () =>
    loops().every(({ loopState }) => Date.parse(loopState.lastRun?.finishedAt ?? '') > from),
  );
  last.child.kill('SIGTERM');
  expect((await last.ended).stderr).not.toContain('Warning');
  const disk = localDisk(house.root);
  for (const { id, loopState } of loops()) {
    const paused = pauseState(loopState, Date.now(), 'test');
    expect('state' in paused && casState(disk, id, loopState, paused.state)).toBe(true);
  }
  await until('the last orphans are over', async () => {
    await house.must(['loops', 'tick']);
    return marks().length === 0;
  });
  const told = new Set(newestRuns(disk, 10_000).map((row) => `${row.id} ${row.attempt}`));
  const sum = { ran: 0, missed: 0, skipped: 0, abandoned: 0 };
  for (const loop of loops()) {
    const effects = ran(loop.id);
    expect(new Set(effects).size, loop.spec.name).toBe(effects.length);
    const attempts = slotsOf(disk, loop.id).flatMap((slot) => readSlot(disk, { loop: loop.id, slot }, 9).attempts);
    for (const { ref, claim, result } of attempts) {
      const isSkip = claim.state === 'present' && claim.value.kind === 'skip';
      expect(isSkip || result !== undefined, `${loop.spec.name} ${slotKey(ref.slot)}`).toBe(true);
      expect(told).toContain(`${loopRunId(ref.loop, ref.slot)} ${ref.attempt}`);
      sum.skipped += isSkip ? 1 : 0;
      sum.abandoned += result?.status === 'abandoned' ? 1 : 0;
    }
    // While a retry waits the cursor is its time, and its slot is the last that began.
    const { nextRunAt = '', retryScheduledFor, missed } = loop.loopState;
    const end = Date.parse(retryScheduledFor ?? nextRunAt);
    const begun = new Set(attempts.map(({ ref }) => ref.slot).filter((slot) => slot < end));
    expect(begun.size + missed.total, loop.spec.name).toBe((end - began) / SECOND - 1);
    sum.ran += effects.length;
    sum.missed += missed.total;
  }
  expect(sum.missed).toBeGreaterThan(0);
  if (process.env['KILLS']) process.stderr.write(`${JSON.stringify({ ...sum, ms: Date.now() - began })}\n`);
}, 120_000);
