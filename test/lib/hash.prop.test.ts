import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { framedHash, framedHasher, type Part } from '../../src/lib/hash.js';

/** The definition, part by part and call by call. */
function asDefined(parts: readonly Part[]): string {
  const hash = createHash('sha256');
  for (const [name, text] of parts) {
    hash.update(`${Buffer.byteLength(name)}:${Buffer.byteLength(text)}:`);
    hash.update(name);
    hash.update(text);
  }
  return hash.digest('hex').slice(0, 32);
}

/** Any sequence of code units, halves of characters among them. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));
const halves = fc
  .constantFrom('a', 'é', '\ud83d', '\ude00', '\ud83d\ude00', ':', '')
  .chain((end) => anyText.map((text) => text + end));
const long = fc.integer({ min: 60_000, max: 70_000 }).map((n) => 'ü'.repeat(n));

test('parts that are handed over together hash as they would one by one', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(halves, fc.oneof({ weight: 9, arbitrary: halves }, long))), (parts) => {
      expect(framedHash(parts)).toBe(asDefined(parts));
      const hasher = framedHasher(parts.slice(0, 1));
      for (const part of parts.slice(1)) hasher.add(part);
      expect(hasher.end()).toBe(asDefined(parts));
    }),
  );
});

test('halves of one character on both sides of a border stay halves', () => {
  expect(framedHash([['a\ud83d', '\ude00b']])).toBe(asDefined([['a\ud83d', '\ude00b']]));
});
