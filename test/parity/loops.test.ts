/** The 176 numbered behaviours of timed loops and workflows: each stands in the name of a test, as `[loops N]`; `loops.md` says where. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const TESTS = new URL('../', import.meta.url).pathname;
const COUNT = 176;

const sources = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts') && path !== 'parity/loops.test.ts')
  .map((path) => ({ path, text: readFileSync(join(TESTS, path), 'utf8') }));

/** Numbers at the end of the names of tests: behind them stands the quote that ends the name. */
const numbersIn = (text: string): number[] =>
  [...text.matchAll(/ \[loops (\d+(?:, \d+)*)\](?=['"`])/g)].flatMap(([, list = '']) => list.split(', ').map(Number));

const filesOf = new Map<number, string[]>();
for (const { path, text } of sources)
  for (const n of numbersIn(text)) filesOf.set(n, [...(filesOf.get(n) ?? []), path]);

test('the scan sees the forms in which numbers are written, and only at the end of a name', () => {
  expect(numbersIn("test('a [loops 1, 2]', () => {}); test(`b [loops 30]`, f)")).toEqual([1, 2, 30]);
  expect(numbersIn('/** see [loops 4] */ test("[loops 5] first", f)')).toEqual([]);
});

test('each of the numbered behaviours stands in the name of a test', () => {
  const missing = Array.from({ length: COUNT }, (_, at) => at + 1).filter((n) => !filesOf.has(n));
  expect(missing).toEqual([]);
  expect([...filesOf.keys()].filter((n) => n < 1 || n > COUNT)).toEqual([]);
});

/** Rows of the table in `loops.md`: first and last number, and the files that keep them. */
const rows = [
  ...readFileSync(join(TESTS, 'parity/loops.md'), 'utf8').matchAll(/^\| (\d+) to (\d+) \| (.+?) \| (.+?) \|$/gm),
].map(([, from, to, about = '', kept = '']) => ({
  from: Number(from),
  to: Number(to),
  about,
  files: [...kept.matchAll(/`([^`]+)`/g)].map(([, path = '']) => `${path}.test.ts`),
}));

test('the table has every number once, in order', () => {
  expect(rows.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at))).toEqual(
    Array.from({ length: COUNT }, (_, at) => at + 1),
  );
});

test.each(rows)(
  '$from to $to, $about: the files of the table are there and keep some of them',
  ({ from, to, files }) => {
    expect(files).not.toEqual([]);
    for (const path of files) {
      expect(existsSync(join(TESTS, path)), path).toBe(true);
      const own = [...filesOf].filter(([n, paths]) => n >= from && n <= to && paths.includes(path));
      expect(own, `${path} keeps one of ${from} to ${to}`).not.toEqual([]);
    }
  },
);
