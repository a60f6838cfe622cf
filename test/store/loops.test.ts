/** `store/loops.ts`: the chain of a loop's states, its creation step by step, and what of it may be damaged. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LOOP_DEFAULTS, type LoopSpec } from '../../src/model/loop.js';
import { createState } from '../../src/runs/rules/life.js';
import type { Disk } from '../../src/store/disk.js';
import { localDisk } from '../../src/store/local-disk.js';
import {
  casState,
  createLoop,
  findLoop,
  loopIds,
  readLoop,
  readLoops,
  removeLoop,
  type SoundLoop,
  writeSpec,
} from '../../src/store/loops.js';

let dir: string;
let disk: Disk;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tend-loops-'));
  disk = localDisk(join(dir, 'data'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const NOW = Date.parse('2026-11-21T07:42:00Z');
const ID = '0123456789ab';

function specOf(over: Partial<LoopSpec> = {}): LoopSpec {
  const { catchUp, catchUpLimit, overlap, maxAttempts, retryDelayMs, leaseMs, breaker } = LOOP_DEFAULTS;
  return {
    format: 1,
    id: ID,
    name: 'x',
    schedule: { type: 'interval', everyMs: 60_000, anchor: 'fixed_rate' },
    target: { type: 'command', command: 'true', shell: true },
    ...{ catchUp, catchUpLimit, overlap, maxAttempts, retryDelayMs, leaseMs, breaker },
    createdAt: new Date(NOW).toISOString(),
    ...over,
  };
}
const make = (over: Partial<LoopSpec> = {}, on: Disk = disk) =>
  createLoop(on, specOf(over), createState(specOf(over), NOW, 'UTC', 'test'));
function sound(id = ID): SoundLoop {
  const entry = readLoop(disk, id);
  if (entry?.state !== 'ok') throw new Error(JSON.stringify(entry));
  return entry;
}
const revisions = (): string[] => {
  const listed = disk.list(`schedules/${ID}/state`);
  return listed.state === 'present' ? listed.names.map((name) => String(Number(name.slice(0, 10)))) : [];
};
const step = (by: string): boolean => {
  const { loopState } = sound();
  return casState(disk, ID, loopState, { ...loopState, by });
};

/** A disk whose user dies before its step number `n`; reading is no step. */
function dying(n: number): Disk {
  let left = n;
  const dies =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      if (left === 0) throw new Error('killed');
      left -= 1;
      return call(...args);
    };
  return {
    ...disk,
    publish: dies(disk.publish),
    replace: dies(disk.replace),
    move: dies(disk.move),
    remove: dies(disk.remove),
  };
}

test('whoever is killed while a loop is created leaves none or the whole of it [loops 73]', () => {
  for (let n = 0; ; n++) {
    const id = `00000000000${n}`;
    let finished = true;
    try {
      make({ id }, dying(n));
    } catch {
      finished = false;
    }
    const entry = readLoop(disk, id);
    expect(entry?.state, `killed before step ${n}`).toBe(finished ? 'ok' : undefined);
    expect(findLoop(disk, 'x')).toHaveLength(finished ? 1 : 0);
    if (finished) {
      expect(n, 'it has more than one step').toBeGreaterThan(1);
      break;
    }
  }
});

test('a loop is made once: the second of its id changes nothing', () => {
  expect(make()).toBe(true);
  expect(make({ name: 'y' })).toBe(false);
  expect(sound()).toMatchObject({ spec: { name: 'x' }, loopState: { rev: 1, status: 'active' } });
});

test('of two who change the same state one succeeds, and the other sees what the first did', () => {
  make();
  const { loopState } = sound();
  expect(casState(disk, ID, loopState, { ...loopState, by: 'first' })).toBe(true);
  expect(casState(disk, ID, loopState, { ...loopState, by: 'second' })).toBe(false);
  expect(sound().loopState).toMatchObject({ rev: 2, by: 'first' });
});

test('the last five states are kept, without a gap', () => {
  make();
  for (let n = 0; n < 12; n++) expect(step(`${n}`)).toBe(true);
  expect(revisions()).toEqual(['9', '10', '11', '12', '13']);
  expect(sound().loopState).toMatchObject({ rev: 13, by: '11' });
});

test('whoever looked so long ago that the next number has come and gone changes nothing', () => {
  make();
  const { loopState: old } = sound();
  for (let n = 0; n < 12; n++) step(`${n}`);
  expect(casState(disk, ID, old, { ...old, by: 'late' })).toBe(false);
  expect(sound().loopState.by).toBe('11');
  // Stopped between its look and its publishing, for as long.
  const stopped: Disk = {
    ...disk,
    list: (key) => (seen ? disk.list(key) : { state: 'present', names: ['0000000001.json'] }),
  };
  let seen = false;
  const publish: Disk['publish'] = (key, text) => {
    seen = true;
    return disk.publish(key, text);
  };
  expect(casState({ ...stopped, publish }, ID, old, { ...old, by: 'late' })).toBe(false);
  expect(sound().loopState.by).toBe('11');
});

test.each(['', '{', '[]', '{"format":1}', '\0\u0001', '{"format":1,"rev":3}'])(
  'a damaged newest state (%j) is passed over, and goes to quarantine with the next change [loops 103]',
  (text) => {
    make();
    step('before');
    writeFileSync(disk.path(`schedules/${ID}/state/0000000003.json`), text);
    expect(sound().loopState).toMatchObject({ rev: 2, by: 'before' });
    expect(disk.list('quarantine'), 'reading writes nothing').toEqual({ state: 'absent' });
    expect(step('after')).toBe(true);
    expect(sound().loopState).toMatchObject({ rev: 3, by: 'after' });
    expect(disk.list('quarantine')).toMatchObject({ names: [`schedules__${ID}__state__0000000003.json.1`] });
  },
);

