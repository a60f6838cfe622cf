/** What terminals send, as keys: whole, cut anywhere, and hostile. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeyParser, type Key } from '../../../src/clients/tui/key-parser.js';

const ESC = '\u001b';
const typed = (text: string): Key[] => {
  const parser = createKeyParser();
  return [...parser.push(text), ...parser.flush()];
};
const names = (text: string): string =>
  typed(text)
    .map(({ name }) => name)
    .join(' ');

test.each([
  ['a', 'a'],
  ['ab\r', 'a b enter'],
  ['ä日🎉', 'ä 日 🎉'],
  ['\n', 'ctrl-j'],
  ['\t', 'tab'],
  ['\u007f', 'backspace'],
  ['\u0001\u0003\u0017\u001d', 'ctrl-a ctrl-c ctrl-w ctrl-]'],
  [ESC, 'escape'],
  [`${ESC}${ESC}`, 'escape escape'],
  [`${ESC}b${ESC}\r${ESC}\u007f`, 'alt-b alt-enter alt-backspace'],
  [`${ESC}[A${ESC}OB${ESC}[C${ESC}[D`, 'up down right left'],
  [`${ESC}[H${ESC}[F${ESC}[1~${ESC}[4~${ESC}OH`, 'home end home end home'],
  [`${ESC}[5~${ESC}[6~${ESC}[3~${ESC}[Z`, 'pageup pagedown delete shift-tab'],
  [`${ESC}[1;5D${ESC}[1;3C${ESC}[1;2A${ESC}[3;5~`, 'ctrl-left alt-right shift-up ctrl-delete'],
  [`${ESC}${ESC}[A${ESC}${ESC}[C`, 'alt-up alt-right'],
  [`${ESC}OP${ESC}[11~${ESC}[[A`, 'f1 f1 up'],
  [`${ESC}[97;5u${ESC}[13;2u${ESC}[27u${ESC}[120u`, 'ctrl-a shift-enter escape x'],
  [`${ESC}[200~a\r\nb${ESC}[A${ESC}[201~c`, 'paste c'],
  // What a terminal answers, focus, mouse, and what nobody has seen: no key, and no text.
  [`${ESC}[?1;2c${ESC}[I${ESC}[O${ESC}[<0;10;5M${ESC}[12;40R${ESC}[99;99;99y`, ''],
  ['\u0085\u009b', ''],
])('%j is %j', (text, expected) => expect(names(text)).toBe(expected));

test('a paste is one text, its line ends are newlines, and what is in it is no key', () => {
  expect(typed(`${ESC}[200~one\r\ntwo\rthree\u0003${ESC}[201~`)).toEqual([
    { name: 'paste', text: 'one\ntwo\nthree\u0003' },
  ]);
});

test('wherever it is cut, the keys are the same', () => {
  const pieces = fc.constantFrom(
    'a',
    '日',
    '🎉',
    '\r',
    `${ESC}[A`,
    `${ESC}[1;5D`,
    `${ESC}b`,
    `${ESC}OP`,
    `${ESC}[200~x\ny${ESC}[201~`,
    `${ESC}[97;5u`,
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 8 }), (all, cuts) => {
      // Terminals cut between characters: the decoder sees to that.
      const chars = [...all.join('')];
      const whole = createKeyParser();
      const cut = createKeyParser();
      const expected = [...whole.push(chars.join('')), ...whole.flush()];
      const keys: Key[] = [];
      let from = 0;
      for (const to of [...cuts.map((at) => Math.min(at, chars.length)).sort((a, b) => a - b), chars.length]) {
        keys.push(...cut.push(chars.slice(from, to).join('')));
        from = to;
      }
      keys.push(...cut.flush());
      expect(keys).toEqual(expected);
    }),
  );
});

test('any bytes at all end, and leave a parser that still hears', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (noise) => {
      const parser = createKeyParser();
      parser.push(noise.replaceAll('[200~', ''));
      parser.flush();
      expect(parser.push('q').at(-1)).toEqual({ name: 'q', text: 'q' });
    }),
  );
});
