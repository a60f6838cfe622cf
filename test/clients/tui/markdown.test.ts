/** Markdown as lines of a screen: what each kind looks like, that no text is lost or too wide, and that no text harms. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markdownLines } from '../../../src/clients/tui/markdown.js';
import { columnsOf, type Line, lineWidth, paintLine } from '../../../src/clients/tui/text-line.js';

const plain = (lines: readonly Line[]): string[] =>
  lines.map((line) =>
    line
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );

test.each([
  ['# Title *x*\ntext', ['Title x', 'text']],
  ['one **two** `three` ~~four~~', ['one two three four']],
  ['a line\nanother', ['a line', 'another']],
  ['a\n\n\n\nb', ['a', '', 'b']],
  ['- a\n- b\n  - c', ['• a', '• b', '  • c']],
  ['3. a\n4. b', ['3. a', '4. b']],
  ['- [ ] open\n- [x] done', ['• [ ] open', '• [x] done']],
  ['```sh\nrm -rf x\n```', ['│ sh', '│ rm -rf x']],
  ['> said\n> so', ['▌ said', '▌ so']],
  ['[safe](http://e.vil)', ['safe (http://e.vil)']],
  ['<http://x.example>', ['http://x.example']],
  ['![c](c.png)', ['[picture: c] (c.png)']],
  ['<b>html</b>', ['<b>html</b>']],
  ['|a|b|\n|-|-|\n|1|22|', ['a  b', '─────', '1  22']],
  ['---', ['─'.repeat(20)]],
  ['[x]: http://hidden', ['[x]: http://hidden']],
  ['words that are longer than it', ['words that are', 'longer than it']],
  ['日本語のとても長い文章です', ['日本語のとても長い文', '章です']],
  ['', ['']],
])('%j', (text, expected) => expect(plain(markdownLines(text, 20))).toEqual(expected));

const words = fc.constantFrom(
  'word',
  '日本',
  '🎉',
  '*',
  '**',
  '_',
  '`',
  '```',
  '\n',
  '\n\n',
  '- ',
  '> ',
  '# ',
  '|',
  '|-|',
  '[a](b)',
  '<i>',
  '\u001b[31m',
  '\u0007',
  '\u202e',
  '\t',
  '\\',
  '    ',
  '1. ',
);

test('any text at all: nothing wider than asked, no control character, and every letter is there', () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), fc.integer({ min: 1, max: 40 }), (parts, width) => {
      const text = parts.join(' ');
      const lines = markdownLines(text, width);
      for (const line of lines) {
        const painted = paintLine(line, false).replace(/\u001b\[\d+m/g, '');
        expect(painted).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
      }
      if (width >= 24) for (const line of lines) expect(lineWidth(line)).toBeLessThanOrEqual(width);
      const shown = plain(lines)
        .join('')
        .replace(/[\s│▌]/g, '');
      const count = (all: string, word: string) => all.split(word).length - 1;
      if (width >= 24) expect(count(shown, 'word')).toBe(count(text, 'word'));
    }),
    { numRuns: 300 },
  );
});

test('texts that are made to cost much cost little, and are still shown', () => {
  for (const part of ['>', '[', '*a ', '`a', '**a_', '![[', '<', '[a](', '|a', '- '.repeat(40)]) {
    const text = part.repeat(Math.floor(60_000 / part.length));
    const lines = markdownLines(text, 80);
    expect(lines.length, part).toBeGreaterThan(0);
    expect(
      Math.max(...lines.slice(0, 50).map((line) => columnsOf(paintLine(line, false).replace(/\u001b\[\d+m/g, '')))),
      part,
    ).toBeLessThanOrEqual(200);
  }
});
