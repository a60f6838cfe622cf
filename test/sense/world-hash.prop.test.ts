import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Json, stableJson } from '../../src/lib/json.js';
import type { Fact } from '../../src/model/world.js';
import { parseHeaders } from '../../src/sense/headers.js';
import { factOf, keptReading, parseReading } from '../../src/sense/reading.js';
import { type Policy, worldOf } from '../../src/sense/world-hash.js';

const tricky = fc.oneof(
  fc.string(),
  fc.constantFrom('playbook', 'goal:a', '!unreadable', '8:1:playbook', 'snap:sensor-x', '1:'),
);
const worlds = fc.record({
  playbook: fc.oneof(fc.record({ text: tricky }), fc.constant({}), fc.record({ problem: fc.constant('EIO') })),
  goals: fc.uniqueArray(
    fc.oneof(fc.record({ id: tricky, text: tricky }), fc.record({ id: tricky, problem: fc.constant('EIO') })),
    { selector: (g) => g.id, maxLength: 4 },
  ),
  facts: fc.uniqueArray(
    fc.record({
      name: fc.constantFrom('sensor-x', 'sensor-y', 'sys-z'),
      signal: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
    }),
    { selector: (f) => f.name, maxLength: 3 },
  ),
});

const canonical = (w: { playbook: object; goals: { id: string }[]; facts: Fact[] }): string =>
  stableJson([
    w.playbook,
    [...w.goals].sort((a, b) => (a.id < b.id ? -1 : 1)),
    [...w.facts].sort((a, b) => (a.name < b.name ? -1 : 1)),
  ]);

test('two worlds have one hash exactly when they are the same world', () => {
  fc.assert(
    fc.property(worlds, worlds, (a, b) => {
      const hashOf = (w: typeof a): string =>
        worldOf({ playbook: w.playbook, goals: w.goals } as Policy, w.facts, 0).hash;
      expect(hashOf(a) === hashOf(b)).toBe(canonical(a) === canonical(b));
    }),
    { numRuns: 2_000 },
  );
});

test('what is kept of a reading gives the same fact when it is read back', () => {
  const headers = fc.constantFrom(
    '',
    '# tend:ignore=a',
    '# tend:ignore=*,a.*.b',
    '# tend:nope=1',
    '# tend:ignore=a\n# tend:x',
  );
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), headers, (printed, script) => {
      const parsed = parseReading(JSON.stringify(printed));
      const kept = keptReading(parsed.value!, parseHeaders(script));
      const back = parseReading(stableJson(kept));
      expect(stableJson(factOf('sensor-x', back.value!))).toBe(stableJson(factOf('sensor-x', kept)));
    }),
    { numRuns: 1_000 },
  );
});

test('no text makes the header reader throw, and what it takes is within limits', () => {
  const line = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom('interval', 'timeout', 'approvals', 'ignore', 'x'), fc.string())
      .map(([k, v]) => `# tend:${k}=${v}`),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const headers = parseHeaders(lines.join('\n'));
      expect(headers.intervalS).toBeGreaterThanOrEqual(0);
      if (headers.timeoutS !== undefined) expect(headers.timeoutS).toBeGreaterThanOrEqual(1);
    }),
  );
});
