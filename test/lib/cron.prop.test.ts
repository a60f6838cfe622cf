import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Cron, parseCron } from '../../src/lib/cron.js';
import { localMinutes, oracleFires } from './cron-oracle.js';
import { OWN_VECTORS } from './cron-vectors.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Windows around a change of the clocks, each with a handful of expressions. `WINDOWS=2000` looks at more. */
const WINDOWS = Number(process.env['WINDOWS'] ?? 20);

const cronOf = (expression: string, zone: string): Cron => {
  const parsed = parseCron(expression, zone);
  if (!('cron' in parsed)) throw new Error(`${expression}: ${parsed.problem}`);
  return parsed.cron;
};

test('asked at any instant between two fires, the next one is the second and the last one the first [loops 3]', () => {
  for (const { cron: expression, zone, from, expected } of OWN_VECTORS) {
    const cron = cronOf(expression, zone);
    const fires = expected.map((at) => Date.parse(at));
    const pairs = fires.slice(1).map((fire, index) => [fires[index]!, fire] as const);
    fc.assert(
      fc.property(fc.constantFrom(...pairs), fc.double({ min: 0, max: 0.999_999, noNaN: true }), ([one, two], part) => {
        const at = one + Math.floor((two - one) * part);
        expect([cron.next(at), cron.prev(at)], `${expression} in ${zone} at ${new Date(at).toISOString()}`).toEqual([
          two,
          one,
        ]);
      }),
      { numRuns: 200 },
    );
    expect(cron.next(Date.parse(from))).toBe(fires[0]);
  }
});

const ZONES = [
  'America/New_York',
  'Europe/Berlin',
  'Europe/Dublin',
  'Europe/Lisbon',
  'Australia/Lord_Howe',
  'Australia/Adelaide',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Pacific/Norfolk',
  'Antarctica/Troll',
  'Antarctica/Casey',
  'America/St_Johns',
  'America/Havana',
  'America/Santiago',
  'America/Sao_Paulo',
  'America/Asuncion',
  'America/Nuuk',
  'America/Caracas',
  'Asia/Tehran',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Pyongyang',
  'Asia/Almaty',
  'Asia/Kathmandu',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Europe/Moscow',
  'Europe/Volgograd',
];

/** Instants of a zone's changes from 2000 to 2030, found by looking at every sixth hour. */
const changes = new Map<string, number[]>();
function changesOf(zone: string): number[] {
  const known = changes.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', hour: 'numeric' });
  const offset = (at: number) => format.formatToParts(at).find(({ type }) => type === 'timeZoneName')!.value;
  const found: number[] = [];
  for (let at = Date.UTC(2000, 0, 1); at < Date.UTC(2031, 0, 1); at += 12 * HOUR)
    if (offset(at) !== offset(at + 12 * HOUR)) found.push(at);
  changes.set(zone, found);
  return found;
}

const upTo = (low: number, high: number) => fc.integer({ min: low, max: high });
const item = (low: number, high: number) =>
  fc.oneof(
    { weight: 4, arbitrary: upTo(low, high).map(String) },
    fc.tuple(upTo(low, high), upTo(low, high)).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
    fc
      .tuple(upTo(low, high), upTo(low, high), upTo(1, Math.min(7, high)))
      .map(([a, b, step]) => `${Math.min(a, b)}-${Math.max(a, b)}/${step}`),
  );
const field = (low: number, high: number) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant('*') },
    upTo(1, Math.min(12, high)).map((step) => `*/${step}`),
    { weight: 3, arbitrary: fc.array(item(low, high), { minLength: 1, maxLength: 3 }).map((items) => items.join(',')) },
  );
const mostly = (arbitrary: fc.Arbitrary<string>) => fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, arbitrary);
const expressions = fc
  // Hours near those in which clocks are changed are asked for more often than others.
  .tuple(field(0, 59), fc.oneof(field(0, 23), field(0, 4)), mostly(field(1, 28)), fc.constant('*'), mostly(field(0, 7)))
  .map((fields) => fields.join(' '));

test('near changes of the clocks it fires when cronie does, forwards and backwards [loops 1, 4, 90]', () => {
  fc.assert(
    fc.property(
      fc
        .constantFrom(...ZONES.filter((zone) => changesOf(zone).length > 0))
        .chain((zone) =>
          fc.tuple(
            fc.constant(zone),
            fc.constantFrom(...changesOf(zone)),
            fc.array(expressions, { minLength: 10, maxLength: 10 }),
          ),
        ),
      ([zone, change, crons]) => {
        const minutes = localMinutes(zone, change - 1.5 * DAY, change + 2 * DAY);
        const start = minutes[0]!.at;
        for (const expression of crons) {
          const wanted = oracleFires(expression, minutes);
          const cron = cronOf(expression, zone);
          const note = `${expression} in ${zone} from ${new Date(start).toISOString()}`;
          expect(forwards(cron, start, minutes.at(-1)!.at), note).toEqual(wanted);
          expect(backwards(cron, start, minutes.at(-1)!.at), note).toEqual(wanted);
        }
      },
    ),
    { numRuns: WINDOWS, endOnFailure: true },
  );
});

function forwards(cron: Cron, start: number, end: number): number[] {
  const fires: number[] = [];
  for (let at = cron.next(start); at !== undefined && at <= end; at = cron.next(at)) {
    if (at <= (fires.at(-1) ?? start)) throw new Error(`next went from ${fires.at(-1)} to ${at}`);
    fires.push(at);
  }
  return fires;
}

function backwards(cron: Cron, start: number, end: number): number[] {
  const fires: number[] = [];
  for (let at = cron.prev(end); at !== undefined && at > start; at = cron.prev(at - 1)) fires.unshift(at);
  return fires;
}

test('any text at all is an expression or a problem in words, never a throw', () => {
  const odd = fc
    .array(fc.constantFrom(...'0123456789*/-,?LW#@= \t\nMONjan5é'.split('')), { maxLength: 24 })
    .map((a) => a.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.string(), odd), (text) => {
      const parsed = parseCron(text, 'Europe/Berlin');
      if (!('cron' in parsed)) {
        expect(parsed.problem).not.toBe('');
        expect(parsed.hint).not.toBe('');
        return;
      }
      const next = parsed.cron.next(Date.UTC(2026, 0, 1));
      expect(next).toBeGreaterThan(Date.UTC(2026, 0, 1));
      expect(parsed.cron.prev(next!)).toBe(next);
    }),
    { numRuns: 2_000 },
  );
});
