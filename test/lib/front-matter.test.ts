import { describe, expect, test } from 'vitest';
import { parseFrontMatter } from '../../src/lib/front-matter.js';

describe('front matter that people write', () => {
  test.each<[about: string, text: string, data: object, body: string]>([
    ['plain YAML', '---\ngoal: ship it\npriority: 2\n---\nBody\n', { goal: 'ship it', priority: 2 }, 'Body\n'],
    [
      'lists, nesting and block text',
      '---\nrules:\n  - when: a > 1\n    move: {kind: noop}\nnote: |\n  one\n  two\n---\n',
      { rules: [{ when: 'a > 1', move: { kind: 'noop' } }], note: 'one\ntwo\n' },
      '',
    ],
    [
      'a date stays text',
      '---\ndue: 2026-11-21\nat: 2026-11-21T07:42:00Z\n---\n',
      { due: '2026-11-21', at: '2026-11-21T07:42:00Z' },
      '',
    ],
    [
      'yes and no stay text, true is a boolean',
      '---\na: yes\nb: no\nc: true\nd: on\n---\n',
      { a: 'yes', b: 'no', c: true, d: 'on' },
      '',
    ],
    ['Windows line ends', '---\r\ngoal: x\r\n---\r\nBody\r\n', { goal: 'x' }, 'Body\r\n'],
    ['a byte order mark', '\ufeff---\ngoal: x\n---\nBody', { goal: 'x' }, 'Body'],
    ['comments and blank lines', '---\n# why\n\ngoal: x # here\n---\n', { goal: 'x' }, ''],
    ['nothing between the borders', '---\n---\nBody', {}, 'Body'],
    ['only a comment', '---\n# nothing yet\n---\nBody', {}, 'Body'],
    ['spaces after the borders', '---  \ngoal: x\n---  \nBody', { goal: 'x' }, 'Body'],
    ['the language named as YAML', '---yaml\ngoal: x\n---\n', { goal: 'x' }, ''],
    ['no front matter', '# Goal\n\n---\n\nBody', {}, '# Goal\n\n---\n\nBody'],
    ['a line across the page first', '----\nBody\n---\n', {}, '----\nBody\n---\n'],
    ['borders inside the body', '---\na: b\n---\nBody\n---\nmore\n---\n', { a: 'b' }, 'Body\n---\nmore\n---\n'],
    ['the end of the file is the end of the front matter', '---\na: b\n---', { a: 'b' }, ''],
    ['an anchor used twice', '---\na: &x [1]\nb: *x\n---\n', { a: [1], b: [1] }, ''],
    ['nothing at all', '', {}, ''],
  ])('%s', async (_about, text, data, body) => {
    expect(await parseFrontMatter(text)).toEqual({ value: { data, body } });
  });
});

describe('front matter that is refused', () => {
  const tenfold = 'bcdefghi'
    .split('')
    .map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(',')}]`);
  test.each<[about: string, text: string, problem: RegExp]>([
    ['---js', '---js\n{ a: process.exit(1) }\n---\n', /language "js" is refused: it would run code/],
    ['--- javascript', '--- javascript\nmodule.exports = {}\n---\n', /it would run code/],
    ['---coffee', '---coffee\na: 1\n---\n', /it would run code/],
    ['---JS in capitals', '---JS\na\n---\n', /it would run code/],
    ['---json', '---json\n{"a":1}\n---\n', /language "json" is refused: only YAML is read/],
    ['code in a tag', '---\na: !!js/function "function(){}"\n---\n', /not valid YAML/],
    ['never closed', '---\na: b\n', /never closed/],
    ['a list instead of keys', '---\n- a\n---\n', /must be a mapping/],
    ['a word instead of keys', '---\nhello\n---\n', /must be a mapping/],
    ['a key twice', '---\na: 1\na: 2\n---\n', /duplicated mapping key/],
    ['broken YAML', '---\na: [1\n---\n', /not valid YAML/],
    ['a border with something behind it', '---\na: 1\n--- b\nc: 2\n---\n', /line that begins with "---"/],
    ['a bomb of anchors', `---\na: &a [x,x,x,x,x,x,x,x,x,x]\n${tenfold.join('\n')}\n---\n`, /too large/],
    ['an anchor that contains itself', '---\na: &a [*a]\n---\n', /too large/],
    ['JSON a thousand levels deep', `---\na: ${'['.repeat(1000)}${']'.repeat(1000)}\n---\n`, /too large/],
    ['YAML a thousand levels deep', `---\n${'- '.repeat(1000)}\n---\n`, /not valid YAML/],
    ['more text than a person writes', `---\na: ${'x'.repeat(300_000)}\n---\n`, /at most 262144 characters/],
    ['more lines than a person writes', `---\n${'\n'.repeat(1000)}a: b # edited\n---\n`, /too large/],
  ])('%s', async (_about, text, problem) => {
    const parsed = await parseFrontMatter(text);
    expect(parsed.value).toBeUndefined();
    expect(parsed.problem).toMatch(problem);
  });
});

/** Each once kept a parser busy for minutes; the upper limit is only there so that a hang is seen. */
test.each<[about: string, text: string]>([
  ['blank lines', `---\n${'\n'.repeat(4_000_000)}x\n---\n`],
  ['blank lines within the limits', `---\n${`${' '.repeat(500)}\n`.repeat(490)}x\n---\n`],
  ['brackets', `---\nx: ${'['.repeat(4_000_000)}\n---\n`],
  ['quotes', `---\n${"'".repeat(4_000_000)}\n---\n`],
  ['spaces after a border', `---\n---${' '.repeat(4_000_000)}x`],
  ['NUL bytes', `---\n${'\0'.repeat(4_000_000)}\n---\n`],
])('4 MiB of %s end quickly', async (_about, text) => {
  const before = performance.now();
  await parseFrontMatter(text);
  expect(performance.now() - before).toBeLessThan(20_000);
});
