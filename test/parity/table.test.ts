import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const rows = ['README.md', 'second-half.md']
  .flatMap((name) => readFileSync(join(import.meta.dirname, name), 'utf8').split('\n'))
  .flatMap((line) => {
    const match = /^\| (\d+) \| (?:`([^`]+)`|–) \| (.+) \|$/.exec(line);
    return match ? [{ item: Number(match[1]), file: match[2], name: match[3]! }] : [];
  });

test('every test that the parity table names exists, and every other item says why it has none', () => {
  const wrong = rows.filter(({ file, name }) => {
    if (file === undefined) return !/^(replaced|not built)/.test(name);
    // Names that many implementations inherit stand in the suite beside the file.
    const texts = [`${file}.test.ts`, `${file}.ts`].map((path) => join(ROOT, path)).filter((path) => existsSync(path));
    return !texts.some((path) => readFileSync(path, 'utf8').includes(name));
  });
  expect(wrong).toEqual([]);
});

test('no item from 1 to 200 is left out', () => {
  const items = new Set(rows.map((row) => row.item));
  expect(Array.from({ length: 200 }, (_, n) => n + 1).filter((item) => !items.has(item))).toEqual([]);
});
