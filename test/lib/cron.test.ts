import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Cron, parseCron } from '../../src/lib/cron.js';
import { type CronVector, OWN_SYNTAX, OWN_VECTORS } from './cron-vectors.js';

/** The vectors that are handed around with the specification; `VECTORS` names their file where they are not beside the checkout. */
const SHARED = process.env['VECTORS'] ?? fileURLToPath(new URL('../../../shared/vectors/cron.json', import.meta.url));

interface Shared {
  vectors: { cron: string; tz: string; from: string; expected: string[]; note: string }[];
  syntax: { cron: string; why: string; decision: string }[];
}

const cronOf = (expression: string, zone = 'UTC'): Cron => {
  const parsed = parseCron(expression, zone);
  if (!('cron' in parsed)) throw new Error(`${expression}: ${parsed.problem}`);
  return parsed.cron;
};

function check({ cron: expression, zone, from, expected }: Omit<CronVector, 'note'>) {
  const cron = cronOf(expression, zone);
  const fires: (number | undefined)[] = [];
  for (const _ of expected) fires.push(cron.next(fires.at(-1) ?? Date.parse(from)));
  expect(fires.map((at) => at && new Date(at).toISOString())).toEqual(expected.map((at) => new Date(at).toISOString()));
}

test.each(OWN_VECTORS.map((vector) => [vector.cron, vector.zone, vector.note, vector] as const))(
  '%s in %s: %s [loops 1]',
  (_expression, _zone, _note, vector) => check(vector),
);

test.skipIf(!existsSync(SHARED))(
  'the vectors in ../shared: next and syntax (SKIPPED where they are not beside the checkout) [loops 1, 2]',
  () => {
    const { vectors, syntax } = JSON.parse(readFileSync(SHARED, 'utf8')) as Shared;
    expect(vectors.length).toBeGreaterThan(0);
    for (const { cron, tz, from, expected } of vectors) check({ cron, zone: tz, from, expected });
    for (const { cron, decision } of syntax)
      expect(['cron' in parseCron(cron) ? 'accept' : 'reject', cron]).toEqual([decision.split(' ')[0], cron]);
  },
);

test.each(OWN_SYNTAX)('%j: taken %s, %s named [loops 2]', (expression, taken, field) => {
  const parsed = parseCron(expression);
  if ('cron' in parsed) return expect(taken).toBe(true);
  expect([taken, parsed.field]).toEqual([false, field]);
  if (field !== undefined) expect(parsed.problem).toContain(field);
});

test.each([
  ['0 8 * *', '4 fields'],
  ['0 0 8 * * *', '6 fields'],
  ['5', '1 field,'],
])('%j is refused with the count of its fields [loops 8]', (expression, wanted) => {
  expect(parseCron(expression)).toMatchObject({ problem: expect.stringContaining(wanted) });
});

test('a step on a single value is refused with the range that was meant', () => {
  expect(parseCron('5/10 * * * *')).toMatchObject({ hint: '5-59/10', field: 'minute' });
});

const at = (iso: string) => Date.parse(iso);

test('a quarter of an hour is counted from the full hour [loops 9]', () => {
  expect(cronOf('*/15 * * * *').next(at('2026-01-01T00:07:00Z'))).toBe(at('2026-01-01T00:15:00Z'));
});

test('7 and 0 are Sunday; nicknames are what they stand for; ? is * [loops 10]', () => {
  for (const [one, two] of [
    ['0 12 * * 7', '0 12 * * 0'],
    ['0 12 * * 7', '0 12 * * sun'],
    ['@weekly', '0 0 * * 0'],
    ['0 0 ? * 1', '0 0 * * 1'],
  ] as const)
    expect(cronOf(one).next(at('2026-01-01T00:00:00Z'))).toBe(cronOf(two).next(at('2026-01-01T00:00:00Z')));
});

test('a leap day is found over the years that have none, and before them [loops 6]', () => {
  expect(cronOf('0 0 29 2 *').next(at('2097-01-01T00:00:00Z'))).toBe(at('2104-02-29T00:00:00Z'));
  expect(cronOf('0 0 29 2 *').prev(at('2103-12-31T00:00:00Z'))).toBe(at('2096-02-29T00:00:00Z'));
});

test('from inside a repeated hour the next fire is later, also when the clocks show an earlier time [loops 4, 5]', () => {
  const cron = cronOf('30 1 * * *', 'America/New_York');
  expect(cron.next(at('2026-11-01T06:10:00Z'))).toBe(at('2026-11-02T06:30:00Z'));
  expect(cron.prev(at('2026-11-01T06:40:00Z'))).toBe(at('2026-11-01T05:30:00Z'));
});

test('the zone is a name that this machine knows, in any case; a made-up one and a bare offset are refused', () => {
  expect(cronOf('0 8 * * *', 'europe/berlin').next(at('2026-01-01T00:00:00Z'))).toBe(at('2026-01-01T07:00:00Z'));
  for (const zone of ['Mars/Olympus', '+02:00', '', 'Europe/Berlin ', '../UTC'])
    expect(parseCron('0 8 * * *', zone)).toMatchObject({ problem: expect.stringContaining(JSON.stringify(zone)) });
});

test('last days and nearest weekdays', () => {
  expect(cronOf('0 0 L 2 *').next(at('2028-01-01T00:00:00Z'))).toBe(at('2028-02-29T00:00:00Z'));
  expect(cronOf('0 0 * * 5L').next(at('2026-01-01T00:00:00Z'))).toBe(at('2026-01-30T00:00:00Z'));
  expect(cronOf('0 0 * * 5#2').next(at('2026-01-01T00:00:00Z'))).toBe(at('2026-01-09T00:00:00Z'));
  expect(cronOf('0 0 15W * *').next(at('2026-02-01T00:00:00Z'))).toBe(at('2026-02-16T00:00:00Z'));
});
