/** Every state of a loop is damaged: it is derived anew from spec and slots, nothing runs twice, and what a human stopped stays so. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resumeState } from '../../src/runs/rules/life.js';
import { tickAll } from '../../src/runs/tick.js';
import { casState, readLoop } from '../../src/store/loops.js';
import { failed, MINUTE, mortal, openRig, type Rig } from './loop-rig.js';

let rig: Rig;
let said: string[];
beforeEach(() => {
  rig = openRig();
  said = [];
});
afterEach(() => rig.close());

const signal = new AbortController().signal;
const names = (dir: string): string[] => {
  const listed = rig.disk.list(dir);
  return listed.state === 'present' ? listed.names : [];
};
const states = (id: string) => names(`schedules/${id}/state`).map((name) => `schedules/${id}/state/${name}`);
const damage = (id: string, content: string | Uint8Array = '{"format": 1, "rev') => {
  for (const key of states(id)) rig.disk.replace(key, content);
};
const tick = (over: Parameters<Rig['process']>[1] = {}) =>
  tickAll(rig.process(undefined, { log: (_level, event) => void said.push(event), ...over }), signal);
const startedSlots = () => rig.starts.map(({ slot }) => slot);
const resume = (id: string): void => {
  const { spec, loopState } = rig.loop(id);
  const { state } = resumeState(spec, loopState, { now: rig.clock.wall, zone: 'UTC', by: 'test', claimed: true });
  if (!state || !casState(rig.disk, id, loopState, state)) throw new Error('not resumed');
};

describe.each<[string, string | Uint8Array | undefined]>([
  ['empty', ''],
  ['cut short', '{"format": 1, "rev'],
  ['binary', Uint8Array.of(0, 255, 254, 1)],
  ['JSON of another shape', '{"format":1,"colour":"red"}'],
])('the only state is %s', (_name, content) => {
  test('it is put into quarantine, told once, and the loop goes on at its planned times', async () => {
    const id = rig.add();
    damage(id, content);
    rig.pass(MINUTE);
    expect(readLoop(rig.disk, id)).toMatchObject({
      state: 'invalid',
      reason: expect.stringContaining('tend loops tick'),
    });
    await tick();
    await tick();
    expect(startedSlots()).toEqual(['2026-11-21T08:01:00.000Z']);
    expect(rig.state(id)).toMatchObject({ status: 'active', nextRunAt: '2026-11-21T08:02:00.000Z' });
    expect(names('quarantine')).toHaveLength(1);
    expect(said.filter((event) => event === 'loop.restored')).toHaveLength(1);
  });
});

test('a loop that had run loses every state: it is paused, says what to type, and after a resume no planned time runs twice', async () => {
  const id = rig.add();
  for (let n = 0; n < 3; n++) {
    rig.pass(MINUTE);
    await tick();
  }
  damage(id);
  rig.pass(MINUTE);
  await tick({ log: (_level, _event, text) => void said.push(text) });
  expect(rig.state(id)).toMatchObject({ status: 'paused', cause: 'repair', nextRunAt: '2026-11-21T08:03:00.000Z' });
  expect(said).toContainEqual(expect.stringContaining(`tend loops resume ${id}`));
  expect(rig.starts).toHaveLength(3);
  resume(id);
  await tick();
  expect(startedSlots().at(-1)).toBe('2026-11-21T08:04:00.000Z');
  expect(new Set(startedSlots()).size).toBe(4);
  expect(rig.state(id)).toMatchObject({ status: 'active', nextRunAt: '2026-11-21T08:05:00.000Z' });
});

test('a failure that was to be tried again is, once; one that ran at its only time does not run again', async () => {
  const retried = rig.add({ maxAttempts: 2 });
  const once = rig.add({ schedule: { type: 'once', at: '2026-11-21T08:00:30.000Z' } });
  rig.pass(MINUTE);
  await tickAll(
    rig.process(({ identity }) => failed({ error: identity.loopName ?? '' })),
    signal,
  );
  for (const id of [retried, once]) damage(id);
  await tick();
  for (const id of [retried, once]) resume(id);
  rig.pass(2 * MINUTE);
  await tick();
  expect(rig.starts.filter(({ slot }) => slot.includes('08:01:00')).map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(rig.starts.filter(({ slot }) => slot.includes('08:00:30'))).toHaveLength(1);
  expect(rig.state(once)).toMatchObject({ status: 'stopped' });
});

test('whoever mends it dies at any step: the next look comes to the same, and nothing runs twice', async () => {
  for (let at = 1; ; at++) {
    const id = rig.add({ name: `died at ${at}` });
    rig.pass(MINUTE);
    damage(id);
    const before = rig.starts.length;
    const disk = mortal(rig.disk, at);
    const dying = rig.process(undefined, { disk });
    await tickAll(dying, signal).catch(() => undefined);
    rig.kill(dying);
    const isOver = disk.steps.length < at;
    rig.pass(61_000 + 30 * MINUTE);
    await tick();
    expect(rig.state(id), `at ${at}`).toMatchObject({ status: 'active' });
    const slots = rig.starts.slice(before).map(({ slot }) => slot);
    expect(new Set(slots).size, `at ${at}`).toBe(slots.length);
    rig.disk.moveTree(`schedules/${id}`, `trash/x-loop-${id}`);
    if (isOver) return;
  }
});

test('a state that a newer tend wrote, or that cannot be read, is left as it is', async () => {
  const id = rig.add();
  damage(id, '{"format": 99}');
  rig.pass(MINUTE);
  await tick();
  expect(readLoop(rig.disk, id)).toMatchObject({ state: 'newer' });
  expect(rig.starts).toEqual([]);
  expect(states(id)).toHaveLength(1);
});

test('whatever had happened before: no attempt of a planned time is started twice', async () => {
  const moment = fc.constantFrom('pass', 'tick', 'fail', 'damage', 'resume');
  await fc.assert(
    fc.asyncProperty(
      fc.array(moment, { minLength: 5, maxLength: 25 }),
      fc.constantFrom('none' as const, 'latest' as const, 'all' as const),
      async (moments, catchUp) => {
        const id = rig.add({ catchUp, maxAttempts: 2 });
        const from = rig.starts.length;
        for (const what of moments) {
          if (what === 'pass') rig.pass(MINUTE);
          if (what === 'tick') await tick();
          if (what === 'fail')
            await tickAll(
              rig.process(() => failed()),
              signal,
            );
          if (what === 'damage') damage(id);
          if (what === 'resume' && readLoop(rig.disk, id)?.state === 'ok') resume(id);
        }
        const began = rig.starts.slice(from).map(({ slot, attempt }) => `${slot} ${attempt}`);
        expect(new Set(began).size).toBe(began.length);
        await tick();
        expect(readLoop(rig.disk, id)?.state).toBe('ok');
        rig.disk.moveTree(`schedules/${id}`, `trash/x-loop-${id}`);
      },
    ),
    { numRuns: 40 },
  );
});
