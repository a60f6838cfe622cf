import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeUsageLines } from '../../src/runners/usage.js';
import { usageMeter } from '../../src/runners/usage-meter.js';

const usage = fc
  .record({ input_tokens: fc.nat(1_000), output_tokens: fc.nat(1_000), cost_usd: fc.nat(1_000).map((n) => n / 8) })
  .map((fields) => JSON.stringify({ type: 'usage', ...fields }));
const line = fc.oneof(
  usage,
  fc.string(),
  fc.constant('"usage"'),
  fc.nat(9_000).map((n) => 'x'.repeat(n)),
);

test('however a stream is cut into chunks, the sum is that of its whole lines', () => {
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(400)), (lines, end, cuts) => {
      const bytes = Buffer.from(lines.map((one) => one + end).join(''));
      const meter = usageMeter();
      let at = 0;
      for (const cut of cuts) {
        meter.add(bytes.subarray(at, at + cut));
        at += cut;
      }
      meter.add(bytes.subarray(at));
      expect(meter.total()).toEqual(takeUsageLines(bytes.toString('utf8')).usage);
    }),
  );
});

test('a line of megabytes is not kept, and the one after it counts', () => {
  const meter = usageMeter();
  const chunk = Buffer.alloc(64 * 1024, '"usage"');
  for (let n = 0; n < 64; n++) expect(meter.add(chunk)).toBe(false);
  expect(meter.add(Buffer.from('\n{"type":"usage","cost_usd":2}\r'))).toBe(false);
  expect(meter.add(Buffer.from('\n'))).toBe(true);
  expect(meter.total()).toEqual({ usd: 2 });
});