test('a state or a spec of a newer tend is neither changed nor passed over [loops 111]', () => {
  make();
  disk.publish(`schedules/${ID}/state/0000000002.json`, '{"format": 99}');
  expect(readLoop(disk, ID)).toMatchObject({
    state: 'newer',
    name: 'x',
    reason: expect.stringContaining('update tend'),
  });
  const state = createState(specOf(), NOW, 'UTC', 'test');
  expect(() => casState(disk, ID, state, state)).toThrow('update tend');
  disk.replace(`schedules/${ID}/spec.json`, '{"format": 99, "name": "x"}');
  expect(readLoop(disk, ID)).toMatchObject({ state: 'newer', name: 'x' });
});

test('a loop whose spec or states are lost is told, not taken for absent; a cut creation is none', () => {
  make();
  step('once');
  disk.remove(`schedules/${ID}/spec.json`);
  expect(readLoop(disk, ID)).toMatchObject({ state: 'invalid', reason: 'spec.json is missing' });
  disk.publish(`schedules/${ID}/spec.json`, JSON.stringify(specOf()));
  disk.removeTree(`schedules/${ID}/state`);
  expect(readLoop(disk, ID)).toMatchObject({ state: 'invalid', name: 'x', reason: expect.stringContaining('state/') });
  disk.publish('schedules/ffffffffffff/state/0000000001.json', '{}');
  expect(readLoop(disk, 'ffffffffffff')).toBeUndefined();
  expect(loopIds(disk)).toContain('ffffffffffff');
});

test('what cannot be read of one loop is told of that loop alone', () => {
  make();
  const [spec, states] = ['111111111111', '222222222222'];
  disk.makeDir(`schedules/${spec}/spec.json`);
  make({ id: states });
  disk.removeTree(`schedules/${states}/state`);
  disk.publish(`schedules/${states}/state`, 'no directory');
  disk.publish('schedules/333333333333', 'no directory');
  expect(readLoops(disk).map(({ id, state }) => [id, state])).toEqual([
    [ID, 'ok'],
    [spec, 'unreadable'],
    [states, 'unreadable'],
    ['333333333333', 'unreadable'],
  ]);
});

test.each([
  [{ name: '' }, 'name'],
  [{ id: 'ffffffffffff' }, 'id'],
  [{ maxAttempts: 0 }, 'maxAttempts'],
  [{ catchUpLimit: 1.5 }, 'catchUpLimit'],
  [{ retryDelayMs: -1 }, 'retryDelayMs'],
  [{ leaseMs: 0 }, 'leaseMs'],
  [{ breaker: -1 }, 'breaker'],
  [{ expiresAt: 'soon' }, 'expiresAt'],
  [{ schedule: { type: 'once', at: 'soon' } }, 'schedule.at'],
  [{ schedule: { type: 'interval', everyMs: 0, anchor: 'fixed_rate' } }, 'schedule.everyMs'],
  [{ schedule: { type: 'cron', expression: '61 * * * *' } }, 'schedule.expression'],
  [{ schedule: { type: 'cron', expression: '0 0 30 2 *' } }, 'schedule.expression'],
  [{ schedule: { type: 'cron', expression: '@daily', timezone: 'Mars/Olympus' } }, 'schedule.timezone'],
  [{ schedule: { type: 'dynamic', minIntervalMs: 0 } }, 'schedule.minIntervalMs'],
  [{ schedule: { type: 'sometimes' } }, 'schedule.type'],
  [{ target: { type: 'command', command: ' ' } }, 'target.command'],
  [{ target: { type: 'agent', provider: 'gpt', prompt: 'p' } }, 'target.provider'],
])('a spec that was edited to %j is invalid, and says where', (edit, field) => {
  make();
  writeFileSync(disk.path(`schedules/${ID}/spec.json`), JSON.stringify({ ...specOf(), ...edit }));
  expect(readLoop(disk, ID)).toMatchObject({ state: 'invalid', reason: expect.stringContaining(`${field}:`) });
});

test('an id goes before a name, and of namesakes the newest comes first', () => {
  make();
  make({ id: '111111111111', name: ID, createdAt: '2026-11-22T00:00:00.000Z' });
  make({ id: '222222222222', createdAt: '2026-11-20T00:00:00.000Z' });
  expect(findLoop(disk, ID).map(({ id }) => id)).toEqual([ID]);
  expect(findLoop(disk, 'x').map(({ id }) => id)).toEqual([ID, '222222222222']);
  expect(findLoop(disk, 'nobody')).toEqual([]);
});

test('a loop whose spec is no JSON any more is still found by its name', () => {
  make({ name: 'an "odd" name' });
  const read = disk.read(`schedules/${ID}/spec.json`);
  disk.replace(`schedules/${ID}/spec.json`, read.state === 'present' ? read.text.replace('{', '{{') : '');
  expect(findLoop(disk, 'an "odd" name')).toMatchObject([{ id: ID, state: 'invalid' }]);
});

test('a removed loop lies whole in the trash, and is removed once', () => {
  make();
  expect(removeLoop(disk, ID, NOW)).toBe(true);
  expect(removeLoop(disk, ID, NOW)).toBe(false);
  expect(readLoop(disk, ID)).toBeUndefined();
  expect(disk.list(`trash/20261121T074200000Z-loop-${ID}`)).toEqual({
    state: 'present',
    names: ['spec.json', 'state'],
  });
});

test('a spec that is written anew leaves the states as they are', () => {
  make();
  writeSpec(disk, specOf({ name: 'y' }));
  expect(sound()).toMatchObject({ spec: { name: 'y' }, loopState: { rev: 1 } });
});
