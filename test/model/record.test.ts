import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { readVerdict } from '../../src/model/ask.js';
import { badInput, messageOf, refused, TendError } from '../../src/model/error.js';
import { idProblem, requireId } from '../../src/model/id.js';
import { localDay, localMinute } from '../../src/model/instant.js';
import { KNOBS, resolveKnobs } from '../../src/model/knobs.js';
import { check, isNewer } from '../../src/model/record.js';

test.each(['a', 'web-1', 'A_b.c', '0', '_x', 'x'.repeat(64)])('%j is an id', (id) => {
  expect(idProblem(id)).toBeUndefined();
});

test.each([
  ['', /empty/],
  ['x'.repeat(65), /65 characters, 64/],
  ['..', /\.\./],
  ['a..b', /\.\./],
  ['.hidden', /may not begin/],
  ['-rf', /may not begin/],
  ['a/b', /only letters/],
  ['a\\b', /only letters/],
  ['a b', /only letters/],
  ['a\nb', /only letters/],
  ['a\n', /only letters/],
  ['a\0', /only letters/],
  ['é', /only letters/],
])('%j is no id', (id, problem) => {
  expect(idProblem(id)).toMatch(problem);
  expect(() => requireId('a goal', id)).toThrow(/^Cannot use ".*" as a goal id: /s);
});

test('every problem of a record names its field, what is there and what is wanted', () => {
  const schema = z.strictObject({
    n: z.int().check(z.minimum(5), z.maximum(9)),
    kind: z.enum(['a', 'b']),
    deep: z.object({ list: z.array(z.string()) }),
    gone: z.string(),
  });
  expect(check(schema, { n: 12, kind: 'c', deep: { list: ['x', 3] }, more: 1 }).problems).toEqual([
    'n: too large, at most 9',
    'kind: expected one of "a", "b"',
    'deep.list.1: expected string',
    'gone: missing, expected string',
    'record: unknown field more',
  ]);
  expect(check(schema, null).problems).toEqual(['record: expected object']);
});

test.each<[unknown, boolean]>([
  [{ format: 1 }, false],
  [{ format: 2 }, true],
  [{ format: '2' }, false],
  [{}, false],
  [null, false],
  ['text', false],
])('%j is of a newer format: %s', (data, wanted) => {
  expect(isNewer(data)).toBe(wanted);
});

test('each kind of error has its exit code, and a cause is said on one line', () => {
  expect([badInput('x'), refused('held', 'x')].map((error) => error.exit)).toEqual([2, 1]);
  const kinds = ['input', 'refused', 'environment', 'failed', 'timeout', 'aborted'] as const;
  expect(kinds.map((kind) => new TendError(kind, 'x', { code: 'x' }).exit)).toEqual([2, 1, 3, 1, 124, 130]);
  const error = new TendError('failed', 'Cannot\n start', { code: 'x', cause: new Error('no such file') });
  expect(messageOf(error)).toBe('Cannot start: no such file');
  expect(messageOf('text')).toBe('text');
});

test('days and minutes are those of the machine', () => {
  const at = new Date(2026, 0, 5, 3, 7).getTime();
  expect([localDay(at), localMinute(at)]).toEqual(['2026-01-05', '2026-01-05 03:07']);
});

test.each<[string, boolean | undefined, string?]>([
  ['yes', true],
  ['Y', true],
  ['Yes.', true],
  ['yes, but only once', undefined],
  ['approve: fine', undefined],
  ['yes\nno', undefined],
  ['ok', true],
  ['no', false],
  ['No – not today', false, 'not today'],
  ['deny\nbecause\nof this', false, 'because\nof this'],
  ['nothing yet', undefined],
  ['yesterday', undefined],
  ['okay', undefined],
  ['', undefined],
  ['maybe yes', undefined],
])('the answer %j is a yes: %s', (text, yes, reason = '') => {
  expect(readVerdict(text)).toEqual(yes === undefined ? undefined : { yes, reason });
});

test('a knob comes from the environment, else the config, else its default', () => {
  const pick = (env: Record<string, string>, config: object) => resolveKnobs(env, config as Record<string, unknown>);
  expect(pick({}, {}).knobs.intervalS).toBe(KNOBS.intervalS.default);
  expect(pick({}, { interval: 30 }).knobs.intervalS).toBe(30);
  expect(pick({ TEND_INTERVAL: '10' }, { interval: 30 }).knobs.intervalS).toBe(10);
  expect(pick({ TEND_INTERVAL: '' }, { interval: 30 }).knobs.intervalS).toBe(30);
  expect(pick({}, { budget: { day_usd: 2.5 } }).knobs.dayUsd).toBe(2.5);
});

test.each<[about: string, env: string, wanted: number, warning?: RegExp]>([
  ['zero', '0', 1, /below 1 s, using 1/],
  ['negative', '-5', 1, /below 1 s/],
  ['a fraction below the least', '0.5', 1, /below/],
  ['a fraction', '2.7', 2],
  ['no number', 'soon', 60, /"soon" is no number of s, ignored/],
  ['infinite', 'Infinity', 60, /ignored/],
])('an interval that is %s', (_about, env, wanted, warning) => {
  const { knobs, warnings } = resolveKnobs({ TEND_INTERVAL: env }, {});
  expect(knobs.intervalS).toBe(wanted);
  expect(warnings).toEqual(warning ? [expect.stringMatching(warning)] : []);
});

test('no two knobs share a variable or a config key, and each default is allowed', () => {
  const knobs = Object.values(KNOBS) as { env?: string; config?: string; default: number; min: number }[];
  for (const names of [knobs.flatMap((knob) => knob.env ?? []), knobs.flatMap((knob) => knob.config ?? [])])
    expect(new Set(names).size).toBe(names.length);
  for (const knob of knobs) expect(knob.default).toBeGreaterThanOrEqual(knob.min);
});
