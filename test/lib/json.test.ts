import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framedHash } from '../../src/lib/hash.js';
import { isObject, parseJson, prettyJson, stableJson } from '../../src/lib/json.js';

test('equal values give equal text whatever the order of their keys, and the text is the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = stableJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(stableJson(JSON.parse(text))).toBe(text);
      expect(JSON.parse(prettyJson(value))).toEqual(JSON.parse(text));
    }),
  );
  expect(stableJson({ b: 1, a: { d: 1, c: 2 }, e: undefined })).toBe('{"a":{"c":2,"d":1},"b":1}');
});

test('bad text gives a problem on one line that does not show the text', () => {
  const parsed = parseJson('{"token": "s3cret-value",\n oops}');
  expect(parsed.problem).toBeTypeOf('string');
  expect(parsed.problem).not.toMatch(/s3cret|\n/);
});

test.each<[unknown, boolean]>([
  [{}, true],
  [Object.create(null), true],
  [[], false],
  [null, false],
  ['{}', false],
])('%j is an object: %s', (value, wanted) => {
  expect(isObject(value)).toBe(wanted);
});

test('two different lists of parts never hash alike, however their borders lie', () => {
  const part = fc.tuple(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), fc.array(part, { maxLength: 4 }), (a, b) => {
      expect(framedHash(a) === framedHash(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
    { numRuns: 500 },
  );
  expect(framedHash([['a', 'bc']])).not.toBe(framedHash([['ab', 'c']]));
  expect(framedHash([['a', '1:1:bc']])).not.toBe(
    framedHash([
      ['a', ''],
      ['b', 'c'],
    ]),
  );
});
