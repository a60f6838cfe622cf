/** The list of promises in src/README.md: each names the test that keeps it, and a name that no test has is a broken promise. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** Rows of the tables below the heading: what is promised, and the cell that says what keeps it. */
function promises(): { promise: string; kept: string }[] {
  const section = /^## Promises[^\n]*\n(.*?)^## /ms.exec(text('src/README.md'))?.[1] ?? '';
  return [...section.matchAll(/^\| (.+?) \| (.+) \|$/gm)]
    .map(([, promise = '', kept = '']) => ({ promise, kept }))
    .filter(({ promise }) => promise !== 'promise');
}

/** `path`: "name" · "name" · `path` → each path with the names behind it. */
function named(kept: string): { path: string; names: string[] }[] {
  return [...kept.matchAll(/`(test\/[^`]+)`([^`]*)/g)].map(([, path = '', rest = '']) => ({
    path,
    names: [...rest.matchAll(/"(.+?)"(?= ·|$|\s*$)/g)].map(([, name = '']) => name),
  }));
}

test('the list is there', () => expect(promises().length).toBeGreaterThan(15));

test.each(promises())('"$promise" is kept by a test that exists', ({ kept }) => {
  const files = named(kept);
  expect(files).not.toEqual([]);
  for (const { path, names } of files) {
    expect(existsSync(new URL(path, root)), `${path} is a file`).toBe(true);
    const source = text(path).replaceAll("\\'", "'");
    for (const name of names) expect(source, `${path} has a test of that name`).toContain(name);
  }
});
