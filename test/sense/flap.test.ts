import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Memory } from '../../src/model/memory.js';
import { nextFlaps } from '../../src/sense/flap.js';

/** Feeds signals beat by beat, `undefined` = the fact is absent; gives what flaps after the last. */
function after(signals: readonly (number | undefined)[], threshold = 5, start: Memory['flaps'] = {}) {
  let flaps = start;
  let flapping: string[] = [];
  for (const signal of signals)
    ({ flaps, flapping } = nextFlaps(flaps, signal === undefined ? [] : [{ name: 'sensor-x', signal }], threshold));
  return { flaps, flapping };
}

test('a fact that changes on five beats in a row flaps, four do not', () => {
  expect(after([0, 1, 2, 3, 4]).flapping).toEqual([]);
  expect(after([0, 1, 2, 3, 4, 5]).flapping).toEqual(['sensor-x']);
});

test('quiet beats take the streak down one by one, so an intermittent one still reaches it', () => {
  const intermittent = Array.from({ length: 40 }, (_, i) => (i % 3 === 2 ? Math.floor(i / 3) * 2 + 1 : i));
  expect(after([0, 1, 2, 3, 4, 5, 5]).flapping).toEqual([]);
  expect(after([0, 1, 2, 3, 3, 4, 5, 6]).flapping).toEqual(['sensor-x']);
  expect(after(intermittent).flapping).toEqual(['sensor-x']);
});

test('a fact that comes and goes flaps too', () => {
  expect(after([1, undefined, 1, undefined, 1, undefined]).flapping).toEqual(['sensor-x']);
});

test('calm returns after at most twice the threshold of quiet beats, however long it flapped', () => {
  const long = Array.from({ length: 500 }, (_, i) => i);
  expect(after([...long, ...Array<number>(6).fill(499)]).flapping).toEqual([]);
});

test('a removed sensor is forgotten once it is calm', () => {
  expect(after([1, 1, undefined, undefined, undefined]).flaps).toEqual({});
});

test('threshold 0 turns it off', () => {
  expect(after([0, 1, 2, 3, 4, 5, 6, 7], 0)).toEqual({ flaps: {}, flapping: [] });
});

test('the same signal in another order of keys is no change; a corrupt streak counts as none', () => {
  const flaps = nextFlaps({}, [{ name: 'sensor-x', signal: { a: 1, b: 2 } }], 1).flaps;
  expect(nextFlaps(flaps, [{ name: 'sensor-x', signal: { b: 2, a: 1 } }], 1).flapping).toEqual([]);
  const corrupt = { 'sensor-x': { last: 'x', streak: Number.NaN } };
  expect(after([1], 5, corrupt).flaps['sensor-x']?.streak).toBe(1);
});

test('an unchanged world leaves the table as it is after a while, so that nothing needs to be stored', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(3), { nil: undefined }), { maxLength: 40 }), fc.nat(3), (signals, last) => {
      const calm = after([...signals, ...Array<number>(12).fill(last)]).flaps;
      expect(after([last], 5, calm).flaps).toEqual(calm);
    }),
  );
});
