import { expect, test } from 'vitest';
import { type Input, KeyReader } from '../../../src/clients/watch/keys.js';

const key = (name: string): Input => ({ key: name });

const ROWS: [string, string, Input[]][] = [
  [
    'plain and control characters',
    'qgG\t\u0010\u000e\u0003',
    ['q', 'g', 'G', 'tab', 'ctrl-p', 'ctrl-n', 'ctrl-c'].map(key),
  ],
  ['arrows, normal and application', '\u001b[A\u001bOB\u001b[C', ['up', 'down', 'right'].map(key)],
  [
    'paging and ends, in each spelling',
    '\u001b[5~\u001b[6~\u001b[H\u001b[F\u001b[1~\u001b[4~\u001bOH',
    ['pgup', 'pgdn', 'home', 'end', 'home', 'end', 'home'].map(key),
  ],
  [
    'a modifier makes another key',
    '\u001b[1;2A\u001b[1;5B\u001b[5;3~\u001b[1;9A',
    ['shift-up', 'ctrl-down', 'alt-pgup', 'other-up'].map(key),
  ],
  ['alt with a letter is not the letter', '\u001bq', [key('alt-q')]],
  ['shift-tab is not tab', '\u001b[Z', [key('shift-tab')]],
  ['unknown sequences are passed over whole', '\u001b[200~\u001b[99;4uq\u001b[?1;2c', [key('q')]],
  [
    'a press, a drag, a release',
    '\u001b[<0;5;3M\u001b[<32;5;9M\u001b[<0;5;9m',
    [
      { mouse: 'press', column: 4, row: 2 },
      { mouse: 'drag', column: 4, row: 8 },
      { mouse: 'release', column: 4, row: 8 },
    ],
  ],
  [
    'the wheel; with a modifier it is not ours',
    '\u001b[<64;1;1M\u001b[<65;1;1M\u001b[<68;1;1M',
    [
      { mouse: 'wheel-up', column: 0, row: 0 },
      { mouse: 'wheel-down', column: 0, row: 0 },
    ],
  ],
  ['letters of other scripts are keys without a meaning', 'é日', [key('é'), key('日')]],
];

test.each(ROWS)('%s', (_name, bytes, inputs) => {
  expect(new KeyReader().read(bytes)).toEqual(inputs);
  // Over a slow line each byte may come alone.
  const slow = new KeyReader();
  expect([...bytes].flatMap((char) => slow.read(char))).toEqual(inputs);
  expect(slow.isWaiting).toBe(false);
});

test('Escape alone waits, and what is forgotten does not change the next key', () => {
  const reader = new KeyReader();
  expect(reader.read('\u001b')).toEqual([]);
  expect(reader.isWaiting).toBe(true);
  reader.forget();
  expect(reader.read('q')).toEqual([key('q')]);
});
