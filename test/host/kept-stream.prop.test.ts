import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptStream } from '../../src/host/kept-stream.js';

const chunks = fc.array(
  fc
    .oneof(fc.uint8Array({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 12 }))
    .map((one) => Buffer.from(one)),
  { maxLength: 40 },
);

test('in whatever pieces a stream comes: what is kept is its end, and the count of the rest is exact', () => {
  fc.assert(
    fc.property(chunks, fc.integer({ min: 4, max: 64 }), fc.integer({ min: 0, max: 32 }), (pieces, tail, head) => {
      const whole = Buffer.concat(pieces);
      const stream = keptStream(tail, head);
      for (const piece of pieces) stream.add(piece);
      const kept = stream.kept();
      expect(kept.bytes).toBe(whole.length);
      expect(kept.text).toBe(whole.subarray(kept.dropped).toString('utf8'));
      expect(kept.dropped).toBeGreaterThanOrEqual(Math.max(0, whole.length - tail));
      expect(kept.dropped).toBeLessThanOrEqual(Math.max(0, whole.length - tail) + 3);
      if (whole.length <= tail) expect(kept).toEqual({ bytes: whole.length, dropped: 0, text: whole.toString('utf8') });
      else expect(whole.toString('utf8').startsWith((kept.head ?? '?').slice(0, -1))).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test('a stream of whole characters is cut between characters alone, at both ends', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 20, maxLength: 60 }),
      fc.integer({ min: 4, max: 19 }),
      (text, limit) => {
        const stream = keptStream(limit, limit);
        for (const byte of Buffer.from(text)) stream.add(Buffer.of(byte));
        const kept = stream.kept();
        expect(text.endsWith(kept.text)).toBe(true);
        expect(Buffer.byteLength(kept.text) + kept.dropped).toBe(Buffer.byteLength(text));
        expect(text.startsWith(kept.head ?? '?')).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
});
